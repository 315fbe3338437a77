// What a planned incident consists of, and what all kinds of plans need.

import { dayMs, hourMs } from '../../src/durations.ts';
import type { Random } from '../simulate/random.ts';
import type { Need } from './evidence.ts';
import type { Mix } from './replies.ts';
import { between } from './sample.ts';
import { averageDaily, type Mailing, type Part, type Sender, type SharedProvider } from './sender.ts';
import type { Effect, Span } from './sending.ts';
import type { Incident } from './types.ts';

export interface Plan {
  readonly truth: Omit<Incident, 'evident'>;
  readonly need: Need;
  readonly effects: readonly Effect[];
  /** Mailings that exist only because of the incident. */
  readonly mailings: readonly Mailing[];
}

export interface Planning {
  readonly random: Random;
  readonly sender: Sender;
  readonly span: Span;
  /** The index of the incident. */
  readonly index: number;
}

/** Plans one incident. Null if the sender has too little mail for it, or not the mail that it needs. */
export type Planner = (planning: Planning) => readonly Plan[] | null;

export const everyPart = (): boolean => true;

export const partsOf = ({ mailings }: Sender): Part[] => mailings.flatMap(({ parts }) => parts);

/** Messages a day that an effect reaches, on average. */
export const reached = (sender: Sender, matches: (provider: SharedProvider, part: Part) => boolean): number =>
  partsOf(sender).reduce(
    (sum, part) =>
      sum +
      averageDaily(part) *
        sender.providers.reduce(
          (total, provider) => total + (matches(provider, part) ? provider.share : 0),
          0,
        ),
    0,
  );

/**
 * Picks the time of an incident: it starts after the third day of the month in the working hours of people, and leaves
 * at least two days of the month.
 */
export function timeOf({ random, span }: Planning, leastHours: number, mostHours: number) {
  const hours = Math.round(leastHours * (mostHours / leastHours) ** random.unit());
  const first = span.from + 3 * dayMs;
  const last = span.to - 2 * dayMs - hours * hourMs;
  const from =
    first + Math.floor(((last - first) / dayMs) * random.unit()) * dayMs + (5 + random.below(14)) * hourMs;
  return { from, to: from + hours * hourMs, hours };
}

/** Providers with a name. Half of the time a small one is preferred, because small ones are easily overlooked. */
export function pickProvider(
  { random, sender }: Planning,
  isEnough: (provider: SharedProvider) => boolean,
): SharedProvider | null {
  const enough = sender.providers.filter((one) => one.name !== null && isEnough(one));
  if (enough.length === 0) return null;
  const sorted = enough.toSorted((one, other) => one.share - other.share);
  return random.unit() < 0.5 ? sorted[random.below(Math.ceil(sorted.length / 3))]! : random.pick(sorted);
}

export const named = (providers: readonly SharedProvider[]): string[] =>
  providers.flatMap(({ name }) => (name === null ? [] : [name]));

/** An effect with a steady rate on the mail to some providers. */
export function steady(
  { index }: Planning,
  time: { readonly from: number; readonly to: number },
  as: Effect['as'],
  rates: ReadonlyMap<SharedProvider, number>,
  mix: (provider: SharedProvider) => Mix,
  matchesPart: (part: Part) => boolean = everyPart,
  expires = 0,
): Effect {
  return {
    incident: index,
    from: time.from,
    to: time.to,
    as,
    matches: (provider, part) => (rates.get(provider) ?? 0) > 0 && matchesPart(part),
    rate: (_, provider) => rates.get(provider)!,
    mix,
    expires,
  };
}

/** A severity from barely worth a word (`low`) to `high`. Middle values are as frequent as both ends. */
export const severity = ({ random }: Planning, low: number, high: number): number =>
  between(random, low, high);

/** Whether an effect is expected to give enough failures within a few days, with a margin. */
export const isVisible = (daily: number, rate: number, hours: number, need: Need): boolean =>
  ((daily * Math.min(hours, 72)) / 24) * rate > 2.5 * need.failures;

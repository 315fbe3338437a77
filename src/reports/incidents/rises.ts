// Finds rates that rose. A rise needs an effect (a rate and a ratio that matter), and it must be improbable as chance: so
// improbable that all comparisons of a look together rarely find a rise in ordinary mail.

import { dayMs, hourMs } from '../../durations.ts';
import { hasOpen, isAftermath } from './known.ts';
import { chanceOfCount } from './overdispersed.ts';
import { type Measure, type Series, sumBetween } from './series.ts';
import { baselineOf, exposureSince, type Look, riseHours, sentSince, usualRate } from './usual.ts';

export interface FoundRise {
  readonly series: Series;
  readonly measure: Measure;
  readonly from: number;
  readonly messages: number;
  /** Number of messages sent, or of all bounces if the volume is unknown. */
  readonly exposure: number;
  readonly rate: number;
  readonly rateBefore: number;
  /** `rate` divided by `rateBefore`. */
  readonly ratio: number;
  /** Number of failures beyond the usual ones. */
  readonly excess: number;
  readonly chance: number;
}

export interface RiseLimits {
  readonly rate: number;
  readonly ratio: number;
  /** Minimum share of all bounces. It replaces `rate` if the volume is unknown. */
  readonly share: number;
}

export interface RiseOptions {
  readonly hours?: readonly number[];
  /** Milliseconds between the usual days and the window. Without this gap, a slow rise would count as usual. */
  readonly gapMs?: number;
  /**
   * Returns the failures of the rest of the mail since a time. A rise must stand out from the rest too.
   */
  readonly elsewhere?: (from: number) => Elsewhere;
}

export interface Elsewhere {
  readonly rate: number;
  /** The number of failures divided by the usual number. */
  readonly ratio: number;
}

/** Minimum number of failures: the higher the rate, the fewer are needed. */
const leastCount = (rate: number, isVolumeKnown: boolean): number =>
  !isVolumeKnown ? 20 : rate >= 0.5 ? 5 : rate >= 0.1 ? 8 : rate >= 0.02 ? 12 : 8;

/** While an incident about a rate is open, the limits of the rate are lowered to this part. */
export const stillOpen = { ease: 0.6, mostChance: 1e-3 } as const;
/** A new rise must be at least this many times as high as `highRate`, the high rate of a usual day. */
const aboveHigh = 1.3;
/** The rate of the rest of the mail is used only if that mail has at least this many messages. */
const fewElsewhere = 50;

/**
 * How much higher a rate must be if nothing is known about the sender. Full mailboxes and soft bounces differ most from
 * sender to sender: at some providers, 3% of the mailboxes of an old list are always full.
 */
const unknownSender: Readonly<Record<Measure, number>> = {
  ...{ hard: 1.6, policy: 1.6, delay: 1.6, complaint: 1.6 },
  soft: 5,
  full: 15,
};

/** Returns the most significant rise of a rate that lasts until now; null if there is none. */
export function riseOf(
  look: Look,
  series: Series,
  measure: Measure,
  limits: RiseLimits,
  { hours = riseHours, gapMs = 0, elsewhere = () => ({ rate: 0, ratio: 1 }) }: RiseOptions = {},
): FoundRise | null {
  let best: FoundRise | null = null;
  // An open incident lasts while the rate is high, even if it would not be enough to open one.
  const isOpen = hasOpen(look, series, measure);
  const ease = isOpen ? stillOpen.ease : 1;
  const mostChance = isOpen ? stillOpen.mostChance : look.mostChance;
  for (const length of look.isVolumeKnown ? hours : hours.filter((one) => one === 24 || one === 72)) {
    const from = look.until - length * hourMs;
    const messages = sumBetween(series, measure, from, look.until);
    if (messages < 5) continue;
    const exposure = exposureSince(look, series, measure, from);
    if (exposure === null || exposure === 0) continue;
    const rate = messages / exposure;
    const least = ease * (look.isVolumeKnown ? limits.rate : limits.share);
    if (rate < least || messages < leastCount(rate, look.isVolumeKnown)) continue;
    if (!isCurrent(look, series, measure, { from, rate })) continue;
    const usual = usualRate(look, series, measure, from - gapMs, gapMs);
    if (look.isVolumeKnown ? !usual.isKnown && rate < least * unknownSender[measure] : !usual.isKnown)
      continue;
    if (!look.isVolumeKnown && messages < 3 * ease * usual.busyDay) continue;
    const rest = elsewhere(from);
    const expected = exposure * Math.max(usual.rate * Math.max(1, rest.ratio), rest.rate);
    if (messages < Math.max(1, ease * limits.ratio) * expected) continue;
    if (!isOpen && rate < aboveHigh * baselineOf(look, series, measure, from - gapMs).highRate) continue;
    if (length >= 24 && isAftermath(look, series, measure, { from, usualRate: usual.rate })) continue;
    const chance = chanceOfCount(messages, expected, usual.size);
    if (chance > mostChance || (best !== null && chance >= best.chance)) continue;
    best = riseWith({ series, measure, from, messages, exposure, chance }, usual.rate);
  }
  return best === null ? null : shortened(look, best, hours);
}

/** The same rise over the shortest time that has nine of ten of its failures. */
function shortened(look: Look, rise: FoundRise, hours: readonly number[]): FoundRise {
  const { series, measure, chance } = rise;
  for (const length of hours) {
    const from = look.until - length * hourMs;
    if (from <= rise.from) break;
    const messages = sumBetween(series, measure, from, look.until);
    const exposure = exposureSince(look, series, measure, from);
    if (exposure === null || messages < 0.9 * rise.messages) continue;
    return riseWith({ series, measure, from, messages, exposure, chance }, rise.rateBefore);
  }
  return rise;
}

/** The part of a rise that belongs to a series, as a separate rise. */
export function partOf(look: Look, { measure, from, chance }: FoundRise, series: Series): FoundRise {
  const messages = sumBetween(series, measure, from, look.until);
  const exposure = exposureSince(look, series, measure, from) ?? messages;
  return riseWith(
    { series, measure, from, messages, exposure, chance },
    usualRate(look, series, measure, from).rate,
  );
}

export const riseWith = (
  rise: Pick<FoundRise, 'series' | 'measure' | 'from' | 'messages' | 'exposure' | 'chance'>,
  rateBefore: number,
): FoundRise => {
  const rate = rise.messages / rise.exposure;
  return {
    ...rise,
    rate,
    rateBefore,
    ratio: rate / rateBefore,
    excess: rise.messages - rise.exposure * rateBefore,
  };
};

/** Whether the latest mail of the window still fails, at a third of the rate of the window or more. */
function isCurrent(
  look: Look,
  series: Series,
  measure: Measure,
  { from, rate }: { readonly from: number; readonly rate: number },
): boolean {
  const length = look.until - from;
  const recentMs = length > dayMs ? dayMs : 6 * hourMs;
  if (length <= recentMs) return true;
  const recent = sumBetween(series, measure, look.until - recentMs, look.until);
  const expected = rate * (sentSince(look, series, look.until - recentMs) ?? 0);
  if (expected >= 5) return recent >= expected / 3;
  if (length <= dayMs) return true;
  // If little mail was sent in the last day, use three days.
  const since = look.until - Math.min(length, 3 * dayMs);
  const lately = sumBetween(series, measure, since, look.until);
  return recent > 0 && lately >= (rate * (sentSince(look, series, since) ?? 0)) / 3;
}

/** The failures since `from` of all mail but that of `series`. */
export function elsewhereOf(look: Look, series: Series, measure: Measure): (from: number) => Elsewhere {
  return (from) => {
    const { all } = look.series;
    const count = sumBetween(all, measure, from, look.until) - sumBetween(series, measure, from, look.until);
    const whole = exposureSince(look, all, measure, from) ?? 0;
    const exposure = look.isVolumeKnown
      ? Math.max(0, whole - (exposureSince(look, series, measure, from) ?? 0))
      : whole;
    const usual = usualRate(look, all, measure, from);
    return {
      rate: exposure < fewElsewhere || !look.isVolumeKnown ? 0 : count / exposure,
      ratio: (count + 0.5) / (exposure * usual.rate + 0.5),
    };
  };
}

// Finds out why soft bounces and deferrals rose: an outage of one provider, rate limits, full mailboxes, sending in
// bursts, or the reputation of the sender.

import { dayMs, hourMs } from '../../durations.ts';
import { isSendersFault } from './blocks.ts';
import { findBursts } from './bursts.ts';
import { type IncidentFinding, isRecent, largest, shareOfCauses } from './finding.ts';
import { findFullMailboxes } from './full.ts';
import { type FoundRise, partOf, riseOf } from './rises.ts';
import { mailBetween, type Series, sumBetween } from './series.ts';
import { trendOf } from './trend.ts';
import { exposureSince, type Look, mostQueuedMs, usualRate } from './usual.ts';

type TemporaryMeasure = 'soft' | 'delay';

const providerLimits = {
  soft: { rate: 0.06, ratio: 4, share: 0.5 },
  delay: { rate: 0.15, ratio: 4, share: 2 },
} as const;
const overallLimits = {
  soft: { rate: 0.018, ratio: 2.5, share: 0.6 },
  delay: { rate: 0.15, ratio: 3, share: 2 },
} as const;
/** Deferrals are an incident only if they are many in at least this many hours of a day, because retries solve a short fault. */
const leastHours = { one: 4, all: 10 } as const;

export function findTemporary(look: Look): IncidentFinding[] {
  const bursts = findBursts(look);
  const waiting = bursts === null ? failuresOf(look, 'delay') : [bursts];
  const failing = failuresOf(look, 'soft');
  return [...findFullMailboxes(look), ...onePerScope([...failing, ...waiting])];
}

/**
 * Merges soft bounces and deferrals with the same scope into one incident, because deferred messages become soft bounces when
 * they expire.
 */
const onePerScope = (findings: readonly IncidentFinding[]): IncidentFinding[] =>
  [...Map.groupBy(findings, ({ scope }) => scope.provider ?? null).values()].map((own) =>
    own.reduce((best, one) => (one.rise.excess > best.rise.excess ? one : best)),
  );

const providersOf = (look: Look): Series[] =>
  look.series.groups.provider.filter((series) => isRecent(look, series));

/** Failures at most providers are one incident about the sender. Failures at a few providers are an incident for each of them. */
function failuresOf(look: Look, measure: TemporaryMeasure): IncidentFinding[] {
  const rises = providersOf(look)
    .map((series) => riseOf(look, series, measure, providerLimits[measure]))
    .filter((rise) => rise !== null);
  const whole = overallRise(look, measure);
  const found = [whole, ...rises].filter((rise) => rise !== null);
  if (found.length === 0) return [];
  const general = whole ?? partOf(look, largest(rises), look.series.all);
  const { raised, untouched } = spreadOf(look, general);
  if (isBroad(raised, untouched))
    return lasts(look, general, leastHours.all) && whole !== null
      ? [
          {
            kind: isSendersFault(look, whole) ? 'sender_block' : 'soft_rise',
            scope: {},
            rise: whole,
            measures: [measure],
            providers: raised,
          },
        ]
      : [];
  return rises
    .filter((rise) => rise.series.name !== null && lasts(look, rise, leastHours.one))
    .filter((rise) => !isLateEnd(look, rise))
    .map((rise) => atOne(look, rise));
}

function overallRise(look: Look, measure: TemporaryMeasure): FoundRise | null {
  const { all } = look.series;
  const limits = overallLimits[measure];
  if (measure === 'delay') return riseOf(look, all, measure, limits);
  return (
    riseOf(look, all, measure, limits, { hours: [24, 72, 168], gapMs: 3 * dayMs }) ??
    riseOf(look, all, measure, limits, { hours: [72, 168], gapMs: 7 * dayMs }) ??
    trendOf(look, all, measure, limits)
  );
}

function kindAt(look: Look, rise: FoundRise): IncidentFinding['kind'] {
  const limited = shareOfCauses(look, rise.series, rise, ({ reason }) => reason === 'rate_limited');
  if (limited > 0.5) return 'rate_limited';
  return isSendersFault(look, rise) ? 'provider_block' : 'provider_outage';
}

function atOne(look: Look, rise: FoundRise): IncidentFinding {
  return {
    kind: kindAt(look, rise),
    scope: { provider: rise.series.name! },
    rise,
    measures: [rise.measure],
    providers: [rise.series],
  };
}

interface Spread {
  /** Providers at which the rate is at least twice the usual one. */
  readonly raised: readonly Series[];
  /** Providers that get enough mail to show the rise, but do not show it. */
  readonly untouched: readonly Series[];
}

function spreadOf(look: Look, { measure, from, rate }: FoundRise): Spread {
  const raised: Series[] = [];
  const untouched: Series[] = [];
  for (const series of providersOf(look)) {
    const messages = sumBetween(series, measure, from, look.until);
    const exposure = exposureSince(look, series, measure, from) ?? 0;
    if (exposure * rate < 4) continue;
    const own = messages / exposure;
    const usual = usualRate(look, series, measure, from).rate;
    const isRaised = messages >= 3 && own >= 1.8 * usual && own >= usual + rate / 4;
    (isRaised ? raised : untouched).push(series);
  }
  return { raised, untouched };
}

/** Whether at least three of four providers fail. Two are enough if there are no others. */
const isBroad = (raised: readonly Series[], untouched: readonly Series[]): boolean =>
  raised.length >= (untouched.length === 0 ? 2 : 3) && untouched.length <= raised.length / 3;

/**
 * Whether deferrals are many in several hours of the last day. Always true for soft bounces, because they come only after many
 * retries.
 */
function lasts(look: Look, { series, measure, rate }: FoundRise, hours: number): boolean {
  if (measure !== 'delay') return true;
  let striking = 0;
  const now = Math.ceil(look.until / hourMs) * hourMs;
  for (let start = now - dayMs; start < now; start += hourMs) {
    const messages = sumBetween(series, measure, start, start + hourMs);
    if (messages >= 3 && messages >= Math.max(rate / 3, 0.1) * triesIn(series, start)) striking++;
  }
  return striking >= hours;
}

/** An upper estimate of the delivery attempts in an hour: deferred messages are tried again one and three hours later. */
function triesIn(series: Series, start: number): number {
  const mail = (hours: number) => mailBetween(series, start - hours * hourMs, start - (hours - 1) * hourMs);
  return mail(0) + mail(1) / 2 + mail(3) / 4;
}

/** Whether the soft bounces are messages that expired after an earlier incident at this provider deferred them. */
const isLateEnd = (look: Look, { series, measure, from, excess }: FoundRise): boolean =>
  measure === 'soft' &&
  look.known.some(
    ({ kind, scope, seenAt, evidence }) =>
      (kind === 'rate_limited' || kind === 'provider_outage') &&
      scope.provider === series.name &&
      seenAt < look.until - dayMs / 2 &&
      seenAt >= from - mostQueuedMs &&
      excess <= evidence.messages,
  );

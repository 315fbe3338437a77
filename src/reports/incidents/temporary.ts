// Finds out why soft bounces and deferrals rose: an outage of one provider, rate limits, full mailboxes, sending in
// bursts, or the reputation of the sender.

import { dayMs } from '../../durations.ts';
import { findBursts } from './bursts.ts';
import { type IncidentFinding, isRecent, largest, riseOfAll } from './finding.ts';
import { type FoundRise, riseOf } from './rises.ts';
import { type Measure, type Series, sumBetween } from './series.ts';
import { trendOf } from './trend.ts';
import { exposureSince, type Look, usualRate } from './usual.ts';

const outageLimits = {
  soft: { rate: 0.06, ratio: 4, share: 0.5 },
  delay: { rate: 0.15, ratio: 4, share: 2 },
} as const;
const overallLimits = {
  soft: { rate: 0.035, ratio: 3, share: 0.6 },
  delay: { rate: 0.15, ratio: 3, share: 2 },
} as const;
/** For soft bounces of all mail that rise over weeks. */
const slowLimits = { rate: 0.03, ratio: 2.5, share: 2 } as const;
const limitedLimits = {
  one: { rate: 0.08, ratio: 4, share: 0.5 },
  all: { rate: 0.04, ratio: 3.5, share: 0.5 },
} as const;
const fullLimits = {
  one: { rate: 0.06, ratio: 4, share: 0.5 },
  all: { rate: 0.015, ratio: 3, share: 0.4 },
} as const;

export function findTemporary(look: Look): IncidentFinding[] {
  const bursts = findBursts(look);
  const found = [
    ...(bursts === null ? [] : [bursts]),
    ...limitedFinding(look, bursts !== null),
    ...fullFinding(look),
    ...failuresOf(look, bursts === null ? ['soft', 'delay'] : ['soft']),
  ];
  return found;
}

const providersOf = (look: Look): Series[] =>
  look.series.groups.provider.filter((series) => isRecent(look, series));

const risesAt = (look: Look, measure: Measure, limits: Parameters<typeof riseOf>[3]): FoundRise[] =>
  providersOf(look)
    .map((series) => riseOf(look, series, measure, limits))
    .filter((rise) => rise !== null);

function limitedFinding(look: Look, hasBursts: boolean): IncidentFinding[] {
  if (hasBursts) return [];
  const rise = riseOf(look, look.series.all, 'limited', limitedLimits.all);
  const rises = risesAt(look, 'limited', limitedLimits.one);
  if (rise === null && rises.length === 0) return [];
  return [oneOrMany(look, 'rate_limited', 'limited', { rise, rises })];
}

function fullFinding(look: Look): IncidentFinding[] {
  const rise =
    riseOf(look, look.series.all, 'full', fullLimits.all) ??
    riseOf(look, look.series.all, 'full', fullLimits.all, { hours: [168], gapMs: 7 * dayMs }) ??
    trendOf(look, look.series.all, 'full', fullLimits.all);
  const rises = risesAt(look, 'full', fullLimits.one);
  if (rise === null && rises.length === 0) return [];
  return [oneOrMany(look, 'mailboxes_full', 'full', { rise, rises })];
}

/** An incident of one provider if it has four of five failures beyond the usual ones, else of all. */
function oneOrMany(
  look: Look,
  kind: 'rate_limited' | 'mailboxes_full',
  measure: Measure,
  { rise, rises }: { readonly rise: FoundRise | null; readonly rises: readonly FoundRise[] },
): IncidentFinding {
  const whole = rise ?? riseOfAll(look, rises);
  const top = rises.length === 0 ? null : largest(rises);
  const isOne =
    top !== null &&
    top.series.name !== null &&
    (rise === null
      ? rises.length === 1
      : excessSince(look, top.series, measure, whole.from) >= 0.8 * whole.excess);
  const main = isOne ? top : whole;
  const affected = isOne ? [top.series] : rises.map(({ series }) => series);
  return {
    kind,
    scope: isOne ? { provider: top.series.name! } : {},
    rise: main,
    measures: [measure],
    providers: affected,
  };
}

const excessSince = (look: Look, series: Series, measure: Measure, from: number): number =>
  sumBetween(series, measure, from, look.until) -
  (exposureSince(look, series, measure, from) ?? 0) * usualRate(look, series, measure, from).rate;

/** Soft bounces and deferrals of other reasons: at one provider an outage, at several the sender's reputation. */
function failuresOf(look: Look, watched: readonly ('soft' | 'delay')[]): IncidentFinding[] {
  for (const measure of watched) {
    const rises = risesAt(look, measure, outageLimits[measure]);
    const whole = overallRise(look, measure);
    const found = [whole, ...rises].filter((rise) => rise !== null);
    if (found.length === 0) continue;
    const raised = raisedAt(look, measure, largest(found));
    const named = rises.filter(({ series }) => series.name !== null);
    const spread = new Set([...rises.map(({ series }) => series), ...raised]);
    const top = named.length === 0 ? null : largest(named);
    if (top !== null && isConcentrated(look, measure, named, spread))
      return named.map((rise) => ({
        kind: 'provider_outage',
        scope: { provider: rise.series.name! },
        rise,
        measures: [measure],
        providers: [rise.series],
      }));
    const rise = whole ?? riseOfAll(look, rises);
    return [{ kind: 'soft_rise', scope: {}, rise, measures: [measure], providers: [...spread] }];
  }
  return [];
}

function overallRise(look: Look, measure: 'soft' | 'delay'): FoundRise | null {
  const { all } = look.series;
  const limits = overallLimits[measure];
  return (
    riseOf(look, all, measure, limits) ??
    (measure === 'soft'
      ? (riseOf(look, all, measure, slowLimits, { hours: [72, 168], gapMs: 7 * dayMs }) ??
        trendOf(look, all, measure, slowLimits))
      : null)
  );
}

/** Providers at which the rate is at least twice the usual one since the start of a rise. */
const raisedAt = (look: Look, measure: Measure, { from, rate }: FoundRise): Series[] =>
  providersOf(look).filter((series) => {
    const messages = sumBetween(series, measure, from, look.until);
    const exposure = exposureSince(look, series, measure, from) ?? 0;
    if (messages < 3 || exposure === 0) return false;
    const own = messages / exposure;
    return own >= 2 * usualRate(look, series, measure, from).rate && own >= rate / 4;
  });

/** Whether one or two providers fail and the others do not. */
function isConcentrated(
  look: Look,
  measure: Measure,
  named: readonly FoundRise[],
  spread: ReadonlySet<Series>,
): boolean {
  if (named.length > 2 || spread.size >= named.length + 3) return false;
  const { from } = largest(named);
  const own = named.reduce((sum, { series }) => sum + excessSince(look, series, measure, from), 0);
  const whole = Math.max(excessSince(look, look.series.all, measure, from), own);
  return own >= (named.length === 1 ? 0.6 : 0.85) * whole;
}

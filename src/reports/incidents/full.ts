// Finds more full mailboxes than usual, at one provider or at all providers.

import { dayMs } from '../../durations.ts';
import { type IncidentFinding, isRecent, largest, riseOfAll } from './finding.ts';
import { type FoundRise, riseOf } from './rises.ts';
import { type Series, sumBetween } from './series.ts';
import { trendOf } from './trend.ts';
import { exposureSince, type Look, usualRate } from './usual.ts';

const limits = {
  one: { rate: 0.006, ratio: 4, share: 0.5 },
  all: { rate: 0.006, ratio: 3.5, share: 0.4 },
} as const;
const hours = [24, 72, 168];
/** Reports of full mailboxes arrive over days, because mail servers give up at different times. */
const gapMs = 3 * dayMs;

export function findFullMailboxes(look: Look): IncidentFinding[] {
  const { all, groups } = look.series;
  const rise =
    riseOf(look, all, 'full', limits.all, { hours, gapMs }) ??
    riseOf(look, all, 'full', limits.all, { hours: [168], gapMs: 7 * dayMs }) ??
    trendOf(look, all, 'full', limits.all);
  const rises = groups.provider
    .filter((series) => isRecent(look, series))
    .map((series) => riseOf(look, series, 'full', limits.one, { hours, gapMs }))
    .filter((one) => one !== null);
  if (rise === null && rises.length === 0) return [];
  const whole = rise ?? riseOfAll(look, rises);
  const main = mainRise(look, rise, rises, whole);
  return [
    {
      kind: 'mailboxes_full',
      scope: main === null ? {} : { provider: main.series.name! },
      rise: main ?? whole,
      measures: ['full'],
      providers: main === null ? rises.map(({ series }) => series) : [main.series],
    },
  ];
}

/** The rise of one provider if it has most failures beyond the usual ones; null if several have them. */
function mainRise(
  look: Look,
  rise: FoundRise | null,
  rises: readonly FoundRise[],
  whole: FoundRise,
): FoundRise | null {
  const top = rises.length === 0 ? null : largest(rises);
  if (top === null || top.series.name === null) return null;
  const isOne =
    rise === null ? rises.length === 1 : excessSince(look, top.series, whole.from) >= 0.7 * whole.excess;
  return isOne ? top : null;
}

const excessSince = (look: Look, series: Series, from: number): number =>
  sumBetween(series, 'full', from, look.until) -
  (exposureSince(look, series, 'full', from) ?? 0) * usualRate(look, series, 'full', from).rate;

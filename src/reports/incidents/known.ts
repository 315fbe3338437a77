// How earlier incidents affect a rise. While an incident is open, lower limits apply to its rise. Failures that an earlier
// incident explains do not open a new one.

import { dayMs } from '../../durations.ts';
import { incidentFamilies, type StoredIncident } from './incident.ts';
import { type Measure, type Series, sumBetween, totalsBetween } from './series.ts';
import { familyOf, type Look, sentOf } from './usual.ts';

/** Kinds that only some measures of their family can show, or also one of another family. */
const measuresOfKind: Readonly<Partial<Record<StoredIncident['kind'], readonly Measure[]>>> = {
  soft_rise: ['soft', 'delay'],
  provider_outage: ['soft', 'delay'],
  rate_limited: ['soft', 'delay'],
  sending_bursts: [],
  provider_block: ['policy', 'delay'],
  sender_block: ['policy', 'delay'],
};

export const hasOpen = (look: Look, series: Series, measure: Measure): boolean =>
  look.known.some(
    (one) =>
      one.closedAt === null &&
      isAbout(one, series) &&
      (measuresOfKind[one.kind]?.includes(measure) ?? incidentFamilies[one.kind] === familyOf[measure]),
  );

/** Whether an incident has the scope of a series. */
const isAbout = ({ scope }: StoredIncident, { dimension, name }: Series): boolean =>
  dimension === 'all' ? Object.keys(scope).length === 0 : scope[dimension] === name;

/**
 * Whether most failures beyond the usual ones since `from` belong to another incident.
 */
export function isAftermath(
  look: Look,
  series: Series,
  measure: Measure,
  { from, usualRate: usual }: { readonly from: number; readonly usualRate: number },
): boolean {
  const excessIn = (start: number, end: number): number =>
    sumBetween(series, measure, start, end) - usual * (sentOf(totalsBetween(series, start, end)) ?? 0);
  const whole = excessIn(from, look.until);
  return look.known.some(
    (one) =>
      incidentFamilies[one.kind] === familyOf[measure] &&
      one.seenAt > from &&
      !(one.closedAt === null && isAbout(one, series)) &&
      excessIn(Math.max(from, Math.min(one.openedAt, one.evidence.from) - dayMs), one.seenAt) >= 0.5 * whole,
  );
}

// Finds the hour in which the refusals of an incident began. The counted time of an incident can begin hours before it.

import { hourMs } from '../durations.ts';
import type { EventCount, EventCounter } from '../reports/count.ts';
import { incidentFamilies, type StoredIncident } from '../reports/incidents/incident.ts';

/** Refusals begin with the first hour that has at least this share of the refusals of the worst hour, and at least this many. */
const leastShare = 0.1;
const leastMessages = 2;

/** The start of the first hour with such failures, in epoch milliseconds. */
export async function onsetOf(
  incident: StoredIncident,
  counter: Pick<EventCounter, 'count'>,
  now: number,
): Promise<number> {
  const { evidence, openedAt } = incident;
  const first = Math.min(openedAt, evidence.from);
  // Failures of other kinds happen all the time, so the counts do not show when a rise began.
  if (incidentFamilies[incident.kind] !== 'policy') return first;
  const counts = await counter.count({
    from: first,
    to: now + 1,
    by: 'reason',
    every: 'hour',
    causes: false,
  });
  return onsetIn(counts, new Set(evidence.reasons.slice(0, 1).map(({ reason }) => reason))) ?? first;
}

function onsetIn(counts: readonly EventCount[], reasons: ReadonlySet<string>): number | null {
  const hours = new Map<number, number>();
  for (const { period, name, tally } of counts)
    if (name !== null && reasons.has(name)) {
      const hour = Math.floor(period / hourMs) * hourMs;
      hours.set(hour, (hours.get(hour) ?? 0) + tally.policy);
    }
  const least = Math.max(leastMessages, leastShare * Math.max(0, ...hours.values()));
  const begun = [...hours].filter(([, messages]) => messages >= least).map(([hour]) => hour);
  return begun.length === 0 ? null : Math.min(...begun);
}

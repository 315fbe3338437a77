// Counts events by provider for the days of a time zone.

import { dayMs, hourMs } from '../durations.ts';
import type { Cause, EventCount, EventCounter } from './count.ts';
import { sum } from './tally.ts';
import { type ReportTimeZone, utc } from './time-zone.ts';

/** Maximum number of days whose hours are counted at once, to limit the memory. */
const mostDaysAtOnce = 92;

/**
 * Counts the events of the days from `first` to `last`, both included, by provider. Days are as `ReportTimeZone` represents them,
 * also the `period` of each count. `causes` is as in `CountQuery`. In UTC the storage counts days; in other zones it counts
 * hours, which are added up here.
 */
export async function countByDay(
  counter: EventCounter,
  timeZone: ReportTimeZone,
  first: number,
  last: number,
  causes = true,
): Promise<EventCount[]> {
  const asked = { by: 'provider', ...(!causes && { causes }) } as const;
  if (timeZone === utc) return counter.count({ from: first, to: last + dayMs, ...asked, every: 'day' });
  const days: EventCount[] = [];
  for (let start = first; start <= last; start += mostDaysAtOnce * dayMs) {
    const end = Math.min(start + mostDaysAtOnce * dayMs, last + dayMs);
    const hours = await counter.count({
      from: timeZone.startOf(start),
      to: timeZone.startOf(end),
      ...asked,
      every: 'hour',
    });
    days.push(...daysOfHours(hours, dayOfEachHour(timeZone, start, end)));
  }
  return days;
}

/** Returns the day of each hour of the days from `first` (included) to `end` (excluded), by the start of the hour. */
function dayOfEachHour(timeZone: ReportTimeZone, first: number, end: number): Map<number, number> {
  const dayOf = new Map<number, number>();
  for (let day = first, start = timeZone.startOf(first); day < end; day += dayMs) {
    const next = timeZone.startOf(day + dayMs);
    for (let hour = start; hour < next; hour += hourMs) dayOf.set(hour, day);
    start = next;
  }
  return dayOf;
}

function daysOfHours(hours: readonly EventCount[], dayOf: ReadonlyMap<number, number>): EventCount[] {
  const days = Map.groupBy(hours, ({ period }) => dayOf.get(period)!);
  return [...days].flatMap(([period, ofDay]) =>
    [...Map.groupBy(ofDay, ({ name }) => name)].map(([name, cells]) => ({
      period,
      name,
      tally: sum(cells.map(({ tally }) => tally)),
      causes: joinedCauses(cells.flatMap(({ causes }) => causes)),
    })),
  );
}

const joinedCauses = (causes: readonly Cause[]): Cause[] =>
  [...Map.groupBy(causes, ({ failure, reason, status }) => `${failure} ${reason} ${status}`).values()].map(
    (same) => ({ ...same[0]!, messages: same.reduce((total, { messages }) => total + messages, 0) }),
  );

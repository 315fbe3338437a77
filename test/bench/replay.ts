// Looks at the counts of a synthetic month as simple detectors of the tests do.

import type { HourlyCounts } from '../../bench/months/hourly-counts.ts';
import type { Found } from '../../bench/months/types.ts';
import { hourMs } from '../../src/durations.ts';
import type { MaybePromise } from '../../src/maybe-promise.ts';
import type { EventCounter } from '../../src/reports/count.ts';

/** An incident that is open when the detector looks. */
export type Open = Omit<Found, 'opened' | 'closed'>;

export type Look = (now: number, counter: EventCounter) => MaybePromise<readonly Open[]>;

const keyOf = ({ kind, provider, source, campaign, list }: Open): string =>
  JSON.stringify([kind, provider, source, campaign, list]);

/** Looks at the counts of a month every `everyHours`, at the ends of hours, and follows what opens and closes. */
export async function replay(hours: HourlyCounts, everyHours: number, look: Look): Promise<Found[]> {
  const found: Found[] = [];
  let open = new Map<string, number>();
  for (let now = hours.from + everyHours * hourMs; now <= hours.to; now += everyHours * hourMs) {
    const still = new Map<string, number>();
    for (const one of await look(now, hours.counterAt(now))) {
      const key = keyOf(one);
      if (still.has(key)) continue;
      still.set(key, open.get(key) ?? found.push({ ...one, opened: now, closed: null }) - 1);
    }
    for (const [key, index] of open) if (!still.has(key)) found[index] = { ...found[index]!, closed: now };
    open = still;
  }
  return found;
}

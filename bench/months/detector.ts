// The place where detectors of incidents are connected to the synthetic months.
//
// A detector sees only counts that were reported before the time at which it looks. `replay` looks at every hour, or
// every few hours, and turns what is open at each time into incidents that open and close.

import { hourMs } from '../../src/durations.ts';
import type { MaybePromise } from '../../src/maybe-promise.ts';
import type { EventCounter } from '../../src/reports/count.ts';
import type { DiagnosisKind, SenderStates } from './diagnosis.ts';
import type { HourlyCounts } from './hourly-counts.ts';
import type { Found } from './types.ts';

export type Detector = (hours: HourlyCounts) => MaybePromise<readonly Found[]>;

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

/**
 * The detector that `npm run simulate -- months` scores: connect `incidentsIn` of src/reports/incidents here, for example by
 * `replay(hours, 1, (now, counter) => …)`. Null while none is connected.
 */
export const connected: Detector | null = null;

/** Names the cause of what the counts show, from the counts and the sender's DNS before and after. */
export type Diagnose = (hours: HourlyCounts, dns: SenderStates) => MaybePromise<DiagnosisKind | null>;

/** The diagnosis that `npm run simulate -- diagnoses` scores; null while none is connected. */
export const connectedDiagnosis: Diagnose | null = null;

// Reports each drift once, whichever process finds it first, and again if it lasts a week.

import type { Database } from '../storage/database.ts';
import type { Drift } from './drift.ts';

/** Reports a drift. False: not delivered, try again later. */
export type TellDrift = (drift: Drift) => Promise<boolean>;

const weekMs = 7 * 86_400_000;

const claim = `
  INSERT INTO drift_alarms (of, name, direction, told_at) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT DO UPDATE SET told_at = excluded.told_at WHERE drift_alarms.told_at <= excluded.told_at - ?5`;

const release = 'DELETE FROM drift_alarms WHERE of = ? AND name = ? AND direction = ?';

/** Reports the drifts that were not reported within a week. `now` in epoch milliseconds. */
export async function tellDrifts(
  database: Database,
  drifts: readonly Drift[],
  tell: TellDrift,
  now: number,
): Promise<void> {
  for (const drift of drifts) {
    const key = [drift.of, drift.name ?? '', drift.direction];
    const { changes } = await database.run(claim, [...key, now, weekMs]);
    if (changes > 0 && !(await tell(drift))) await database.run(release, key);
  }
}

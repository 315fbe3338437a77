// Erases the data about one address in SQLite: node:sqlite and D1.

import type { ErasureRepository } from '../../events/erase.ts';
import type { Database } from '../database.ts';

const ofAddress = 'workspace = ? AND key_id = ? AND address_hash = ?';

// Two statements delete the delivery events of an address. Each event is in one of two partial indexes
// (`delivery_events_run` and `delivery_events_other`), and each statement repeats the condition of one index so that
// SQLite uses it.
const deleteRuns = `DELETE FROM delivery_events WHERE ${ofAddress} AND (class = 'soft' OR kind = 'delivered')`;
const deleteOthers = `DELETE FROM delivery_events WHERE ${ofAddress} AND NOT (class = 'soft' OR kind = 'delivered')`;
const deletePrediction = `DELETE FROM predictions WHERE ${ofAddress}`;
const deleteEngagement = `DELETE FROM engagement WHERE ${ofAddress}`;
const deleteChanges = `DELETE FROM suppression_changes WHERE ${ofAddress}`;
const clearExpired = `DELETE FROM suppressions WHERE ${ofAddress} AND expires_at <= ?`;
const removeEntry = `DELETE FROM suppressions WHERE ${ofAddress} AND reason IN ('bounce', 'manual')`;

export const createErasureRepository = (database: Database, workspace = 'default'): ErasureRepository => ({
  async erase({ keyId, addressHash, keepSuppression, now }) {
    const params = [workspace, keyId, addressHash];
    const [runs, others, predictions, , , , removed] = await database.batch([
      { sql: deleteRuns, params },
      { sql: deleteOthers, params },
      { sql: deletePrediction, params },
      { sql: deleteChanges, params },
      { sql: clearExpired, params: [...params, now] },
      { sql: deleteEngagement, params },
      ...(keepSuppression ? [] : [{ sql: removeEntry, params }]),
    ]);
    return {
      events: runs!.changes + others!.changes,
      predictions: predictions!.changes,
      suppressionRemoved: (removed?.changes ?? 0) > 0,
    };
  },
});

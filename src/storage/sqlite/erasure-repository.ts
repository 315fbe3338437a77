// Erases the data about one address in SQLite: node:sqlite and D1.

import type { ErasureRepository } from '../../events/erase.ts';
import type { Database } from '../database.ts';
import { auditStatement } from './audit-repository.ts';
import { eraseDomainSigns } from './domain-signs.ts';
import { isOfRun } from './event-columns.ts';

const ofAddress = 'workspace = ? AND key_id = ? AND address_hash = ?';

// Two statements delete the delivery events of an address. Each event is in one of two partial indexes
// (`delivery_events_run` and `delivery_events_other`), and each statement repeats the condition of one index so that
// SQLite uses it.
const deleteRuns = `DELETE FROM delivery_events WHERE ${ofAddress} AND ${isOfRun}`;
const deleteOthers = `DELETE FROM delivery_events WHERE ${ofAddress} AND NOT ${isOfRun}`;
const deletePrediction = `DELETE FROM predictions WHERE ${ofAddress}`;
const deleteEngagement = `DELETE FROM engagement WHERE ${ofAddress}`;
const deleteProof = `DELETE FROM mailbox_proofs WHERE ${ofAddress}`;
// `domain` is empty in the sums over all addresses, which stay.
const deleteDomain =
  "DELETE FROM strata INDEXED BY strata_domain WHERE workspace = ? AND domain = ? AND domain <> ''";
const deletePending = `DELETE FROM pending_proofs WHERE ${ofAddress}`;
const deleteChanges = `DELETE FROM suppression_changes WHERE ${ofAddress}`;
const clearExpired = `DELETE FROM suppressions WHERE ${ofAddress} AND expires_at <= ?`;

// Records the erasure for the files with older events, if there are any. A draft counts as a file, because the events that are
// being written to it may have been read before the erasure.
const recordForFiles = `
  INSERT INTO cold_erasures (workspace, key_id, address_hash, at)
  SELECT ?1, ?2, ?3, ?4
  WHERE EXISTS (SELECT 1 FROM cold_files WHERE workspace = ?1) OR EXISTS (SELECT 1 FROM cold_drafts WHERE workspace = ?1)`;
const countFiles = `
  SELECT (SELECT count(*) FROM cold_files WHERE workspace = ?1) + (SELECT count(*) FROM cold_drafts WHERE workspace = ?1) AS files`;

const removeEntry = `DELETE FROM suppressions WHERE ${ofAddress} AND reason IN ('bounce', 'manual')`;

export const createErasureRepository = (database: Database, workspace = 'default'): ErasureRepository => ({
  async erase({ keyId, addressHash, domainHash, keepSuppression, now, audit }) {
    const params = [workspace, keyId, addressHash];
    const [runs, others, predictions, , , recorded, , , , , , removed] = await database.batch([
      { sql: deleteRuns, params },
      { sql: deleteOthers, params },
      { sql: deletePrediction, params },
      { sql: deleteChanges, params },
      { sql: clearExpired, params: [...params, now] },
      { sql: recordForFiles, params: [...params, now] },
      { sql: deleteEngagement, params },
      { sql: deleteProof, params },
      { sql: deletePending, params },
      { sql: eraseDomainSigns, params },
      { sql: deleteDomain, params: [workspace, domainHash ?? ''] },
      ...(keepSuppression ? [] : [{ sql: removeEntry, params }]),
      ...(audit === undefined ? [] : [auditStatement(workspace, audit)]),
    ]);
    const waits = recorded!.changes > 0;
    return {
      events: runs!.changes + others!.changes,
      pendingFiles: waits ? (await database.first<{ files: number }>(countFiles, [workspace]))!.files : 0,
      predictions: predictions!.changes,
      suppressionRemoved: !keepSuppression && removed!.changes > 0,
    };
  },
});

// Verdicts whose mailbox proof is still to come, in SQLite: node:sqlite and D1.

import type { LeasedPending, PendingDelivery, PendingRepository } from '../../pending/pending-repository.ts';
import type { Database, Statement } from '../database.ts';

// A caller at its limit keeps no further row.
const insert = `
  INSERT INTO pending_proofs (id, workspace, request, caller, key_id, address_hash, state, sealed, created_at, next_at)
  SELECT value ->> 0, ?1, value ->> 1, ?2, ?3, value ->> 2, 'asking', value ->> 3, ?4, ?4
  FROM json_each(?5)
  WHERE NOT EXISTS (SELECT 1 FROM pending_proofs WHERE workspace = ?1 AND request = value ->> 1)
  LIMIT (SELECT max(0, CAST(?6 AS INTEGER) - count(*)) FROM pending_proofs WHERE workspace = ?1 AND caller = ?2)
  ON CONFLICT DO NOTHING`;

const due = 'next_at <= ?2 AND lease_until <= ?2';

const claim = `
  UPDATE pending_proofs SET lease_until = ?3, lease = lease + 1, attempts = attempts + (state = 'telling')
  WHERE id IN (
    SELECT id FROM pending_proofs WHERE workspace = ?1 AND state = ?4 AND ${due} ORDER BY next_at, id LIMIT ?5
  )
  RETURNING id, key_id AS keyId, sealed, created_at AS createdAt, lease, attempts`;

const ours = 'id = ? AND lease = ?';

export function createPendingRepository(database: Database, workspace = 'default'): PendingRepository {
  /** Most of the time nothing is due. A read tells so without a write transaction. */
  const isDue = async (state: string, now: number): Promise<boolean> =>
    (await database.first(
      `SELECT 1 FROM pending_proofs WHERE workspace = ?1 AND state = ?3 AND ${due} LIMIT 1`,
      [workspace, now, state],
    )) !== null;
  const postpone = async ({ id, lease }: Pick<LeasedPending, 'id' | 'lease'>, nextAt: number) => {
    await database.run(`UPDATE pending_proofs SET next_at = ?, lease_until = 0 WHERE ${ours}`, [
      nextAt,
      id,
      lease,
    ]);
  };
  return {
    async add(rows, { caller, keyId, most, now }) {
      const values = JSON.stringify(
        rows.map(({ id, request, addressHash, sealed }) => [id, request, addressHash, sealed]),
      );
      const statement: Statement = { sql: insert, params: [workspace, caller, keyId, now, values, most] };
      await database.run(statement.sql, statement.params);
      const kept = await database.all<{ request: string }>(
        'SELECT request FROM pending_proofs WHERE workspace = ? AND request IN (SELECT value FROM json_each(?))',
        [workspace, JSON.stringify(rows.map(({ request }) => request))],
      );
      return new Set(kept.map(({ request }) => request));
    },

    async claimQuestions(now, leaseUntil, limit) {
      if (!(await isDue('asking', now))) return [];
      return database.all<LeasedPending>(claim, [workspace, now, leaseUntil, 'asking', limit]);
    },

    postponeQuestion: postpone,

    async proven({ id, lease }, sealed, now) {
      await database.run(
        `UPDATE pending_proofs SET state = 'telling', sealed = ?, next_at = ?, lease_until = 0
         WHERE state = 'asking' AND ${ours}`,
        [sealed, now, id, lease],
      );
    },

    async claimDelivery(now, leaseUntil) {
      if (!(await isDue('telling', now))) return null;
      const [row] = await database.all<PendingDelivery>(claim, [workspace, now, leaseUntil, 'telling', 1]);
      return row ?? null;
    },

    postponeDelivery: postpone,

    async remove({ id, lease }) {
      await database.run(`DELETE FROM pending_proofs WHERE ${ours}`, [id, lease]);
    },

    async hasDue(at) {
      return (await isDue('telling', at)) || isDue('asking', at);
    },

    async endLeases() {
      await database.run(
        'UPDATE pending_proofs SET lease_until = 0 WHERE workspace = ? AND lease_until > 0',
        [workspace],
      );
    },

    async deleteBefore(before) {
      const { changes } = await database.run(
        'DELETE FROM pending_proofs WHERE workspace = ? AND created_at < ?',
        [workspace, before],
      );
      return changes;
    },
  };
}

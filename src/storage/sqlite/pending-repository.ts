// Verdicts whose mailbox proof is still to come, in SQLite: node:sqlite and D1.

import type { LeasedPending, PendingDelivery, PendingRepository } from '../../pending/pending-repository.ts';
import type { Database } from '../database.ts';
import { createOutbox, type OutboxTable } from './outbox.ts';

// A caller at its limit keeps no further row.
const insert = `
  INSERT INTO pending_proofs (id, workspace, request, caller, key_id, address_hash, state, sealed, created_at, next_at)
  SELECT value ->> 0, ?1, value ->> 1, ?2, ?3, value ->> 2, 'asking', value ->> 3, ?4, ?4
  FROM json_each(?5)
  WHERE NOT EXISTS (SELECT 1 FROM pending_proofs WHERE workspace = ?1 AND request = value ->> 1)
  LIMIT (SELECT max(0, CAST(?6 AS INTEGER) - count(*)) FROM pending_proofs WHERE workspace = ?1 AND caller = ?2)
  ON CONFLICT DO NOTHING`;

/** D1 limits a parameter to 2 MB. A row is some 5 KB at most. */
const rowsAtOnce = 200;

/** A row keeps its time while it is leased, because a lease can be ended early (see `endLeases`). */
const pending: OutboxTable = {
  table: 'pending_proofs',
  key: 'id',
  waiting: 'workspace = ? AND state = ? AND lease_until <= ?',
  lease: "lease_until = ?, lease = lease + 1, attempts = attempts + (state = 'telling')",
  returned: 'id, key_id AS keyId, sealed, created_at AS createdAt, lease, attempts',
};

export function createPendingRepository(database: Database, workspace = 'default'): PendingRepository {
  const outbox = createOutbox(database, pending);
  type Leased = Pick<LeasedPending, 'id' | 'lease'>;
  const postpone = ({ id, lease }: Leased, nextAt: number) =>
    outbox.change({ id, lease }, { next_at: nextAt, lease_until: 0 });
  return {
    async add(rows, { caller, keyId, most, now }) {
      for (let from = 0; from < rows.length; from += rowsAtOnce) {
        const values = rows
          .slice(from, from + rowsAtOnce)
          .map(({ id, request, addressHash, sealed }) => [id, request, addressHash, sealed]);
        await database.run(insert, [workspace, caller, keyId, now, JSON.stringify(values), most]);
      }
      const kept = await database.all<{ request: string }>(
        'SELECT request FROM pending_proofs WHERE workspace = ? AND request IN (SELECT value FROM json_each(?))',
        [workspace, JSON.stringify(rows.map(({ request }) => request))],
      );
      return new Set(kept.map(({ request }) => request));
    },

    claimQuestions: (now, leaseUntil, limit) =>
      outbox.claim<LeasedPending>(now, leaseUntil, [workspace, 'asking', now], limit),

    postponeQuestion: postpone,

    proven: ({ id, lease }, sealed, now) =>
      outbox.change(
        { id, lease, state: 'asking' },
        { state: 'telling', sealed, next_at: now, lease_until: 0 },
      ),

    async claimDelivery(now, leaseUntil) {
      return (await outbox.claim<PendingDelivery>(now, leaseUntil, [workspace, 'telling', now]))[0] ?? null;
    },

    postponeDelivery: postpone,

    remove: ({ id, lease }) => outbox.remove({ id, lease }),

    async hasDue(at) {
      return (
        (await outbox.isDue(at, [workspace, 'telling', at])) || outbox.isDue(at, [workspace, 'asking', at])
      );
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

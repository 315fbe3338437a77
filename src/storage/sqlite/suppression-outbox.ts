// The changes of the suppression list that wait to be sent as webhooks, in SQLite: node:sqlite and D1. Triggers in the
// schema record the changes.

import type { ChangeMessage, SuppressionChange, SuppressionOutbox } from '../../events/change-webhook.ts';
import type { Database } from '../database.ts';
import { createOutbox, type OutboxTable } from './outbox.ts';

/**
 * Assigns up to ?2 waiting changes, the oldest first, to the message with the id ?1. A message has changes of one kind
 * only, `added` or `lifted`: here the kind of the oldest waiting change.
 */
const packed = `
  UPDATE suppression_changes SET message = ?1 WHERE id IN (
    SELECT id FROM suppression_changes
    WHERE message IS NULL AND kind = (SELECT kind FROM suppression_changes WHERE message IS NULL ORDER BY id LIMIT 1)
    ORDER BY id LIMIT ?2
  )`;

const created = `
  INSERT INTO suppression_messages (id, created_at, next_at)
  SELECT ?1, ?2, ?2 WHERE EXISTS (SELECT 1 FROM suppression_changes WHERE message = ?1)`;

const messages: OutboxTable = {
  table: 'suppression_messages',
  key: 'id',
  returned: 'id, created_at AS createdAt, attempts',
};

const changesOf = `
  SELECT kind, key_id AS keyId, address_hash AS addressHash, scope, reason, status, source, at, contact
  FROM suppression_changes WHERE message = ? ORDER BY id`;

export function createSuppressionOutbox(database: Database): SuppressionOutbox {
  const outbox = createOutbox(database, messages);
  return {
    async keep(isWanted) {
      await database.run(
        isWanted
          ? 'INSERT INTO suppression_webhook (id) VALUES (1) ON CONFLICT DO NOTHING'
          : 'DELETE FROM suppression_webhook',
      );
    },

    async pack(id, limit, now) {
      const waiting = await database.first('SELECT 1 FROM suppression_changes WHERE message IS NULL LIMIT 1');
      if (waiting === null) return false;
      const [changed] = await database.batch([
        { sql: packed, params: [id, limit] },
        { sql: created, params: [id, now] },
      ]);
      return changed!.changes > 0;
    },

    async claim(now, leaseUntil) {
      const [due] = await outbox.claim<Omit<ChangeMessage, 'changes'>>(now, leaseUntil);
      if (due === undefined) return null;
      return { ...due, changes: await database.all<SuppressionChange>(changesOf, [due.id]) };
    },

    async settle(id) {
      await database.batch([
        { sql: 'DELETE FROM suppression_changes WHERE message = ?', params: [id] },
        { sql: 'DELETE FROM suppression_messages WHERE id = ?', params: [id] },
      ]);
    },

    async waiting() {
      const row = await database.first<{ waiting: number }>(
        'SELECT count(*) AS waiting FROM suppression_changes',
      );
      return row!.waiting;
    },

    postpone: (id, nextAt) => outbox.change({ id }, { next_at: nextAt }),
  };
}

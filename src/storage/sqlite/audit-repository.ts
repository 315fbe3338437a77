// The audit in SQLite: node:sqlite and D1.

import type { Actor, AuditEntry, AuditRepository, NewAuditEntry } from '../../audit/audit.ts';
import type { Database, SqlValue, Statement } from '../database.ts';

interface Row extends Omit<AuditEntry, 'actor'> {
  readonly actor: Actor['kind'];
  readonly keyId: string | null;
}

const columns = 'workspace, at, actor, key_id, action, subject';

const valuesOf = (workspace: string, { at, actor, action, subject }: NewAuditEntry): SqlValue[] => [
  workspace,
  at,
  actor.kind,
  actor.keyId,
  action,
  subject,
];

/** Records the act, for the transaction in which it happens. With `where`, only if that finds a row. */
export function auditStatement(workspace: string, entry: NewAuditEntry, where?: Statement): Statement {
  const condition = where === undefined ? '' : ` WHERE EXISTS (${where.sql})`;
  return {
    sql: `INSERT INTO audit_entries (${columns}, amount) SELECT ?, ?, ?, ?, ?, ?, ?${condition}`,
    params: [...valuesOf(workspace, entry), entry.amount, ...(where?.params ?? [])],
  };
}

/** Records the act with the number of rows that `from` (a FROM clause) has; nothing if it has none. */
export const countingAuditStatement = (
  workspace: string,
  entry: NewAuditEntry,
  from: Statement,
): Statement => ({
  sql: `INSERT INTO audit_entries (${columns}, amount)
    SELECT ?, ?, ?, ?, ?, ?, counted.amount FROM (SELECT count(*) AS amount ${from.sql}) AS counted WHERE counted.amount > 0`,
  params: [...valuesOf(workspace, entry), ...(from.params ?? [])],
});

export const createAuditRepository = (database: Database, workspace = 'default'): AuditRepository => ({
  async add(entry) {
    const { sql, params } = auditStatement(workspace, entry);
    await database.run(sql, params);
  },

  async page({ action, actor, keyId, subject, from, to }, before, limit) {
    const conditions: (readonly [sql: string, value: SqlValue | undefined])[] = [
      ['action = ?', action],
      ['actor = ?', actor],
      ['key_id = ?', keyId],
      ['subject = ?', subject],
      ['at >= ?', from],
      ['at < ?', to],
      ['id < ?', before ?? undefined],
    ];
    const given = conditions.filter((one): one is readonly [string, SqlValue] => one[1] !== undefined);
    const rows = await database.all<Row>(
      `SELECT id, at, actor, key_id AS keyId, action, subject, amount FROM audit_entries
       WHERE workspace = ?${given.map(([sql]) => ` AND ${sql}`).join('')} ORDER BY id DESC LIMIT ?`,
      [workspace, ...given.map(([, value]) => value), limit],
    );
    return rows.map(({ actor: kind, keyId: id, ...row }) => ({ ...row, actor: { kind, keyId: id } }));
  },

  async deleteBefore(at) {
    await database.run('DELETE FROM audit_entries WHERE workspace = ? AND at < ?', [workspace, at]);
  },
});

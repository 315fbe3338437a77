// API keys in SQLite: node:sqlite and D1.

import type { Key, KeyKind, Scope } from '../../keys/key.ts';
import type { KeyRepository } from '../../keys/key-store.ts';
import type { Database } from '../database.ts';
import { auditStatement } from './audit-repository.ts';

interface Row extends Omit<Key, 'kind' | 'scopes' | 'origins'> {
  readonly kind: KeyKind;
  /** The scopes as JSON. Null: the key has every scope. */
  readonly scopes: string | null;
  /** The origins as JSON. */
  readonly origins: string;
}

const columns = `id, kind, name, prefix, scopes, origins, created_at AS createdAt, expires_at AS expiresAt,
  revoked_at AS revokedAt, replaced_by AS replacedBy, last_used_on AS lastUsedOn`;

/**
 * The condition that a key is current: not revoked, not replaced and not expired. Rotating a key inserts its successor
 * and updates the key, and both statements have this condition. So only one of two concurrent rotations succeeds.
 */
const isCurrent =
  'workspace = ? AND id = ? AND revoked_at IS NULL AND replaced_by IS NULL AND (expires_at IS NULL OR expires_at > ?)';

export function createKeyRepository(database: Database, workspace = 'default'): KeyRepository {
  const findBy = async (column: 'id' | 'hash', value: string): Promise<Key | null> => {
    const sql = `SELECT ${columns} FROM api_keys WHERE workspace = ? AND ${column} = ?`;
    const row = await database.first<Row>(sql, [workspace, value]);
    return row && readRow(row);
  };

  const keyWith = (id: string, condition = '') => ({
    sql: `SELECT 1 FROM api_keys WHERE workspace = ? AND id = ?${condition}`,
    params: [workspace, id],
  });

  return {
    get: (id) => findBy('id', id),
    findByHash: (hash) => findBy('hash', hash),

    async insert(key, hash, audit) {
      const insert = {
        sql: `INSERT INTO api_keys (workspace, id, hash, kind, name, prefix, scopes, origins, created_at)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          workspace,
          key.id,
          hash,
          key.kind,
          key.name,
          key.prefix,
          key.scopes && JSON.stringify(key.scopes),
          JSON.stringify(key.origins),
          key.createdAt,
        ],
      };
      await database.batch(audit === undefined ? [insert] : [insert, auditStatement(workspace, audit)]);
    },

    async list() {
      const rows = await database.all<Row>(
        `SELECT ${columns} FROM api_keys WHERE workspace = ? ORDER BY created_at DESC, id`,
        [workspace],
      );
      return rows.map(readRow);
    },

    async hasAny() {
      return (
        (await database.first('SELECT 1 FROM api_keys WHERE workspace = ? LIMIT 1', [workspace])) !== null
      );
    },

    async replace(id, successor, expiresAt, audit) {
      const { createdAt } = successor;
      const [inserted] = await database.batch([
        {
          sql: `INSERT INTO api_keys (workspace, id, hash, kind, name, prefix, scopes, origins, created_at)
                SELECT workspace, ?, ?, kind, name, ?, scopes, origins, ? FROM api_keys WHERE ${isCurrent}`,
          params: [successor.id, successor.hash, successor.prefix, createdAt, workspace, id, createdAt],
        },
        {
          sql: `UPDATE api_keys SET expires_at = ?, replaced_by = ? WHERE ${isCurrent}`,
          params: [expiresAt, successor.id, workspace, id, createdAt],
        },
        ...(audit === undefined ? [] : [auditStatement(workspace, audit, keyWith(successor.id))]),
      ]);
      return inserted!.changes > 0;
    },

    async revoke(id, at, audit) {
      const revoke = {
        sql: 'UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE workspace = ? AND id = ?',
        params: [at, workspace, id],
      };
      // The entry comes first: afterwards it would not be known whether the key was revoked before.
      const isValid = keyWith(id, ' AND revoked_at IS NULL');
      const before = audit === undefined ? [] : [auditStatement(workspace, audit, isValid)];
      return (await database.batch([...before, revoke])).at(-1)!.changes > 0;
    },

    async noteUse(id, day) {
      await database.run('UPDATE api_keys SET last_used_on = ? WHERE workspace = ? AND id = ?', [
        day,
        workspace,
        id,
      ]);
    },
  };
}

const readRow = ({ scopes, origins, ...row }: Row): Key => ({
  ...row,
  scopes: scopes === null ? null : (JSON.parse(scopes) as Scope[]),
  origins: JSON.parse(origins) as string[],
});

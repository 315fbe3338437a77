// Keys in the database.

import type { Database } from '../storage/database.ts';
import type { Key, KeyKind, NewKey, Scope } from './key.ts';
import { makeKeyId, makeKeyText, shownPrefix } from './key-text.ts';

/** A key with its text, which is known only at this moment. */
export interface MadeKey {
  readonly text: string;
  readonly key: Key;
}

export type RotateOutcome =
  | ({ readonly kind: 'rotated' } & MadeKey)
  | { readonly kind: 'unknown' }
  /** It was revoked, has expired, or was rotated before: rotate its successor instead. */
  | { readonly kind: 'not_current' };

export interface KeyStore {
  create(key: NewKey): Promise<MadeKey>;
  /** All keys ever created, latest first. */
  list(): Promise<Key[]>;
  get(id: string): Promise<Key | null>;
  findByHash(hash: string): Promise<Key | null>;
  /** Whether a key was ever created. */
  anyMade(): Promise<boolean>;
  /** Creates a key with the same rights; the old one stays valid for `overlapMs` milliseconds. */
  rotate(id: string, overlapMs: number): Promise<RotateOutcome>;
  /** Revokes a key at once. False if no key has that id. */
  revoke(id: string): Promise<boolean>;
  /** Records the day on which the key was used. */
  noteUse(id: string, day: string): Promise<void>;
}

export interface KeyStorePorts {
  readonly database: Database;
  /** Lower-case hex SHA-256 of a text as UTF-8. */
  readonly sha256: (text: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Row {
  readonly id: string;
  readonly kind: KeyKind;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string | null;
  readonly origins: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly replaced_by: string | null;
  readonly last_used_on: string | null;
}

const columns =
  'id, kind, name, prefix, scopes, origins, created_at, expires_at, revoked_at, replaced_by, last_used_on';

/** Keys in the table `api_keys` of `database`. Rejects if the database fails. */
export function createKeyStore({ database, sha256, now }: KeyStorePorts): KeyStore {
  const get = async (id: string): Promise<Key | null> => {
    const row = await database.first<Row>(`SELECT ${columns} FROM api_keys WHERE id = ?`, [id]);
    return row && readRow(row);
  };

  return {
    get,
    async create(key) {
      const text = makeKeyText(key.kind);
      const made: Key = {
        id: makeKeyId(),
        kind: key.kind,
        name: key.name,
        prefix: shownPrefix(text),
        scopes: key.kind === 'secret' ? key.scopes : null,
        origins: key.kind === 'publishable' ? key.origins : [],
        createdAt: now(),
        expiresAt: null,
        revokedAt: null,
        replacedBy: null,
        lastUsedOn: null,
      };
      await database.run(
        'INSERT INTO api_keys (id, hash, kind, name, prefix, scopes, origins, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        [
          made.id,
          sha256(text),
          made.kind,
          made.name,
          made.prefix,
          made.scopes && JSON.stringify(made.scopes),
          JSON.stringify(made.origins),
          made.createdAt,
        ],
      );
      return { text, key: made };
    },
    async list() {
      const rows = await database.all<Row>(`SELECT ${columns} FROM api_keys ORDER BY created_at DESC, id`);
      return rows.map(readRow);
    },
    async findByHash(hash) {
      const row = await database.first<Row>(`SELECT ${columns} FROM api_keys WHERE hash = ?`, [hash]);
      return row && readRow(row);
    },
    async anyMade() {
      return (await database.first('SELECT 1 FROM api_keys LIMIT 1')) !== null;
    },
    async rotate(id, overlapMs) {
      const old = await get(id);
      if (old === null) return { kind: 'unknown' };
      const text = makeKeyText(old.kind);
      const newId = makeKeyId();
      const at = now();
      // Of two simultaneous rotations one finds the key already replaced: both statements require a current key.
      const current =
        'id = ? AND revoked_at IS NULL AND replaced_by IS NULL AND (expires_at IS NULL OR expires_at > ?)';
      const [inserted] = await database.batch([
        {
          sql: `INSERT INTO api_keys (id, hash, kind, name, prefix, scopes, origins, created_at)
                SELECT ?, ?, kind, name, ?, scopes, origins, ? FROM api_keys WHERE ${current}`,
          params: [newId, sha256(text), shownPrefix(text), at, id, at],
        },
        {
          sql: `UPDATE api_keys SET expires_at = ?, replaced_by = ? WHERE ${current}`,
          params: [at + overlapMs, newId, id, at],
        },
      ]);
      if (inserted!.changes === 0) return { kind: 'not_current' };
      return { kind: 'rotated', text, key: (await get(newId))! };
    },
    async revoke(id) {
      const { changes } = await database.run(
        'UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?',
        [now(), id],
      );
      return changes > 0;
    },
    async noteUse(id, day) {
      await database.run('UPDATE api_keys SET last_used_on = ? WHERE id = ?', [day, id]);
    },
  };
}

const readRow = (row: Row): Key => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as Scope[]),
  origins: JSON.parse(row.origins) as string[],
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  replacedBy: row.replaced_by,
  lastUsedOn: row.last_used_on,
});

// The Database port on the synchronous SQLite that Node carries.

import type { Database, SqlValue, Statement } from './database.ts';

/** The part of node:sqlite's StatementSync that is used. */
export interface SqliteStatement {
  all(...params: SqlValue[]): unknown[];
  get(...params: SqlValue[]): unknown;
  run(...params: SqlValue[]): { readonly changes: number | bigint };
}

/** The part of node:sqlite's DatabaseSync that is used. */
export interface SqliteLike {
  readonly isTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
}

/** The program's own statements are some dozens; the bound is for whoever builds SQL out of values. */
const preparedAtMost = 256;

/**
 * In WAL mode a reader never waits for a writer, and a second process (an import beside the service) waits up to
 * five seconds for its turn to write. `synchronous = FULL` costs one fsync a commit: an unsubscribe that was
 * acknowledged is on disk, so that a power cut cannot lose it. Many writes belong in one batch for that reason.
 */
const settings = `
  PRAGMA busy_timeout = 5000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;`;

/**
 * The Database port over one open `DatabaseSync`. Whoever opened it closes it.
 *
 * Each call runs to its end in one turn of the event loop, so that no other statement can slip into a batch.
 */
export function nodeSqliteDatabase(sqlite: SqliteLike): Database {
  sqlite.exec(settings);
  const prepared = new Map<string, SqliteStatement>();

  function prepare(sql: string): SqliteStatement {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = sqlite.prepare(sql);
    if (prepared.size >= preparedAtMost) prepared.delete(prepared.keys().next().value!);
    prepared.set(sql, statement);
    return statement;
  }

  const change = ({ sql, params = [] }: Statement) => ({
    changes: Number(prepare(sql).run(...params).changes),
  });

  return {
    async all<Row>(sql: string, params: readonly SqlValue[] = []) {
      return prepare(sql).all(...params) as Row[];
    },
    async first<Row>(sql: string, params: readonly SqlValue[] = []) {
      return (prepare(sql).get(...params) ?? null) as Row | null;
    },
    async run(sql, params = []) {
      return change({ sql, params });
    },
    async batch(statements) {
      return inTransaction(sqlite, () => statements.map(change));
    },
  };
}

/**
 * Runs `work` in one write transaction and gives back what it returns; rolls all of it back when it throws.
 * IMMEDIATE takes the write lock first, where a lock taken halfway could be refused without waiting.
 */
export function inTransaction<T>(sqlite: SqliteLike, work: () => T): T {
  sqlite.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    sqlite.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk or a failed COMMIT may have ended the transaction already.
    if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
    throw error;
  }
}

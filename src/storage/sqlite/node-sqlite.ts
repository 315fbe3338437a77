// The Database port on the synchronous SQLite that Node carries.

import type { Database, SqlValue, Statement } from '../database.ts';

/** The part of node:sqlite's StatementSync that is used. */
export interface SqliteStatement {
  all(...params: SqlValue[]): unknown[];
  get(...params: SqlValue[]): unknown;
  run(...params: SqlValue[]): { readonly changes: number | bigint };
}

/** The part of node:sqlite's DatabaseSync that is used. */
export interface SqliteLike {
  readonly isOpen: boolean;
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
 * `atEndOfTurn` runs what it is given when the turn is over. Where it is absent, each read locks the file by itself.
 */
export function nodeSqliteDatabase(
  sqlite: SqliteLike,
  { atEndOfTurn }: { readonly atEndOfTurn?: (work: () => void) => void } = {},
): Database {
  sqlite.exec(settings);
  const prepared = new Map<string, Prepared>();
  const reads = readsTogether(sqlite, atEndOfTurn);

  function prepare(sql: string): SqliteStatement {
    let known = prepared.get(sql);
    if (known === undefined) {
      known = { statement: sqlite.prepare(sql), onlyReads: /^\s*SELECT\b/i.test(sql) };
      if (prepared.size >= preparedAtMost) prepared.delete(prepared.keys().next().value!);
      prepared.set(sql, known);
    }
    if (known.onlyReads) reads.begin();
    else reads.end();
    return known.statement;
  }

  const change = ({ sql, params = [] }: Statement) => ({
    changes: Number(prepare(sql).run(...params).changes),
  });

  return {
    all<Row>(sql: string, params: readonly SqlValue[] = []) {
      try {
        return prepare(sql).all(...params) as Row[];
      } catch (error) {
        return Promise.reject(error);
      }
    },
    first<Row>(sql: string, params: readonly SqlValue[] = []) {
      try {
        return (prepare(sql).get(...params) ?? null) as Row | null;
      } catch (error) {
        return Promise.reject(error);
      }
    },
    async run(sql, params = []) {
      return change({ sql, params });
    },
    async batch(statements) {
      reads.end();
      return inTransaction(sqlite, () => statements.map(change));
    },
  };
}

interface Prepared {
  readonly statement: SqliteStatement;
  readonly onlyReads: boolean;
}

/**
 * The reads of one turn under one lock: to take and drop it costs two system calls, more than a look-up does. What is
 * written here ends them first and so is seen by the next; what another process writes, from the next turn on.
 */
function readsTogether(sqlite: SqliteLike, atEndOfTurn: ((work: () => void) => void) | undefined) {
  let isReading = false;

  function end(): void {
    if (!isReading) return;
    isReading = false;
    // A read that failed may have ended them already.
    if (sqlite.isOpen && sqlite.isTransaction) sqlite.exec('COMMIT');
  }

  return {
    begin(): void {
      if (isReading || atEndOfTurn === undefined || sqlite.isTransaction) return;
      sqlite.exec('BEGIN');
      isReading = true;
      atEndOfTurn(end);
    },
    end,
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

// The Database port on node:sqlite.

import type { Database, SqlValue, Statement } from '../database.ts';

/** The part of `StatementSync` in node:sqlite that this code uses. */
export interface SqliteStatement {
  all(...params: SqlValue[]): unknown[];
  get(...params: SqlValue[]): unknown;
  run(...params: SqlValue[]): { readonly changes: number | bigint };
}

/** The part of `DatabaseSync` in node:sqlite that this code uses. */
export interface SqliteLike {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
}

/**
 * Maximum number of prepared statements in the cache. The service itself has a few dozen; the limit is for callers that
 * build SQL from values.
 */
const preparedAtMost = 256;

/**
 * In WAL mode a reader never waits for a writer. With `synchronous = FULL` every commit waits until the data is on disk
 * (fsync), so an unsubscribe that was acknowledged survives a power cut. Since a commit is slow, put many writes into
 * one batch.
 */
const settings = `
  PRAGMA busy_timeout = 5000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;`;

/**
 * Limits how long SQLite blocks the event loop while a statement waits for a lock. Call it after `migrate`: during a
 * migration SQLite must wait longer, because another process that started at the same time may be migrating.
 */
export function limitBusyWait(sqlite: Pick<SqliteLike, 'exec'>): void {
  sqlite.exec('PRAGMA busy_timeout = 1');
}

/**
 * Prepares a connection that stores events. Their keys are random, so each commit reads and writes many different pages. It keeps 16 MB
 * of pages in memory instead of 2 MB. So that a statement can be undone alone, SQLite copies the pages that it changes, and 64 KB of
 * them would already go to a temporary file. A checkpoint after 4000 pages instead of 1000 writes fewer pages twice. Together they
 * take a sixth of the processor time.
 */
export function writeManyPages(sqlite: Pick<SqliteLike, 'exec'>): void {
  sqlite.exec('PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000');
}

/**
 * If the WAL file has many pages, a commit also moves them to the database file (a checkpoint), which takes some ten
 * milliseconds. If `byOthers` is true, this connection leaves the checkpoint to the other connections of the process, unless the
 * WAL file has 16,000 pages.
 */
export function checkpointBy(sqlite: Pick<SqliteLike, 'exec'>, byOthers: boolean): void {
  sqlite.exec(`PRAGMA wal_autocheckpoint = ${byOthers ? 16_000 : 1000}`);
}

/** Milliseconds after which a statement is given up because another process still holds the write lock. */
const patienceMs = 5000;
const longestPauseMs = 50;

export interface NodeSqliteOptions {
  /**
   * Runs `work` at the end of the current turn of the event loop. With it, all reads of a turn share one transaction.
   * If absent, each read locks the file on its own.
   */
  readonly atEndOfTurn?: (work: () => void) => void;
  /** Waits between two attempts to get a lock. The default is a timer. */
  readonly pause?: (ms: number) => Promise<void>;
}

/**
 * Returns the Database port for an open `DatabaseSync`. The caller closes the database.
 *
 * A batch runs within one turn of the event loop, so no other statement of this process comes between its statements.
 * While another process holds the write lock, writes are retried in order, without blocking the event loop. After five
 * seconds they reject with SQLITE_BUSY.
 */
export function nodeSqliteDatabase(
  sqlite: SqliteLike,
  { atEndOfTurn, pause = timerPause }: NodeSqliteOptions = {},
): Database {
  sqlite.exec(settings);
  const prepared = new Map<string, Prepared>();
  const reads = readsTogether(sqlite, atEndOfTurn);
  const retried = retries(pause);

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

  /** Runs a read. It returns without a promise unless the database is locked. */
  function query<T>(work: () => T): T | Promise<T> {
    try {
      return work();
    } catch (error) {
      return isBusy(error) ? retried.alone(work) : Promise.reject(error);
    }
  }

  return {
    all<Row>(sql: string, params: readonly SqlValue[] = []) {
      return query(() => prepare(sql).all(...params) as Row[]);
    },
    first<Row>(sql: string, params: readonly SqlValue[] = []) {
      return query(() => (prepare(sql).get(...params) ?? null) as Row | null);
    },
    run(sql, params = []) {
      return retried.inOrder(() => change({ sql, params }));
    },
    batch(statements) {
      return retried.inOrder(() => {
        reads.end();
        return inTransaction(sqlite, () => statements.map(change));
      });
    },
  };
}

/**
 * Returns whether an error is SQLITE_BUSY (5) or one of its extended codes. The lowest byte of an extended code is the
 * primary code.
 */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;

const timerPause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function retries(pause: (ms: number) => Promise<void>) {
  /** The write that began to wait for the lock last; null if no write is waiting. */
  let last: Promise<unknown> | null = null;

  async function alone<T>(work: () => T, waitedMs = 0): Promise<T> {
    for (let ms = 1, waited = waitedMs; ; ms = Math.min(ms * 2, longestPauseMs)) {
      await pause(ms);
      waited += ms;
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || waited >= patienceMs) throw error;
      }
    }
  }

  async function inOrder<T>(work: () => T): Promise<T> {
    if (last === null) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
    const earlier = last;
    const mine = (async () => {
      // If the earlier write was given up because of the lock, this write has also waited for too long. So it is tried
      // only once more.
      let hasFailed = false;
      await earlier?.catch((error: unknown) => {
        hasFailed = isBusy(error);
      });
      return alone(work, hasFailed ? patienceMs : 0);
    })();
    last = mine;
    try {
      return await mine;
    } finally {
      if (last === mine) last = null;
    }
  }

  return { alone, inOrder };
}

interface Prepared {
  readonly statement: SqliteStatement;
  readonly onlyReads: boolean;
}

/**
 * Runs all reads of one turn of the event loop in one transaction, because locking and unlocking the file takes longer
 * than a lookup. A write of this process ends the transaction first, so later reads see what it wrote. Writes of other
 * processes become visible in the next turn.
 */
function readsTogether(sqlite: SqliteLike, atEndOfTurn: ((work: () => void) => void) | undefined) {
  let isReading = false;

  function end(): void {
    if (!isReading) return;
    isReading = false;
    // A read that failed may have ended the transaction already.
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
 * Runs `work` in one write transaction and returns its result. If `work` throws, the transaction is rolled back. BEGIN
 * IMMEDIATE takes the write lock at the beginning, where SQLite waits for it; taking the lock later can fail without
 * waiting.
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

// The Database port on node:sqlite.

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

/** Limit of cached statements. The service has a few dozen; the limit is for callers that build SQL from values. */
const preparedAtMost = 256;

/**
 * In WAL mode a reader never waits for a writer. `synchronous = FULL` costs one fsync a commit: an acknowledged
 * unsubscribe is on disk and survives a power cut. Put many writes into one batch for that reason.
 */
const settings = `
  PRAGMA busy_timeout = 5000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;`;

/**
 * Limits how long one statement blocks the event loop while it waits for a lock. Call it after `migrate`, where a second
 * process that starts at the same time may need to wait longer.
 */
export function limitBusyWait(sqlite: Pick<SqliteLike, 'exec'>): void {
  sqlite.exec('PRAGMA busy_timeout = 5');
}

/** Total milliseconds that a statement waits while another process holds the write lock. */
const patienceMs = 5000;
const longestPauseMs = 50;

export interface NodeSqliteOptions {
  /** Runs `work` at the end of the turn of the event loop. If absent, each read locks the file separately. */
  readonly atEndOfTurn?: (work: () => void) => void;
  /** Waits between two attempts to get a lock; a timer by default. */
  readonly pause?: (ms: number) => Promise<void>;
}

/**
 * The Database port over one open `DatabaseSync`. The caller closes it.
 *
 * Each attempt completes in one turn of the event loop, so no other statement interrupts a batch. While another process
 * holds the write lock, writes wait in order without blocking the event loop. After five seconds they reject with
 * SQLITE_BUSY.
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

  /** Synchronous unless the database is locked. */
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

/** SQLITE_BUSY (5) and its extended codes, which carry the primary one in their lowest byte. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;

const timerPause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function retries(pause: (ms: number) => Promise<void>) {
  /** The last write that is waiting for the lock; null if none is. */
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
      // If the earlier write gave up on the lock, this one has waited as long and tries only once more.
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
 * Runs the reads of one turn of the event loop in one transaction, because locking and unlocking the file takes longer
 * than a lookup. A write of this process ends the transaction first, so later reads see it. Reads see writes of other
 * processes from the next turn on.
 */
function readsTogether(sqlite: SqliteLike, atEndOfTurn: ((work: () => void) => void) | undefined) {
  let isReading = false;

  function end(): void {
    if (!isReading) return;
    isReading = false;
    // A failed read may have ended the transaction.
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
 * Runs `work` in one write transaction and returns its result; rolls back if it throws. IMMEDIATE takes the write lock
 * at the beginning, where SQLite waits for it. A lock that is taken later can fail without waiting.
 */
export function inTransaction<T>(sqlite: SqliteLike, work: () => T): T {
  sqlite.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    sqlite.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk or a failed COMMIT may have ended the transaction.
    if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
    throw error;
  }
}

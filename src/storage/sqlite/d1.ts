// The Database port on a Cloudflare D1 binding.

import { TimeoutError, withTimeout } from '../../maybe-promise.ts';
import type { Changes, Database, SqlValue } from '../database.ts';

export interface D1ResultLike {
  readonly results: unknown[];
  readonly meta: { readonly changes?: number };
}

export interface D1StatementLike {
  bind(...params: SqlValue[]): D1StatementLike;
  all(): Promise<D1ResultLike>;
  run(): Promise<D1ResultLike>;
}

/** The part of a D1 binding that this code uses. */
export interface D1Like<S extends D1StatementLike = D1StatementLike> {
  prepare(sql: string): S;
  batch(statements: S[]): Promise<D1ResultLike[]>;
}

const changesOf = ({ meta }: D1ResultLike): Changes => ({ changes: meta.changes ?? 0 });

/**
 * Milliseconds until a query is given up. D1 itself stops a query only after 30 seconds, but the senders of webhooks
 * wait only about ten seconds for a response.
 */
const defaultTimeoutMs = 10_000;

/**
 * Returns the Database port for a D1 binding. D1 allows at most 100 parameters of at most 2 MB each, so pass many
 * values as one parameter with JSON.
 *
 * Errors get a `code` that `storageFault` reads. A write that was given up after the timeout may still take effect.
 */
export function d1Database(d1: D1Like, timeoutMs = defaultTimeoutMs): Database {
  const statement = (sql: string, params: readonly SqlValue[] = []) => d1.prepare(sql).bind(...params);

  async function answerOf<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await withTimeout(call(), timeoutMs);
    } catch (error) {
      throw withCode(error);
    }
  }

  async function all<Row>(sql: string, params?: readonly SqlValue[]) {
    return (await answerOf(() => statement(sql, params).all())).results as Row[];
  }

  return {
    all,
    async first<Row>(sql: string, params?: readonly SqlValue[]) {
      return (await all<Row>(sql, params))[0] ?? null;
    },
    async run(sql, params) {
      return changesOf(await answerOf(() => statement(sql, params).run()));
    },
    async batch(statements) {
      // D1 rejects an empty batch, but the Database port allows one.
      if (statements.length === 0) return [];
      const results = await answerOf(() =>
        d1.batch(statements.map(({ sql, params }) => statement(sql, params))),
      );
      return results.map(changesOf);
    },
  };
}

const withCode = (error: unknown): unknown =>
  // A TypeError is a bug in this program: the statement was not even sent. It gets no code, so it does not count as a
  // fault of the storage.
  error instanceof Error && !(error instanceof TypeError)
    ? Object.assign(error, { code: d1Code(error) })
    : error;

/**
 * Finds the code of an error of D1. Its message has D1's own code and often SQLite's, as in "D1_ERROR: database is
 * locked: SQLITE_BUSY". If the connection to D1 fails, the message has neither, as in "Network connection lost.".
 * https://developers.cloudflare.com/d1/observability/debug-d1/#error-list
 */
function d1Code(error: Error): string {
  if (error instanceof TimeoutError) return 'D1_TIMEOUT';
  const { message } = error;
  if (/maximum DB size/i.test(message)) return 'D1_FULL';
  if (/constraint failed/.test(message)) return 'SQLITE_CONSTRAINT';
  if (/syntax error/.test(message)) return 'SQLITE_ERROR';
  return /SQLITE_[A-Z]+/.exec(message)?.[0] ?? /^D1_\w+/.exec(message)?.[0] ?? 'D1_NETWORK';
}

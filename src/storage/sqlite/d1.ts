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

/** The part of a D1 binding that is used. */
export interface D1Like<S extends D1StatementLike = D1StatementLike> {
  prepare(sql: string): S;
  batch(statements: S[]): Promise<D1ResultLike[]>;
}

const changesOf = ({ meta }: D1ResultLike): Changes => ({ changes: meta.changes ?? 0 });

/** Milliseconds. Senders of webhooks wait about this long for a response. D1 itself stops a query after 30 s. */
const defaultTimeoutMs = 10_000;

/**
 * The Database port over a D1 binding. D1 allows at most 100 parameters of at most 2 MB each: pass many values as one JSON
 * parameter.
 *
 * Every error has a `code` that `storageFault` reads. A write that timed out may still happen.
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
      // D1 rejects an empty batch. The port allows one.
      if (statements.length === 0) return [];
      const results = await answerOf(() =>
        d1.batch(statements.map(({ sql, params }) => statement(sql, params))),
      );
      return results.map(changesOf);
    },
  };
}

const withCode = (error: unknown): unknown =>
  // A TypeError is a bug of ours, before anything was sent.
  error instanceof Error && !(error instanceof TypeError)
    ? Object.assign(error, { code: d1Code(error) })
    : error;

/**
 * D1 puts its own code and SQLite's into the message: "D1_ERROR: database is locked: SQLITE_BUSY". An error of the connection
 * to D1, such as "Network connection lost.", has neither.
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

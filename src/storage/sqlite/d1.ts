// The Database port on a Cloudflare D1 binding.

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

/** D1 allows at most 100 parameters of at most 2 MB each: pass many values as one JSON parameter. */
export function d1Database(d1: D1Like): Database {
  const statement = (sql: string, params: readonly SqlValue[] = []) => d1.prepare(sql).bind(...params);

  async function all<Row>(sql: string, params?: readonly SqlValue[]) {
    return (await statement(sql, params).all()).results as Row[];
  }

  return {
    all,
    async first<Row>(sql: string, params?: readonly SqlValue[]) {
      return (await all<Row>(sql, params))[0] ?? null;
    },
    async run(sql, params) {
      return changesOf(await statement(sql, params).run());
    },
    async batch(statements) {
      // D1 rejects an empty batch. The port allows one.
      if (statements.length === 0) return [];
      return (await d1.batch(statements.map(({ sql, params }) => statement(sql, params)))).map(changesOf);
    },
  };
}

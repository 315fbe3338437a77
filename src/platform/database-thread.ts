// The database in a thread of its own, so that no request waits for a long read, or for the disk when work in the background is stored.

import type { Changes, Database, SqlValue, Statement } from '../storage/database.ts';
import { createOnDemandHelper, startThread } from './on-demand-helper.ts';

export interface DatabaseThread {
  readonly database: Database;
  /** Waits until all statements are answered, and ends the thread. */
  close(): Promise<void>;
}

/** What the thread is asked for: the operations of the Database port. */
export type DatabaseQuestion =
  | { readonly kind: 'all' | 'run'; readonly sql: string; readonly params: readonly SqlValue[] }
  | { readonly kind: 'batch'; readonly statements: readonly Statement[] };

const idleMs = 30_000;

/** Returns the Database port for a SQLite file that this process has opened in WAL mode. */
export function createDatabaseThread(path: string): DatabaseThread {
  const thread = createOnDemandHelper({
    start: () =>
      startThread('database-thread-program', {
        workerData: path,
        resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
      }),
    idleMs,
  });
  const ask = <Answer>(question: DatabaseQuestion) => thread.ask(question) as Promise<Answer>;
  const read = <Row>(sql: string, params: readonly SqlValue[] = []) =>
    ask<Row[]>({ kind: 'all', sql, params });
  return {
    database: {
      all: read,
      first: async <Row>(sql: string, params?: readonly SqlValue[]) =>
        (await read<Row>(sql, params))[0] ?? null,
      run: (sql, params = []) => ask<Changes>({ kind: 'run', sql, params }),
      batch: (statements) => ask<Changes[]>({ kind: 'batch', statements }),
    },
    close: () => thread.close(),
  };
}

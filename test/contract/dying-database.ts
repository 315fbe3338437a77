// A database whose process is killed at one of its statements.

import type { Database } from '../../src/storage/database.ts';

export const death = new Error('killed');

/** A database whose process dies at its nth statement from now on. */
export function diesAt(database: Database, nth: number, when: 'before' | 'after'): Database {
  let statements = 0;
  const counted = async <T>(work: () => T | Promise<T>): Promise<T> => {
    statements += 1;
    if (statements > nth || (statements === nth && when === 'before')) throw death;
    const result = await work();
    if (statements === nth) throw death;
    return result;
  };
  return {
    all: (sql, params) => counted(() => database.all(sql, params)),
    first: (sql, params) => counted(() => database.first(sql, params)),
    run: (sql, params) => counted(() => database.run(sql, params)),
    batch: (batch) => counted(() => database.batch(batch)),
  } as Database;
}

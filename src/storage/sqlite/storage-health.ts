// Whether SQLite accepts reads and writes: node:sqlite and D1.

import { withTimeout } from '../../maybe-promise.ts';
import type { Database } from '../database.ts';

// In one transaction, so the row is never visible. A full disk or a lock fails the write, not the read. 64 KiB do not fit
// into the free parts of pages, which take small writes even when the disk is full.
const write = [
  {
    sql: "INSERT OR REPLACE INTO job_uploads (id, began_at) VALUES ('readiness' || hex(zeroblob(32768)), 0)",
  },
  { sql: "DELETE FROM job_uploads WHERE id LIKE 'readiness%'" },
];

const read = 'SELECT 1 FROM suppressions LIMIT 1';

/** Milliseconds that an answer may take, and that the result of a write is reused: it costs a sync of the disk. */
const timeoutMs = 2000;
const reusedMs = 5000;

export interface StorageHealth {
  /** Returns the error of a read or a write that failed or took longer than two seconds; null if storage works. */
  check(): Promise<unknown>;
}

/** `now` returns epoch milliseconds. */
export function createStorageHealth(database: Database, now: () => number): StorageHealth {
  let last: { readonly error: unknown; readonly at: number } | null = null;
  return {
    async check() {
      const readError = await failure(Promise.resolve(database.first(read)));
      if (readError !== null) return readError;
      const at = now();
      if (last !== null && at - last.at < reusedMs) return last.error;
      const error = await failure(database.batch(write));
      last = { error, at };
      return error;
    },
  };
}

const failure = (answer: Promise<unknown>): Promise<unknown> =>
  withTimeout(answer, timeoutMs).then(
    () => null,
    (error: unknown) => error,
  );

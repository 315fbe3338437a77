// Checks whether SQLite accepts reads and writes: node:sqlite and D1.

import { withTimeout } from '../../maybe-promise.ts';
import type { Database } from '../database.ts';

// The write test. It is needed because reads still work on a full disk or under a lock. One transaction inserts a row
// and deletes it, so the row is never visible. The id of the row has 64 KiB, because a small row could find free space
// in the file even on a full disk.
const write = [
  {
    sql: "INSERT OR REPLACE INTO job_uploads (id, began_at) VALUES ('readiness' || hex(zeroblob(32768)), 0)",
  },
  { sql: "DELETE FROM job_uploads WHERE id LIKE 'readiness%'" },
];

const read = 'SELECT 1 FROM suppressions LIMIT 1';

const timeoutMs = 2000;
/** Milliseconds for which the result of the write test is reused, because each write test waits for the disk. */
const reusedMs = 5000;

export interface StorageHealth {
  /**
   * Tests reading and writing. Returns the error if one of them fails or takes longer than two seconds; null if storage
   * works.
   */
  check(): Promise<unknown>;
}

/** Creates the check. `now` returns epoch milliseconds. */
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

// Queries that run before the service starts, or to find out whether it can.

import type { SqliteLike } from './node-sqlite.ts';

type Readable = Pick<SqliteLike, 'prepare'>;

/**
 * Returns whether the suppression list has an entry. If it does, the key for hashing addresses must not change: an
 * entry matches its address only under the key that it was hashed with.
 */
export const holdsSuppressions = (sqlite: Readable): boolean =>
  sqlite.prepare('SELECT 1 FROM suppressions LIMIT 1').get() !== undefined;

/** Returns whether an API key was ever created. */
export const holdsKeys = (sqlite: Readable): boolean =>
  sqlite.prepare('SELECT 1 FROM api_keys LIMIT 1').get() !== undefined;

/**
 * Takes the write lock and gives it back, waiting at most two seconds for another process.
 * @throws Error if the database cannot be written.
 */
export function requireWritable(sqlite: Pick<SqliteLike, 'exec'>): void {
  sqlite.exec('PRAGMA busy_timeout = 2000; BEGIN IMMEDIATE; ROLLBACK');
}

// Queries that run before the service starts.

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

// Checks of the database file before the service starts.

import type { SqliteLike } from './node-sqlite.ts';

type Readable = Pick<SqliteLike, 'prepare'>;

/** True if the suppression list has an entry. Entries match addresses only under the key that they were hashed with. */
export const holdsSuppressions = (sqlite: Readable): boolean =>
  sqlite.prepare('SELECT 1 FROM suppressions LIMIT 1').get() !== undefined;

/** True if an API key was ever created. */
export const holdsKeys = (sqlite: Readable): boolean =>
  sqlite.prepare('SELECT 1 FROM api_keys LIMIT 1').get() !== undefined;

// What a process asks of its database file before it starts to serve.

import type { SqliteLike } from './node-sqlite.ts';

type Readable = Pick<SqliteLike, 'prepare'>;

/** True if the suppression list has an entry: without the key it was hashed under, it matches no address. */
export const holdsSuppressions = (sqlite: Readable): boolean =>
  sqlite.prepare('SELECT 1 FROM suppressions LIMIT 1').get() !== undefined;

/** True if an API key was ever created. */
export const holdsKeys = (sqlite: Readable): boolean =>
  sqlite.prepare('SELECT 1 FROM api_keys LIMIT 1').get() !== undefined;

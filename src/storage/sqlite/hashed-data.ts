// Whether a database depends on an address hash key.

import type { SqliteLike } from './node-sqlite.ts';

/** True if the suppression list has an entry: without the key it was hashed under, it matches no address. */
export const holdsSuppressions = (sqlite: Pick<SqliteLike, 'prepare'>): boolean =>
  sqlite.prepare('SELECT 1 FROM suppressions LIMIT 1').get() !== undefined;

// The key that hashes addresses on Node: ADDRESS_HASH_KEY, or a file next to the database.

import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { holdsSuppressions } from '../storage/sqlite/start-checks.ts';
import { addressHashKey } from '../suppression/address-hash.ts';
import { hashKeyPath } from './data-places.ts';
import type { Settings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/**
 * Returns ADDRESS_HASH_KEY. If it is not set, returns the key in the file `address-hash-key` next to the database,
 * which is created at the first start and readable by its owner only. A database in memory gets a random key.
 * @throws UsageError if the key file cannot be used, or if it is missing although the suppression list has entries.
 */
export function hashKey(
  { addressHashKey: given, databasePath }: Settings,
  sqlite: Pick<DatabaseSync, 'prepare'>,
): Uint8Array {
  if (given !== null) return given;
  if (databasePath === ':memory:') return addressHashKey(randomBytes(32).toString('hex'));
  const path = hashKeyPath(databasePath);
  if (!existsSync(path) && holdsSuppressions(sqlite))
    throw new UsageError(
      `${path} is missing, and ADDRESS_HASH_KEY is not set, but the suppression list has entries that only this key can match. Restore the file from a backup.`,
    );
  try {
    makeKeyFile(path);
    return addressHashKey(readFileSync(path, 'utf8').trim());
  } catch (error) {
    throw new UsageError(`The key in ${path} cannot be used: ${(error as Error).message}`);
  }
}

/**
 * Creates the key file unless it exists. The key is written to a file with another name and then linked, so a
 * second process that starts at the same time never reads an incomplete key.
 */
function makeKeyFile(path: string): void {
  if (existsSync(path)) return;
  const own = `${path}.${process.pid}`;
  writeFileSync(own, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  try {
    linkSync(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own);
  }
}

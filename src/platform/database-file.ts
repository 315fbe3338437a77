// The database file of Node: creating, opening and migrating it.

import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Database } from '../storage/database.ts';
import { type Migration, migrate, type WholeSchema } from '../storage/sqlite/migrate.ts';
import { limitBusyWait, nodeSqliteDatabase } from '../storage/sqlite/node-sqlite.ts';
import { UsageError } from './usage-error.ts';

/**
 * Opens the database at `path` and applies all missing migrations. Creates the file if it does not exist. The caller
 * closes `sqlite`.
 * @throws UsageError if the database cannot be used.
 */
export function openDatabase(path: string): { sqlite: DatabaseSync; database: Database } {
  const migrations = readMigrations();
  try {
    if (path !== ':memory:') makePrivateFile(path);
    const sqlite = new DatabaseSync(path);
    // This comes before `migrate`, because it sets how long SQLite waits for a lock. If two processes start at once,
    // one must wait until the other has migrated the database.
    const database = nodeSqliteDatabase(sqlite, { atEndOfTurn: setImmediate });
    migrate(sqlite, migrations, packagedSchema);
    limitBusyWait(sqlite);
    return { sqlite, database };
  } catch (error) {
    throw new UsageError(`The database ${path} (DATABASE_PATH) cannot be used: ${(error as Error).message}`);
  }
}

/**
 * Creates the database file, readable by its owner only, unless it exists. SQLite creates its log files with the same
 * mode.
 */
function makePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

/** The migrations of this version. The SQL of each is read when it is needed. */
export function readMigrations(): Migration[] {
  const directory = packagePath('migrations');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => ({
      name,
      get sql() {
        return readFileSync(join(directory, name), 'utf8');
      },
    }));
}

/** Returns the schema of all migrations, which `npm run build` writes. A checkout has none. */
function packagedSchema(): WholeSchema | null {
  return isCheckout ? null : JSON.parse(readFileSync(packagePath('dist/schema.json'), 'utf8'));
}

const isCheckout = import.meta.filename.endsWith('.ts');

/**
 * Returns the path of something in the package. In the published package the compiled code is one folder deeper than the
 * source in a checkout.
 */
const packagePath = (name: string): string =>
  join(import.meta.dirname, isCheckout ? '../..' : '../../..', name);

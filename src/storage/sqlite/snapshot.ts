// Copies and checks of a SQLite database file, for backups. They open the file themselves and do not use the interface
// `Database`.

import { DatabaseSync } from 'node:sqlite';

/**
 * Writes a consistent copy of the database at `path` to `target`, which must not exist. The service may go on writing: the copy
 * has the state of one moment. `VACUUM INTO` reads in a single transaction; an online backup would start again after each write
 * of the service.
 */
export function snapshotDatabase(path: string, target: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    database.prepare('VACUUM INTO ?').run(target);
  } finally {
    database.close();
  }
}

/**
 * Returns the names of the files with older events that the database at `path` refers to. Empty if the database is of an earlier
 * version, which had no such files.
 */
export function coldFileNames(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'cold_files'").get() === undefined)
      return [];
    return (database.prepare('SELECT name FROM cold_files').all() as { name: string }[]).map(
      ({ name }) => name,
    );
  } finally {
    database.close();
  }
}

/** Returns whether SQLite's quick check finds no damage in the database at `path`. */
export function isSoundDatabase(path: string): boolean {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare('PRAGMA quick_check(1)').get();
    return row !== undefined && Object.values(row)[0] === 'ok';
  } catch {
    return false;
  } finally {
    database?.close();
  }
}

/** Returns whether another process has the database at `path` open. In WAL mode a connection keeps a lock until it is closed. */
export function isDatabaseInUse(path: string): boolean {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK');
    return false;
  } catch (error) {
    // SQLITE_BUSY. A file that is damaged or is not a database is not in use.
    return (error as { errcode?: number }).errcode === 5;
  } finally {
    database.close();
  }
}

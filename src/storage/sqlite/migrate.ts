// Migrates a SQLite file to the schema of this version. Uses the same table as `wrangler d1 migrations apply`.

import { inTransaction, type SqliteLike } from './node-sqlite.ts';

export interface Migration {
  /** The file's name, such as `0001_suppressions.sql`. Migrations run in the order of their names. */
  readonly name: string;
  readonly sql: string;
}

/** The table that wrangler creates. It lets this code open D1 exports, and D1 import files from here. */
const bookkeeping = `
  CREATE TABLE IF NOT EXISTS d1_migrations(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
  )`;

/**
 * Applies all migrations that the database lacks, or none of them, and returns their names.
 *
 * @throws Error if the database has a migration that is not in `migrations` (a newer version applied it), if it lacks a
 *   migration but has a later one (a file was inserted or renamed), or if a migration fails. The database is then
 *   unchanged.
 */
export function migrate(sqlite: SqliteLike, migrations: readonly Migration[]): string[] {
  const ordered = migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  // Two processes may start at once: the second waits for the lock here and finds the work done.
  return inTransaction(sqlite, () => {
    sqlite.exec(bookkeeping);
    const rows = sqlite.prepare('SELECT name FROM d1_migrations').all() as { name: string }[];
    const applied = new Set(rows.map(({ name }) => name));

    for (const name of applied)
      if (!ordered.some((migration) => migration.name === name))
        throw new Error(
          `The database had migration ${name}, which this version does not know. Run a newer version.`,
        );

    const pending = ordered.filter(({ name }) => !applied.has(name));
    const latest = ordered.findLast(({ name }) => applied.has(name));
    const missed = pending.find(({ name }) => latest !== undefined && name < latest.name);
    if (missed)
      throw new Error(`The database had migration ${latest!.name} but not the earlier ${missed.name}.`);

    const note = sqlite.prepare('INSERT INTO d1_migrations (name) VALUES (?)');
    for (const { name, sql } of pending) {
      sqlite.exec(sql);
      note.run(name);
    }
    return pending.map(({ name }) => name);
  });
}

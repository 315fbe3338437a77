// Brings a SQLite file up to the schema of this version, in the bookkeeping of `wrangler d1 migrations apply`.

import { inTransaction, type SqliteLike } from './node-sqlite.ts';

export interface Migration {
  /** The file's name, such as `0001_suppressions.sql`. Its order among the names is the order of the files. */
  readonly name: string;
  readonly sql: string;
}

/** The same table that wrangler creates, so D1 exports can be opened here and files from here imported there. */
const bookkeeping = `
  CREATE TABLE IF NOT EXISTS d1_migrations(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
  )`;

/**
 * Applies the migrations that the database has not had yet, all of them or none, and returns their names.
 *
 * @throws Error when the database had a migration that is not among the given ones (it belongs to a newer version),
 *   or had a later one and not an earlier one (a file was inserted or renamed): the schema is then not what any
 *   version was written for. Also when a migration fails; the database is then as it was.
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

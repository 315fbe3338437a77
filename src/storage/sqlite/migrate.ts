// Migrates a SQLite file to the schema of this version. Applied migrations are recorded in the same table as by
// `wrangler d1 migrations apply`.

import { inTransaction, type SqliteLike } from './node-sqlite.ts';

export interface Migration {
  /** The name of the file, such as `0001_suppressions.sql`. Migrations run in the order of their names. */
  readonly name: string;
  readonly sql: string;
}

/** The schema that migrations make. An empty database gets it in one step, a tenth of the time that they take. */
export interface WholeSchema {
  /** The names of these migrations, in their order. */
  readonly migrations: readonly string[];
  readonly sql: string;
}

/**
 * The table of applied migrations, exactly as wrangler creates it. So Node can open a database that was exported from
 * D1, and D1 can import a database from Node.
 */
const bookkeeping = `
  CREATE TABLE IF NOT EXISTS d1_migrations(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
  )`;

/**
 * Applies the migrations that the database lacks and returns their names. It applies either all of them or none. An empty
 * database gets the schema that `loadSchema` returns, if it is that of these migrations.
 *
 * @throws Error if the database has a migration that is not in `migrations` (a newer version applied it), if it lacks a
 *   migration but has a later one (a file was inserted or renamed), or if a migration fails. The database is then
 *   unchanged.
 */
export function migrate(
  sqlite: SqliteLike,
  migrations: readonly Migration[],
  loadSchema: () => WholeSchema | null = () => null,
): string[] {
  const ordered = migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  // If two processes start at once, the second one waits for the lock here and then finds all migrations applied.
  return inTransaction(sqlite, () => {
    sqlite.exec(bookkeeping);
    const rows = sqlite.prepare('SELECT name FROM d1_migrations').all() as { name: string }[];
    const applied = new Set(rows.map(({ name }) => name));

    for (const name of applied)
      if (!ordered.some((migration) => migration.name === name))
        throw new Error(
          `It has the migration ${name}, which this version does not know. Run the newer version of presend that made it.`,
        );

    const pending = ordered.filter(({ name }) => !applied.has(name));
    const latest = ordered.findLast(({ name }) => applied.has(name));
    const missed = pending.find(({ name }) => latest !== undefined && name < latest.name);
    if (missed)
      throw new Error(
        `It has the migration ${latest!.name} but not the earlier ${missed.name}. Install a release of presend with unchanged migrations.`,
      );

    const names = pending.map(({ name }) => name);
    const schema = isEmpty(sqlite) ? loadSchema() : null;
    if (schema !== null && schema.migrations.join() === names.join()) sqlite.exec(schema.sql);
    else for (const { sql } of pending) sqlite.exec(sql);
    const note = sqlite.prepare('INSERT INTO d1_migrations (name) VALUES (?)');
    for (const name of names) note.run(name);
    return names;
  });
}

const isEmpty = (sqlite: SqliteLike): boolean =>
  sqlite
    .prepare("SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND tbl_name <> 'd1_migrations'")
    .get() === undefined;

/**
 * Returns the schema that these migrations make in an empty database; `sqlite` is one.
 * @throws Error if they also make rows, which a schema does not have.
 */
export function wholeSchema(sqlite: SqliteLike, migrations: readonly Migration[]): WholeSchema {
  const names = migrate(sqlite, migrations);
  const made = sqlite
    .prepare(
      `SELECT type, name, sql FROM sqlite_schema
       WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND tbl_name <> 'd1_migrations'
       ORDER BY type <> 'table', type <> 'index', rowid`,
    )
    .all() as { type: string; name: string; sql: string }[];
  for (const { type, name } of made)
    if (type === 'table' && sqlite.prepare(`SELECT 1 FROM "${name}"`).get() !== undefined)
      throw new Error(`The migrations put rows into the table ${name}.`);
  return { migrations: names, sql: made.map(({ sql }) => `${sql};\n`).join('') };
}

export interface MigrationState {
  /** Migrations of this version that the database lacks. */
  readonly pending: readonly string[];
  /** Migrations of the database that this version does not know: a newer version applied them. */
  readonly unknown: readonly string[];
}

/** Compares a database with the migrations of this version, without changing it. */
export function migrationState(
  sqlite: Pick<SqliteLike, 'prepare'>,
  migrations: readonly Migration[],
): MigrationState {
  const table = sqlite.prepare("SELECT 1 FROM sqlite_master WHERE name = 'd1_migrations'").get();
  const rows = (table === undefined ? [] : sqlite.prepare('SELECT name FROM d1_migrations').all()) as {
    name: string;
  }[];
  const applied = rows.map(({ name }) => name);
  const known = migrations.map(({ name }) => name);
  return {
    pending: known.filter((name) => !applied.includes(name)).toSorted(),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

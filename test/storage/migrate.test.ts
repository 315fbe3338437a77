// Given these files and this history, those migrations are applied, or the start is refused.

import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { migrate, wholeSchema } from '../../src/storage/sqlite/migrate.ts';

const one = { name: '0001_one.sql', sql: 'CREATE TABLE one (n INTEGER);' };
const two = {
  name: '0002_two.sql',
  sql: `-- A comment; with a semicolon.
    CREATE TABLE two (n INTEGER);
    CREATE TRIGGER copy AFTER INSERT ON one BEGIN INSERT INTO two VALUES (new.n); END;`,
};
const ten = { name: '0010_ten.sql', sql: 'CREATE TABLE ten (n INTEGER);' };

const names = (sqlite: DatabaseSync) =>
  sqlite
    .prepare('SELECT name FROM d1_migrations ORDER BY id')
    .all()
    .map((row) => row['name']);
const tables = (sqlite: DatabaseSync) =>
  sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
    .all()
    .map((row) => row['name']);

test('an empty database gets all files, in the order of their names', () => {
  const sqlite = new DatabaseSync(':memory:');
  expect(migrate(sqlite, [ten, two, one])).toEqual([one.name, two.name, ten.name]);
  expect(names(sqlite)).toEqual([one.name, two.name, ten.name]);
  sqlite.exec('INSERT INTO one VALUES (7)');
  expect(sqlite.prepare('SELECT n FROM two').get()).toEqual({ n: 7 });
});

test('a file is applied once, a file added later is applied then', () => {
  const sqlite = new DatabaseSync(':memory:');
  migrate(sqlite, [one]);
  expect(migrate(sqlite, [one])).toEqual([]);
  expect(migrate(sqlite, [one, two])).toEqual([two.name]);
  expect(names(sqlite)).toEqual([one.name, two.name]);
});

test('a failing file leaves the database as it was', () => {
  const sqlite = new DatabaseSync(':memory:');
  migrate(sqlite, [one]);
  const broken = { name: '0003_broken.sql', sql: 'CREATE TABLE three (n); INSERT INTO nowhere VALUES (1);' };
  expect(() => migrate(sqlite, [one, two, broken])).toThrow(/nowhere/);
  expect(tables(sqlite)).toEqual(['d1_migrations', 'one']);
  expect(names(sqlite)).toEqual([one.name]);
  expect(migrate(sqlite, [one, two])).toEqual([two.name]);
});

test('an earlier file that was never applied is refused', () => {
  const sqlite = new DatabaseSync(':memory:');
  migrate(sqlite, [one, ten]);
  expect(() => migrate(sqlite, [one, two, ten])).toThrow(/0010_ten\.sql but not the earlier 0002_two\.sql/);
  expect(tables(sqlite)).toEqual(['d1_migrations', 'one', 'ten']);
});

test('the database of a newer version is refused', () => {
  const sqlite = new DatabaseSync(':memory:');
  migrate(sqlite, [one, two]);
  expect(() => migrate(sqlite, [one])).toThrow(/0002_two\.sql, which this version does not know/);
});

test('the bookkeeping of wrangler is taken as it is', () => {
  const sqlite = new DatabaseSync(':memory:');
  sqlite.exec(`
    CREATE TABLE "d1_migrations" (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
      applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
    INSERT INTO d1_migrations (name) VALUES ('0001_one.sql');
    ${one.sql}`);
  expect(migrate(sqlite, [one, two])).toEqual([two.name]);
});

/** Everything that a database consists of: tables, indexes, triggers, and which migrations it had. */
const everything = (sqlite: DatabaseSync) => [
  names(sqlite),
  sqlite.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all(),
];

test('the whole schema makes the same database as all migrations of this version', () => {
  const folder = new URL('../../migrations/', import.meta.url);
  const all = readdirSync(folder).map((name) => ({ name, sql: readFileSync(new URL(name, folder), 'utf8') }));
  const [migrated, made] = [new DatabaseSync(':memory:'), new DatabaseSync(':memory:')];
  migrate(migrated, all);
  const schema = wholeSchema(new DatabaseSync(':memory:'), all);
  // Without their SQL, the migrations themselves can make nothing.
  const unread = all.map(({ name }) => ({ name, sql: 'not SQL' }));
  migrate(made, unread, () => schema);
  expect(everything(made)).toEqual(everything(migrated));
});

test('the whole schema is not used for a database that has tables, nor if it is of other migrations', () => {
  const schema = wholeSchema(new DatabaseSync(':memory:'), [one, two]);
  const old = new DatabaseSync(':memory:');
  migrate(old, [one]);
  old.exec('INSERT INTO one VALUES (1)');
  expect(migrate(old, [one, two], () => schema)).toEqual([two.name]);
  expect(old.prepare('SELECT n FROM one').all()).toEqual([{ n: 1 }]);

  const foreign = new DatabaseSync(':memory:');
  foreign.exec('CREATE TABLE one (n INTEGER)');
  expect(() => migrate(foreign, [one, two], () => schema)).toThrow(/already exists/);

  const newer = new DatabaseSync(':memory:');
  expect(migrate(newer, [one, two, ten], () => schema)).toEqual([one.name, two.name, ten.name]);
  expect(tables(newer)).toContain('ten');
});

test('migrations that make rows have no whole schema', () => {
  const rows = { name: '0003_rows.sql', sql: 'INSERT INTO one VALUES (1);' };
  expect(() => wholeSchema(new DatabaseSync(':memory:'), [one, two, rows])).toThrow(
    /rows into the table one/,
  );
});

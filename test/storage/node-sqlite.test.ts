// node:sqlite, in memory and in a file, passes the battery of the Database port; what only a file can show stands below.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeSqliteDatabase } from '../../src/storage/sqlite/node-sqlite.ts';
import { databaseBattery } from '../contract/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'presend-store-'));
const opened: DatabaseSync[] = [];
const open = (path: string) => {
  const sqlite = new DatabaseSync(path);
  opened.push(sqlite);
  return sqlite;
};
afterAll(() => {
  for (const sqlite of opened) sqlite.close();
  rmSync(folder, { recursive: true });
});

databaseBattery('node:sqlite in memory', async () => nodeSqliteDatabase(open(':memory:')));

let files = 0;
databaseBattery('node:sqlite in a file', async () =>
  nodeSqliteDatabase(open(join(folder, `${files++}.sqlite`))),
);

describe('a database file', () => {
  test('is in WAL mode, synced at each commit, and checks foreign keys', () => {
    const sqlite = open(join(folder, 'settings.sqlite'));
    nodeSqliteDatabase(sqlite);
    const pragma = (name: string) => Object.values(sqlite.prepare(`PRAGMA ${name}`).get()!)[0];
    expect(['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'].map(pragma)).toEqual([
      'wal',
      2,
      1,
      5000,
    ]);
  });

  test('shows another connection a batch only once it is whole', async () => {
    const path = join(folder, 'shared.sqlite');
    const writer = nodeSqliteDatabase(open(path));
    const reader = nodeSqliteDatabase(open(path));
    await writer.run('CREATE TABLE t (n INTEGER UNIQUE)');
    await writer.batch([{ sql: 'INSERT INTO t VALUES (1)' }, { sql: 'INSERT INTO t VALUES (2)' }]);
    expect(await reader.first('SELECT count(*) AS n FROM t')).toEqual({ n: 2 });
    await expect(
      writer.batch([{ sql: 'INSERT INTO t VALUES (3)' }, { sql: 'INSERT INTO t VALUES (1)' }]),
    ).rejects.toThrow();
    expect(await reader.first('SELECT count(*) AS n FROM t')).toEqual({ n: 2 });
  });

  test('reads one state of another process’s writes in one turn, and its own writes at once', async () => {
    const path = join(folder, 'turns.sqlite');
    const turn: (() => void)[] = [];
    const ours = nodeSqliteDatabase(open(path), { atEndOfTurn: (work) => turn.push(work) });
    const theirs = nodeSqliteDatabase(open(path));
    const rows = async () => (await ours.first<{ n: number }>('SELECT count(*) AS n FROM t'))!.n;
    await ours.run('CREATE TABLE t (n INTEGER)');
    expect(await rows()).toBe(0);
    await theirs.run('INSERT INTO t VALUES (1)');
    expect(await rows()).toBe(0);
    await ours.run('INSERT INTO t VALUES (2)');
    expect(await rows()).toBe(2);
    await theirs.run('INSERT INTO t VALUES (3)');
    for (const end of turn) end();
    expect(await rows()).toBe(3);
    await ours.batch([{ sql: 'INSERT INTO t VALUES (4)' }, { sql: 'INSERT INTO t VALUES (5)' }]);
    expect(await ours.all('SELECT n FROM t ORDER BY n')).toHaveLength(5);
  });

  test('does not mind a turn that ends after it was closed, or in a read that failed', async () => {
    const sqlite = new DatabaseSync(join(folder, 'closed.sqlite'));
    const turn: (() => void)[] = [];
    const database = nodeSqliteDatabase(sqlite, { atEndOfTurn: (work) => turn.push(work) });
    await database.run('CREATE TABLE t (n INTEGER)');
    await expect(database.first('SELECT abs(-9223372036854775808) FROM (SELECT 1)')).rejects.toThrow();
    expect(await database.first('SELECT 1 AS n')).toEqual({ n: 1 });
    sqlite.close();
    for (const end of turn) end();
    expect(turn.length).toBeGreaterThan(0);
  });

  test('takes more distinct statements than are kept prepared', async () => {
    const database = nodeSqliteDatabase(open(':memory:'));
    for (let i = 0; i < 600; i++) expect(await database.first(`SELECT ${i} AS n`)).toEqual({ n: i });
    expect(await database.first('SELECT 0 AS n')).toEqual({ n: 0 });
  });
});

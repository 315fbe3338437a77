// node:sqlite, in memory and in a file, passes the battery of the Database port; tests of what only a file can show follow.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { limitBusyWait, nodeSqliteDatabase } from '../../src/storage/sqlite/node-sqlite.ts';
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

describe('while another process holds the write lock', () => {
  let files = 0;

  /** A database with a table, whose lock another connection holds. `pause` runs instead of each wait. */
  async function locked(pause: (attempt: number, release: () => void) => void) {
    const path = join(folder, `locked-${files++}.sqlite`);
    const sqlite = open(path);
    const pauses: number[] = [];
    const other = open(path);
    const release = () => {
      if (other.isTransaction) other.exec('COMMIT');
    };
    const database = nodeSqliteDatabase(sqlite, {
      pause: async (ms) => {
        pauses.push(ms);
        pause(pauses.length, release);
      },
    });
    await database.run('CREATE TABLE t (n INTEGER PRIMARY KEY)');
    limitBusyWait(sqlite);
    other.exec('BEGIN IMMEDIATE');
    return { database, pauses, release };
  }

  const insert = (n: number) => ({ sql: 'INSERT INTO t VALUES (?)', params: [n] });
  const rowsOf = async (database: Database) =>
    (await database.all<{ n: number }>('SELECT n FROM t ORDER BY rowid')).map(({ n }) => n);

  test('writes wait off the event loop, in their order, and reads go on', async () => {
    const done: string[] = [];
    const { database, pauses } = await locked((attempt, release) => {
      if (attempt === 4) release();
    });
    const first = database.run('INSERT INTO t VALUES (1)').then(() => done.push('run'));
    const second = database.batch([insert(2), insert(3)]).then(() => done.push('batch'));
    const third = database.run('DELETE FROM t WHERE n = 2').then(() => done.push('delete'));
    expect(database.all('SELECT n FROM t')).toEqual([]);
    await Promise.all([first, second, third]);
    expect(done).toEqual(['run', 'batch', 'delete']);
    expect(await rowsOf(database)).toEqual([1, 3]);
    expect(pauses.slice(0, 4)).toEqual([1, 2, 4, 8]);
    await database.run('INSERT INTO t VALUES (4)');
    expect(await rowsOf(database)).toEqual([1, 3, 4]);
  });

  test('after five seconds a write rejects with the code of SQLite, and those behind it with it', async () => {
    const { database, pauses, release } = await locked(() => {});
    const writes = [1, 2, 3].map((n) => database.run('INSERT INTO t VALUES (?)', [n]));
    for (const write of await Promise.allSettled(writes))
      expect(write).toMatchObject({ status: 'rejected', reason: { errcode: 5 } });
    const waited = pauses.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThanOrEqual(5000);
    expect(waited).toBeLessThan(5100);
    expect(Math.max(...pauses)).toBe(50);
    release();
    await database.batch([insert(7)]);
    expect(await rowsOf(database)).toEqual([7]);
  });

  test('a read that meets a lock waits off the event loop, and one that fails otherwise does not', async () => {
    const sqlite = open(':memory:');
    const failures = [5, 5 + 256];
    const pauses: number[] = [];
    const database = nodeSqliteDatabase(
      {
        exec: (sql: string) => sqlite.exec(sql),
        prepare(sql: string) {
          const statement = sqlite.prepare(sql);
          const run = <T>(work: () => T): T => {
            const errcode = failures.shift();
            if (errcode !== undefined) throw Object.assign(new Error('locked'), { errcode });
            return work();
          };
          return {
            all: () => run(() => statement.all()),
            get: () => run(() => statement.get()),
            run: () => run(() => statement.run()),
          };
        },
        isOpen: true,
        isTransaction: false,
      } as unknown as DatabaseSync,
      { pause: async (ms) => void pauses.push(ms) },
    );
    expect(await database.all('SELECT 7 AS n')).toEqual([{ n: 7 }]);
    expect(pauses).toEqual([1, 2]);
    failures.push(1);
    await expect(database.first('SELECT 8 AS n')).rejects.toMatchObject({ errcode: 1 });
    expect(pauses).toEqual([1, 2]);
  });

  test('a write that fails for another reason does not wait, and holds up nothing', async () => {
    const { database, pauses } = await locked((attempt, release) => {
      if (attempt === 2) release();
    });
    await expect(database.run('INSERT INTO nowhere VALUES (1)')).rejects.toThrow('nowhere');
    expect(pauses).toEqual([]);
    const writes = [
      database.run('INSERT INTO t VALUES (1)'),
      database.run('INSERT INTO t VALUES (1)'),
      database.run('INSERT INTO t VALUES (2)'),
    ];
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await rowsOf(database)).toEqual([1, 2]);
  });
});

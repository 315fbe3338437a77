// The database in a thread of its own.

import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createDatabaseThread } from '../../src/platform/database-thread.ts';
import { storageFault } from '../../src/storage/storage-fault.ts';
import { emptyFolder } from '../cli/program.ts';

afterEach(() => void vi.useRealTimers());

function open() {
  const path = join(emptyFolder(), 'presend.db');
  return { ...openDatabase(path), thread: createDatabaseThread(path) };
}

const add =
  'INSERT INTO hook_counts (hook, day, since, events, naming_nobody, refused) VALUES (?, 1, 2, 3, 4, 5)';

test('reads what this process has written', async () => {
  const { sqlite, database, thread } = open();
  for (const hook of ['ses', 'postmark']) {
    await database.run(add, [hook]);
    expect(await thread.database.first('SELECT events FROM hook_counts WHERE hook = ?', [hook])).toEqual({
      events: 3,
    });
  }
  expect(await thread.database.all('SELECT hook FROM hook_counts ORDER BY hook')).toEqual([
    { hook: 'postmark' },
    { hook: 'ses' },
  ]);
  expect(await thread.database.first('SELECT hook FROM hook_counts WHERE day = 2')).toBeNull();
  await thread.close();
  sqlite.close();
});

test('this process reads what the thread has written, all of a batch or nothing', async () => {
  const { sqlite, database, thread } = open();
  const count = () => database.first('SELECT count(*) AS hooks FROM hook_counts');
  expect(await thread.database.run(add, ['ses'])).toEqual({ changes: 1 });
  expect(await count()).toEqual({ hooks: 1 });
  const both = ['postmark', 'ses'].map((hook) => ({ sql: add, params: [hook] }));
  await expect(thread.database.batch(both)).rejects.toThrow('UNIQUE constraint failed');
  expect(await count()).toEqual({ hooks: 1 });
  expect(await thread.database.batch([both[0]!, { sql: 'DELETE FROM hook_counts' }])).toEqual([
    { changes: 1 },
    { changes: 2 },
  ]);
  await thread.close();
  sqlite.close();
});

test('waits for another writer, while this process goes on', async () => {
  const { sqlite, thread } = open();
  sqlite.exec('BEGIN IMMEDIATE');
  const written = thread.database.run(add, ['ses']);
  sqlite.prepare(add).run('postmark');
  sqlite.exec('COMMIT');
  expect(await written).toEqual({ changes: 1 });
  await thread.close();
  sqlite.close();
});

test('reads at once are answered each', async () => {
  const { sqlite, thread } = open();
  const numbers = Array.from({ length: 50 }, (_, number) => number);
  expect(
    await Promise.all(numbers.map((number) => thread.database.first('SELECT ? AS number', [number]))),
  ).toEqual(numbers.map((number) => ({ number })));
  await thread.close();
  sqlite.close();
});

test('an error has the code of SQLite, and later reads work', async () => {
  const { sqlite, thread } = open();
  const failureOf = async (sql: string, params: string[] = []): Promise<unknown> => {
    try {
      await thread.database.all(sql, params);
      return null;
    } catch (error) {
      return error;
    }
  };
  const failure = await failureOf('SELECT * FROM nowhere');
  expect(failure).toMatchObject({ message: 'no such table: nowhere', errcode: 1 });
  expect(storageFault(failure)).toBeNull();
  await thread.database.run(add, ['ses']);
  await expect(thread.database.run(add, ['ses'])).rejects.toMatchObject({ errcode: 1555 });
  expect(await thread.database.first('SELECT 1 AS one')).toEqual({ one: 1 });
  await thread.close();
  sqlite.close();
});

test('a file that cannot be opened makes reads reject', async () => {
  const thread = createDatabaseThread(join(emptyFolder(), 'nowhere.db'));
  for (let read = 0; read < 2; read++)
    await expect(thread.database.first('SELECT 1')).rejects.toThrow('unable to open database file');
  await thread.close();
});

test('closing waits for the reads that were asked, and the next read starts the thread again', async () => {
  const { sqlite, thread } = open();
  const pending = thread.database.first('SELECT 1 AS one');
  await thread.close();
  expect(await pending).toEqual({ one: 1 });
  expect(await thread.database.first('SELECT 2 AS two')).toEqual({ two: 2 });
  await thread.close();
  sqlite.close();
});

test('without reads the thread ends after half a minute', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { sqlite, thread } = open();
  await thread.database.first('SELECT 1');
  await thread.database.first('SELECT 1');
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(30_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(await thread.database.first('SELECT 1 AS one')).toEqual({ one: 1 });
  await thread.close();
  sqlite.close();
});

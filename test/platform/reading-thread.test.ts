// The database that reports read in a thread of their own.

import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/platform/node.ts';
import { createReadingThread } from '../../src/platform/reading-thread.ts';
import { storageFault } from '../../src/storage/storage-fault.ts';
import { emptyFolder } from '../cli/program.ts';

afterEach(() => void vi.useRealTimers());

function open() {
  const path = join(emptyFolder(), 'presend.db');
  return { ...openDatabase(path), thread: createReadingThread(path) };
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
  expect(storageFault(await failureOf(add, ['ses']))).toMatchObject({ code: 'SQLITE_READONLY' });
  expect(await thread.database.first('SELECT 1 AS one')).toEqual({ one: 1 });
  await thread.close();
  sqlite.close();
});

test('a file that cannot be opened makes reads reject', async () => {
  const thread = createReadingThread(join(emptyFolder(), 'nowhere.db'));
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

// Readiness of storage: a write that works, fails, or hangs.

import { expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createStorageHealth } from '../../src/storage/sqlite/storage-health.ts';

test('a database that takes writes is healthy, and keeps no trace of the check', async () => {
  const { database } = openDatabase(':memory:');
  expect(await createStorageHealth(database, () => 0).check()).toBeNull();
  expect(await database.all('SELECT * FROM job_uploads')).toEqual([]);
});

test('a database that only reads is not, until it takes writes again', async () => {
  const { sqlite, database } = openDatabase(':memory:');
  let now = 0;
  const health = createStorageHealth(database, () => now);
  sqlite.exec('PRAGMA query_only = 1');
  expect(await health.check()).toMatchObject({ errcode: 8 });
  sqlite.exec('PRAGMA query_only = 0');
  now = 4999;
  expect(await health.check()).toMatchObject({ errcode: 8 });
  now = 5000;
  expect(await health.check()).toBeNull();
});

test('a database that does not answer within two seconds is not', async () => {
  vi.useFakeTimers();
  const { database } = openDatabase(':memory:');
  const hanging = { ...database, batch: () => new Promise<never>(() => {}) };
  const check = createStorageHealth(hanging, () => 0).check();
  await vi.advanceTimersByTimeAsync(2000);
  expect(await check).toMatchObject({ message: expect.stringContaining('2000 ms') });
  vi.useRealTimers();
});

test('a database that cannot be read is not, however well it was a moment ago', async () => {
  const { database } = openDatabase(':memory:');
  let error: Error | null = null;
  const reading: typeof database = {
    ...database,
    first: (sql, params) => (error === null ? database.first(sql, params) : Promise.reject(error)),
  };
  const health = createStorageHealth(reading, () => 0);
  expect(await health.check()).toBeNull();
  error = new Error('disk error');
  expect(await health.check()).toBe(error);
  error = null;
  expect(await health.check()).toBeNull();
});

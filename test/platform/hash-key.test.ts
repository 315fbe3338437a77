// The key file beside the database: made once, private, and never made anew while the suppression list needs the old one.

import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { hashKey } from '../../src/platform/hash-key-file.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { emptyFolder } from '../cli/program.ts';

const settingsIn = (folder: string, more: object = {}) => {
  const outcome = readSettings({ DATABASE_PATH: join(folder, 'presend.db'), ...more });
  if (!outcome.ok) throw new Error(outcome.mistakes.join());
  return outcome.settings;
};

test('a first start makes the key and the database, readable by their owner alone', () => {
  const folder = emptyFolder();
  const settings = settingsIn(folder);
  const { sqlite } = openDatabase(settings.databasePath);
  const key = hashKey(settings, sqlite);
  expect(hashKey(settings, sqlite)).toEqual(key);
  sqlite.exec('INSERT INTO job_uploads (id, began_at) VALUES (1, 1)');
  for (const name of ['presend.db', 'presend.db-wal', 'presend.db-shm', 'address-hash-key'])
    expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
  sqlite.close();
});

test('with a suppression list and without its key there is no start, until the key is back', async () => {
  const folder = emptyFolder();
  const settings = settingsIn(folder);
  const { sqlite, database } = openDatabase(settings.databasePath);
  const key = hashKey(settings, sqlite);
  const path = join(folder, 'address-hash-key');
  const text = readFileSync(path, 'utf8');

  rmSync(path);
  expect(hashKey(settings, sqlite)).not.toEqual(key);
  rmSync(path);

  const list = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher: nodeHasher(key),
    now: Date.now,
  });
  await list.add({ address: 'jane@example.org', reason: 'complaint' });
  expect(() => hashKey(settings, sqlite)).toThrow(/address-hash-key is missing/);
  expect(existsSync(path)).toBe(false);
  expect(hashKey(settingsIn(folder, { ADDRESS_HASH_KEY: text.trim() }), sqlite)).toEqual(key);
  sqlite.close();
});

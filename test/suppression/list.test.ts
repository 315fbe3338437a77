// The suppression list passes its battery on node:sqlite with the hasher of Node.

import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { nodeSqliteDatabase } from '../../src/storage/sqlite/node-sqlite.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { suppressionsBattery } from '../contract/suppressions.ts';

const folder = new URL('../../migrations/', import.meta.url);
const migrations = readdirSync(folder).map((name) => ({
  name,
  sql: readFileSync(new URL(name, folder), 'utf8'),
}));

const key = addressHashKey('a key for tests that has 32 bytes');
const otherKey = addressHashKey('another key for tests, also long enough');

const open = () => {
  const sqlite = new DatabaseSync(':memory:');
  const database = nodeSqliteDatabase(sqlite);
  migrate(sqlite, migrations);
  return database;
};

suppressionsBattery('node:sqlite with one-shot hashes', async () => ({
  database: open(),
  hasher: nodeHasher(key),
  otherHasher: nodeHasher(otherKey),
}));

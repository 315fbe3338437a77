// Measures checks of 1,000 addresses, including their hashing, on a suppression list with a million entries, and the
// bare query.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from '../src/storage/sqlite/migrate.ts';
import { inTransaction, nodeSqliteDatabase } from '../src/storage/sqlite/node-sqlite.ts';
import { createSuppressionRepository } from '../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../src/suppression/address-hash.ts';
import { createSuppressionList } from '../src/suppression/list.ts';
import { nodeHasher } from '../src/suppression/node-hasher.ts';
import { type Bench, inTurns, ratioOf, secondsOf, spread } from './figures.ts';

const asked = 1000;
/** Number of checks in each round. Each check has different addresses. */
const checks = 100;
const sizes = { full: { entries: 1_000_000, rounds: 9 }, smoke: { entries: 50_000, rounds: 5 } };

const addressOf = (entry: number) => `jane.doe${entry}@otter-${entry % 997}.com`;

const bareQuery = `SELECT address_hash, reason, status, source, since FROM suppressions
  WHERE workspace = 'default' AND key_id = ? AND address_hash IN (SELECT value FROM json_each(?))`;

const migrations = () => {
  const folder = new URL('../migrations/', import.meta.url);
  return readdirSync(folder).map((name) => ({ name, sql: readFileSync(new URL(name, folder), 'utf8') }));
};

export const run: Bench['run'] = async (size) => {
  const { entries, rounds } = sizes[size];
  const folder = mkdtempSync(join(tmpdir(), 'presend-bench-'));
  const sqlite = new DatabaseSync(join(folder, 'presend.db'));
  const database = nodeSqliteDatabase(sqlite);
  migrate(sqlite, migrations());
  const hasher = nodeHasher(addressHashKey('a key for benches that has 32 bytes'));
  const { keyId } = hasher;
  const hashesOf = async (addresses: readonly string[]) => await hasher.hashAll(addresses);

  // Insert in the order of the primary key, which is many times faster.
  const all = await hashesOf(Array.from({ length: entries }, (_, entry) => addressOf(entry)));
  const insert = sqlite.prepare(
    `INSERT INTO suppressions (key_id, address_hash, scope, reason, source, since)
     VALUES (?, ?, 'all', 'bounce', 'bench', 1)`,
  );
  inTransaction(sqlite, () => {
    for (const hash of all.sort()) insert.run(keyId, hash);
  });

  // One address in ten is on the suppression list, as in a list that was mailed before.
  const batches = Array.from({ length: checks }, (_, batch) =>
    Array.from({ length: asked }, (_, index) => {
      const number = (batch * asked + index) * 7919;
      return addressOf(index % 10 === 0 ? number % entries : entries + number);
    }),
  );
  const hashed = await Promise.all(batches.map(hashesOf));
  const bare = sqlite.prepare(bareQuery);
  const list = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher,
    now: Date.now,
  });
  let found = 0;
  const perSecond = async (work: () => Promise<unknown> | unknown) => checks / (await secondsOf(work));
  const rates = await inTurns(
    {
      bare: () =>
        perSecond(() => {
          for (const hashes of hashed) bare.all(keyId, JSON.stringify(hashes));
        }),
      presend: () =>
        perSecond(async () => {
          found = 0;
          for (const addresses of batches)
            for (const entry of await list.find(addresses)) if (entry !== null) found++;
        }),
    },
    rounds,
  );
  sqlite.close();
  rmSync(folder, { recursive: true });
  if (found !== (checks * asked) / 10) throw new Error(`${found} were found on the list`);

  const ratio = ratioOf(rates.presend, rates.bare);
  return {
    figures: [
      { name: `bare query of ${asked} hashes`, value: spread(rates.bare), unit: 'queries/s' },
      {
        name: `check of ${asked} addresses, hashing included`,
        value: spread(rates.presend),
        unit: 'checks/s',
        ratio,
      },
    ],
    targets: [
      {
        name: `check of ${asked} addresses among ${entries.toLocaleString('en')}, against the bare query`,
        measured: ratio,
        bound: 'at least',
        limit: 0.5,
        unit: '×',
      },
    ],
  };
};

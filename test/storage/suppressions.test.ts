// The suppression list passes its battery on the SQLite of Node with WebCrypto.

import { expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { suppressionsBattery } from '../contract/suppressions.ts';

const key = addressHashKey('a key for tests that has 32 bytes');
const otherKey = addressHashKey('another key for tests, also long enough');

suppressionsBattery('node:sqlite with WebCrypto', async () => ({
  database: openDatabase(':memory:').database,
  hasher: await webCryptoHasher(key),
  otherHasher: await webCryptoHasher(otherKey),
}));

test('an incident is counted by an index alone, and lifted by the same one', async () => {
  const { database } = openDatabase(':memory:');
  const plans: string[] = [];
  const explained: Database = {
    ...database,
    async all(sql, params = []) {
      if (sql.includes("reason = 'bounce'"))
        for (const { detail } of await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params))
          plans.push(detail);
      return database.all(sql, params);
    },
    async first(sql, params = []) {
      for (const { detail } of await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params))
        plans.push(detail);
      return database.first(sql, params);
    },
  };
  const repository = createSuppressionRepository(explained);
  const incident = { from: 0, to: 1_000, status: '5.1.1' };
  await repository.countIncident('key', incident, 2_000);
  await repository.findIncident('key', incident, 100, 2_000);
  expect(plans).toEqual([
    expect.stringMatching(
      /SEARCH entry USING COVERING INDEX suppressions_bounced \(.*since>\? AND since<\?\)/,
    ),
    expect.stringMatching(/SEARCH entry USING INDEX suppressions_bounced/),
  ]);
  plans.length = 0;
  await repository.countIncident('key', { ...incident, provider: 'gmail' }, 2_000);
  // By time, the entries of the whole time would be read for each address.
  expect(plans.at(-1)).toBe('SEARCH entry USING PRIMARY KEY (workspace=? AND key_id=? AND address_hash=?)');
});

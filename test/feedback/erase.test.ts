// Erasure passes its battery on SQLite, and finds its rows by an index.

import { expect, test } from 'vitest';
import { openDatabase } from '../../src/entry/node.ts';
import { nodeHasher } from '../../src/entry/node-hasher.ts';
import { createErasure } from '../../src/feedback/erase.ts';
import type { Statement } from '../../src/store/database.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { erasureBattery } from '../contract/erasure.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

erasureBattery('SQLite', async () => ({ database: openDatabase(':memory:').database, hasher }));

test('no statement reads a table from end to end', async () => {
  const { database } = openDatabase(':memory:');
  const ports = { hasher, now: () => 0 };
  let asked: readonly Statement[] = [];
  const spying = {
    ...database,
    batch: (statements: readonly Statement[]) => {
      asked = statements;
      return database.batch(statements);
    },
  };
  const suppressionList = createSuppressionList({ ...ports, database });
  const erasure = createErasure({ ...ports, database: spying, suppressionList });
  await erasure.erase({ address: 'jane@example.org', keepSuppression: false });
  expect(asked).toHaveLength(5);
  for (const { sql, params } of asked) {
    const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    expect(plan.map(({ detail }) => detail).join()).toMatch(/^SEARCH .*key_id=\? AND address_hash=\?/);
  }
});

// Trust in returned messages on SQLite: the battery, and what the queries read.

import { expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import type { SqlValue } from '../../src/storage/database.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { bounceTrustBattery } from '../contract/bounce-trust.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

bounceTrustBattery('SQLite', async () => ({ database: openDatabase(':memory:').database, hasher }));

test('evidence is looked up by address', async () => {
  const { database } = openDatabase(':memory:');
  const plans: string[] = [];
  const explain = async (sql: string, params: readonly SqlValue[] = []) => {
    const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    plans.push(...plan.map(({ detail }) => detail).filter((detail) => detail.includes('delivery_events')));
  };
  const watching = {
    ...database,
    async all<Row>(sql: string, params: readonly SqlValue[] = []) {
      await explain(sql, params);
      return database.all<Row>(sql, params);
    },
  };
  await createEventRepository(watching).mailOnRecord('key', ['aa'], ['m']);
  expect(plans).toEqual([
    'SEARCH delivery_events USING INDEX delivery_events_run (workspace=? AND key_id=? AND address_hash=?)',
    'SEARCH delivery_events USING INDEX delivery_events_other (workspace=? AND key_id=? AND address_hash=?)',
  ]);
});

test('the soft bounces of an address are looked up by address, and never by the time of all events', async () => {
  const { database } = openDatabase(':memory:');
  const plans: string[] = [];
  const watching = {
    ...database,
    async all<Row>(sql: string, params: readonly SqlValue[] = []) {
      const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
      plans.push(...plan.map(({ detail }) => detail).filter((detail) => detail.includes('delivery')));
      return database.all<Row>(sql, params);
    },
  };
  await createEventRepository(watching).softBounces('key', ['aa', 'bb']);
  const key = 'INDEX delivery_events_run (workspace=? AND key_id=? AND address_hash=?';
  expect(plans).toHaveLength(2);
  for (const plan of plans) expect(plan).toContain(key);
});

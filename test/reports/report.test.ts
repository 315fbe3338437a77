// The reports on SQLite: the battery, and which indexes they read.

import { expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/node.ts';
import { watchPolicyBursts } from '../../src/reports/policy-burst.ts';
import type { SqlValue } from '../../src/storage/database.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { reportsBattery } from '../contract/reports.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

reportsBattery('SQLite', async () => ({ database: openDatabase(':memory:').database, hasher }));

test('no statement reads more than its index: volume out of it alone, failures by it', async () => {
  const { database } = openDatabase(':memory:');
  const plans: string[] = [];
  const watching = {
    ...database,
    async all<Row>(sql: string, params: readonly SqlValue[] = []) {
      const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
      plans.push(plan.map(({ detail }) => detail).find((detail) => detail.includes('delivery_events'))!);
      return database.all<Row>(sql, params);
    },
  };
  for (const by of ['provider', 'source', 'campaign'] as const)
    await createEventCounter(watching).count({ from: 0, to: 1000, by, every: 'day' });
  expect(new Set(plans)).toEqual(
    new Set([
      'SEARCH delivery_events USING COVERING INDEX delivery_events_volume (workspace=? AND at>? AND at<?)',
      'SEARCH delivery_events USING INDEX delivery_events_failures (workspace=? AND at>? AND at<?)',
    ]),
  );
});

test('watching that fails is told, and does not fail what it watches', async () => {
  const { database } = openDatabase(':memory:');
  const failures: unknown[] = [];
  const watch = watchPolicyBursts({
    counter: createEventCounter({ ...database, all: () => Promise.reject(new Error('disk error')) }),
    now: () => 0,
    onBurst: () => {},
    onFailure: (error) => failures.push(error),
  });
  await watch(1);
  expect(failures).toEqual([new Error('disk error')]);
});

// The reports on SQLite: the battery, and which indexes they read.

import { expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { watchPolicyBursts } from '../../src/reports/policy-burst.ts';
import { createReports } from '../../src/reports/report.ts';
import type { SqlValue } from '../../src/storage/database.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { reportsBattery } from '../contract/reports.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));

reportsBattery('SQLite', async () => ({ database: openDatabase(':memory:').database, hasher }));

test('counts are read by their key: the events are not read, and days and hours are not sorted', async () => {
  const { database } = openDatabase(':memory:');
  const plans: string[] = [];
  const watching = {
    ...database,
    async all<Row>(sql: string, params: readonly SqlValue[] = []) {
      const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
      plans.push(...plan.map(({ detail }) => detail));
      return database.all<Row>(sql, params);
    },
    async first<Row>(sql: string, params: readonly SqlValue[] = []) {
      return (await watching.all<Row>(sql, params))[0] ?? null;
    },
  };
  const counter = createEventCounter(watching);
  const day = { from: 0, to: 86_400_000 };
  for (const every of ['hour', 'day'] as const) await counter.count({ ...day, by: 'provider', every });
  await counter.countUnproven(day);
  const key = 'PRIMARY KEY (workspace=? AND every=? AND dimension=? AND start>? AND start<?)';
  expect(new Set(plans)).toEqual(
    new Set([
      `SEARCH event_tallies USING ${key}`,
      `SEARCH event_causes USING ${key}`,
      'SEARCH unproven_tallies USING PRIMARY KEY (workspace=? AND start>? AND start<?)',
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

test('a report says which of its days are not counted completely', async () => {
  const day = 86_400_000;
  const { database } = openDatabase(':memory:');
  const reportOn = (uncounted: number | null) =>
    createReports({
      counter: createEventCounter(database),
      history: { newestUncounted: async () => uncounted },
      now: () => 10 * day,
    }).bounces({ from: 5 * day, to: 8 * day, by: 'day' });
  const notesWith = async (uncounted: number | null) =>
    (await reportOn(uncounted)).notes.filter((note) => note.includes('still being counted'));
  expect(await notesWith(null)).toEqual([]);
  expect(await notesWith(5 * day - 1)).toEqual([]);
  expect(await notesWith(5 * day)).toEqual([
    'Stored events up to 1970-01-06 are still being counted, so the figures for these days are too low.',
  ]);
});

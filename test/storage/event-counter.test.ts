// Reading counts blocks Node during each SQL statement, so long reports leave turns of the event loop to other work.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { createEventCounter } from '../../src/storage/sqlite/event-counter.ts';

const dayMs = 86_400_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** A database without counts, whose statements take `ms` milliseconds. */
function slowDatabase(ms: number): { database: Database; statements: () => number } {
  let statements = 0;
  const all = async <Row>() => {
    statements += 1;
    vi.setSystemTime(Date.now() + ms);
    return [] as Row[];
  };
  return { database: { all } as unknown as Database, statements: () => statements };
}

const count = (database: Database) =>
  createEventCounter(database).count({ from: 0, to: 30 * dayMs, by: 'provider', every: 'day' });

const settle = async () => {
  for (let turn = 0; turn < 100; turn++) await null;
};

test('fast statements follow each other without a turn', async () => {
  const { database, statements } = slowDatabase(0);
  expect(await count(database)).toEqual([]);
  expect(statements()).toBe(10);
});

test.each([
  [10, 1],
  [4, 3],
  [2, 5],
])('statements of %i ms leave a turn after %i of them', async (ms, together) => {
  const { database, statements } = slowDatabase(ms);
  const counted = count(database);
  for (let turns = 1; turns <= 2; turns++) {
    await settle();
    expect(statements()).toBe(turns * together);
    vi.runOnlyPendingTimers();
  }
  await settle();
  for (let turns = 0; turns < 10; turns++) {
    vi.runOnlyPendingTimers();
    await settle();
  }
  expect(await counted).toEqual([]);
});

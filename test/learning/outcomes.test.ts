// How outcomes find their verdicts among very many.

import { expect, test } from 'vitest';
import { outcomesOf } from '../../src/learning/outcomes.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { outcomeStatements } from '../../src/storage/sqlite/outcome-statements.ts';

const delivered = { provider: 'postmark', kind: 'delivered', class: 'none', echo: false } as const;

test('by their key: no statement looks at every verdict that is kept', async () => {
  const { database } = openDatabase(':memory:');
  const told = [{ event: delivered, at: 1, addressHash: 'a' }];
  for (const { sql, params } of outcomeStatements('default', 'k', outcomesOf(told, 2))) {
    const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    const steps = plan.map(({ detail }) => detail).filter((detail) => detail.includes('predictions'));
    for (const step of steps)
      expect(step).toBe('SEARCH predictions USING PRIMARY KEY (workspace=? AND key_id=? AND address_hash=?)');
  }
});

test('events that say nothing of an address need no statement', () => {
  const opened = { ...delivered, kind: 'opened' };
  const policy = { ...delivered, kind: 'bounce', class: 'policy' } as const;
  const told = [
    { event: opened, at: 1, addressHash: 'a' },
    { event: policy, at: 1, addressHash: 'a' },
    { event: delivered, at: 1, addressHash: null },
  ];
  expect(outcomeStatements('default', 'k', outcomesOf(told, 2))).toEqual([]);
});

test('of several events about one address a bounce counts, else the first', () => {
  const hard = { ...delivered, kind: 'bounce', class: 'hard' } as const;
  const outcomeOf = (...events: readonly [typeof delivered | typeof hard, number][]) =>
    outcomesOf(
      events.map(([event, at]) => ({ event, at, addressHash: 'a' })),
      10,
    ).outcomes.map(({ bounced, at }) => [bounced, at]);
  expect(outcomeOf([delivered, 1], [hard, 2])).toEqual([[true, 2]]);
  expect(outcomeOf([hard, 1], [delivered, 2])).toEqual([[true, 1]]);
  expect(outcomeOf([delivered, 1], [delivered, 2])).toEqual([[false, 1]]);
  expect(outcomeOf([hard, 1], [hard, 2])).toEqual([[true, 1]]);
});

// When the events of the last hour are counted to find a burst of policy bounces.

import { expect, test } from 'vitest';
import type { CountQuery, EventCount } from '../../src/reports/count.ts';
import { watchPolicyBursts } from '../../src/reports/policy-burst.ts';
import { nothing } from '../../src/reports/tally.ts';

const hour = 3_600_000;

/** A watch over cells that the test sets. */
function startWatch() {
  const asked: CountQuery[] = [];
  const told: (string | null)[] = [];
  const state = { now: 10 * hour, cells: [] as EventCount[] };
  const watch = watchPolicyBursts({
    counter: {
      async count(query) {
        asked.push(query);
        return state.cells;
      },
      countUnproven: async () => 0,
    },
    now: () => state.now,
    onBurst: ({ provider }) => told.push(provider),
    onFailure: (error) => {
      throw error;
    },
  });
  return { asked, told, state, watch };
}

const cell = (name: string, policy: number, delivered: number): EventCount => ({
  period: 0,
  name,
  tally: { ...nothing, policy, delivered },
  causes: [{ failure: 'policy', reason: 'spam_content', status: null, messages: policy }],
});

test('the first policy bounce is looked at, over the hour before it', async () => {
  const { asked, state, watch } = startWatch();
  await watch(1);
  expect(asked).toEqual([{ from: state.now - hour, to: state.now + 1, by: 'provider', every: 'all' }]);
});

test('within a minute only twenty more are looked at', async () => {
  const { asked, watch } = startWatch();
  await watch(1);
  await watch(12);
  await watch(7);
  expect(asked).toHaveLength(1);
  await watch(1);
  expect(asked).toHaveLength(2);
});

test('within a minute of a large mailing half as many as it had events', async () => {
  const { asked, state, watch } = startWatch();
  state.cells = [cell('gmail', 30, 70)];
  await watch(1);
  await watch(49);
  expect(asked).toHaveLength(1);
  await watch(1);
  expect(asked).toHaveLength(2);
});

test('after a minute each is looked at', async () => {
  const { asked, state, watch } = startWatch();
  await watch(1);
  state.now += 59_999;
  await watch(1);
  expect(asked).toHaveLength(1);
  state.now++;
  await watch(1);
  expect(asked).toHaveLength(2);
});

test('a provider is reported once an hour', async () => {
  const { told, state, watch } = startWatch();
  state.cells = [cell('gmail', 60, 40)];
  for (const wait of [0, hour - 1, 1]) {
    state.now += wait;
    await watch(100);
  }
  expect(told).toEqual(['gmail', 'gmail']);
});

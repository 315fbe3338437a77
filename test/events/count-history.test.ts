// How the events of earlier versions are counted in the background.

import { expect, test } from 'vitest';
import { createHistoryCounting } from '../../src/events/count-history.ts';

function counting(events: number) {
  const state = { left: events, asked: [] as number[], failures: [] as unknown[], fails: false };
  const { tend } = createHistoryCounting({
    history: {
      async countNext(limit) {
        state.asked.push(limit);
        if (state.fails) throw new Error('disk error');
        const count = Math.min(limit, state.left);
        state.left -= count;
        return count;
      },
      newestUncounted: async () => null,
    },
    eventsAtOnce: 10,
    steps: 3,
    onFailure: (error) => state.failures.push(error),
  });
  return { state, tend };
}

test('a call counts a limited number of events, and the next call goes on', async () => {
  const { state, tend } = counting(45);
  await tend();
  expect([state.left, state.asked]).toEqual([15, [10, 10, 10]]);
  await tend();
  expect([state.left, state.asked.length]).toEqual([0, 5]);
});

test('without uncounted events a call asks once', async () => {
  const { state, tend } = counting(0);
  await tend();
  expect(state.asked).toEqual([10]);
});

test('calls that overlap do the work once', async () => {
  const { state, tend } = counting(100);
  await Promise.all([tend(), tend()]);
  expect(state.asked).toHaveLength(3);
  await tend();
  expect(state.asked).toHaveLength(6);
});

test('a failure is reported, and the next call tries again', async () => {
  const { state, tend } = counting(5);
  state.fails = true;
  await tend();
  expect([state.failures, state.left]).toEqual([[new Error('disk error')], 5]);
  state.fails = false;
  await tend();
  expect([state.failures.length, state.left]).toEqual([1, 0]);
});

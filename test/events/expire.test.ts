// How expired events are deleted: in small steps, and as fast as they come in.

import { expect, test } from 'vitest';
import {
  createEventExpiry,
  defaultExpiryLimits,
  type ExpiryLimits,
  workerExpiryLimits,
} from '../../src/events/expire.ts';

function expiring(events: number, limits: ExpiryLimits) {
  const state = { left: events, asked: [] as number[], counts: 0, fails: false };
  const expiry = createEventExpiry(
    {
      async deleteBefore(_, limit) {
        state.asked.push(limit);
        if (state.fails) throw new Error('disk error');
        const count = Math.min(limit, state.left);
        state.left -= count;
        return count;
      },
      async deleteCountsBefore() {
        state.counts += 1;
      },
    },
    limits,
  );
  return { state, expiry };
}

const maintenanceSeconds = 300;

test.each([
  ['Node', defaultExpiryLimits],
  ['Workers', workerExpiryLimits],
])('on %s the calls of every five minutes keep up with 1,000 events a second', async (_, limits) => {
  const { state, expiry } = expiring(2 * maintenanceSeconds * 1000, limits);
  await expiry.deleteBefore(0);
  expect(state.left).toBeLessThanOrEqual(maintenanceSeconds * 1000);
  await expiry.deleteBefore(0);
  expect([state.left, state.counts]).toEqual([0, 2]);
});

test('a call deletes a limited number of events, and the next call goes on', async () => {
  const { state, expiry } = expiring(45, { eventsAtOnce: 10, steps: 3 });
  await expiry.deleteBefore(0);
  expect([state.left, state.asked]).toEqual([15, [10, 10, 10]]);
  await expiry.deleteBefore(0);
  expect([state.left, state.asked.length, state.counts]).toEqual([0, 5, 2]);
});

test('other work gets a turn between two steps', async () => {
  const { state, expiry } = expiring(40, { eventsAtOnce: 10, steps: 3 });
  const deleted = expiry.deleteBefore(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(state.asked.length).toBeLessThan(3);
  await deleted;
  expect(state.asked).toHaveLength(3);
});

test('calls that overlap do the work once', async () => {
  const { state, expiry } = expiring(100, { eventsAtOnce: 10, steps: 3 });
  await Promise.all([expiry.deleteBefore(0), expiry.deleteBefore(0)]);
  expect(state.asked).toHaveLength(3);
});

test('after a failure the next call tries again', async () => {
  const { state, expiry } = expiring(5, { eventsAtOnce: 10, steps: 3 });
  state.fails = true;
  await expect(expiry.deleteBefore(0)).rejects.toThrow('disk error');
  state.fails = false;
  await expiry.deleteBefore(0);
  expect([state.left, state.counts]).toEqual([0, 1]);
});

// What the prober finds out about stand-in hosts whose mailboxes are known. The full size is `npm run simulate -- mailboxes`.

import { expect, test } from 'vitest';
import { simulateMailboxes } from '../../bench/mailbox/simulate.ts';

const small = { hosts: 52, addresses: 1500, seed: 11 };

test('12 behaviors: nobody who exists is told unknown, and nobody unknown is told to exist', async () => {
  const score = await simulateMailboxes(small);
  expect(score.unknownToldWrongly).toBe(0);
  expect(score.existsToldWrongly).toBeLessThanOrEqual(0.005);
  expect(Math.abs(score.catchAllTold - score.catchAllTrue)).toBeLessThanOrEqual(0.03);
  expect(score.probesPerAddress).toBeLessThanOrEqual(1.1);
  expect(score.mostSessionsAtOnce).toBe(1);
  expect(score.toldUndeliverable).toBeGreaterThan(100);
  expect(score.counts['honest: exists']).toBeGreaterThan(150);
});

test('a prober that is blocked everywhere tells nobody undeliverable', async () => {
  const score = await simulateMailboxes({ ...small, blocked: true });
  expect(score.toldUndeliverable).toBe(0);
  expect(Object.keys(score.counts).filter((key) => !/refused_us|not_checked/.test(key))).toEqual([]);
});

test('the prober takes at most 1.3 times what the pauses and the replies of the hosts take', async () => {
  const latencyMs = 100;
  const perHost = 40;
  const { hours } = await simulateMailboxes({
    ...{ hosts: 25, addresses: 25 * perHost, seed: 5, only: 'honest' as const, latencyMs },
  });
  // The host with the most domains has 4: a made-up name in each. A session has 10 recipients, and 5 other commands that are answered.
  const questions = perHost + 4;
  const sessions = Math.ceil(questions / 10);
  const allowedMs = (sessions - 1) * 10_000 + (questions + 5 * sessions) * latencyMs;
  expect((hours * 3_600_000) / allowedMs).toBeLessThanOrEqual(1.3);
});

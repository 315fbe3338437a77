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

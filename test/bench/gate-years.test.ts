// The short form of `npm run simulate -- gate-years`: some weeks of a few senders, with the real gate.

import { expect, test } from 'vitest';
import { type GateYear, runGateYear, summarizeGateYears } from '../../bench/gate-years/simulate.ts';
import { generateSendYear } from '../../bench/gate-years/year.ts';

const days = 30;

test('the same seed gives the same year', () => {
  expect(generateSendYear(3, days)).toEqual(generateSendYear(3, days));
  expect(generateSendYear(3, days)).not.toEqual(generateSendYear(4, days));
});

test('a sender who obeys the gate stops at blocks and bad lists, and hardly ever without a cause', async () => {
  const years: GateYear[] = [];
  for (const seed of [3, 8]) years.push(await runGateYear(seed, days));
  const blocks = years.flatMap((year) => year.blocks).filter(({ refused }) => refused > 0);
  const lists = years.flatMap((year) => year.lists);
  // Without any of them the test would show nothing.
  expect(Math.min(blocks.length, lists.length)).toBeGreaterThan(2);
  expect(blocks.filter(({ before }) => before > 50)).toEqual([]);
  expect(lists.filter(({ stoppedAfter }) => stoppedAfter === null)).toEqual([]);
  for (const { falseStops, hard, ignored } of years) {
    expect(falseStops.length).toBeLessThanOrEqual(1);
    expect(hard).toBeLessThan(ignored.hard);
  }
  expect(summarizeGateYears(years)).toMatchObject({ years: 2, hard_bounces: { ratio: expect.any(Number) } });
}, 120_000);

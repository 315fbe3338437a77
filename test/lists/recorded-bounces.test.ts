// The days whose recorded bounces a backtest compares with.

import { expect, test } from 'vitest';
import { bouncePeriod } from '../../src/lists/recorded-bounces.ts';

const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);
const now = noon('2026-11-20');

test.each([
  ['the last 30 days', {}, '2026-10-22', '2026-11-21'],
  ['30 days from the campaign', { sentAt: '2026-09-01' }, '2026-09-01', '2026-10-01'],
  ['from the campaign to now', { sentAt: '2026-11-10' }, '2026-11-10', '2026-11-21'],
  ['30 days from the first', { first: '2026-09-01', sentAt: '2026-08-01' }, '2026-09-01', '2026-10-01'],
  ['30 days to the last', { last: '2026-09-30' }, '2026-09-01', '2026-10-01'],
  ['all the days between', { first: '2026-01-01', last: '2026-09-30' }, '2026-01-01', '2026-10-01'],
  ['one day', { first: '2026-11-20', last: '2026-11-20' }, '2026-11-20', '2026-11-21'],
])('%s', (_, days, from, to) => {
  const epochs = Object.fromEntries(Object.entries(days).map(([name, day]) => [name, noon(day)]));
  expect(bouncePeriod(epochs, now)).toEqual({ from: Date.parse(from), to: Date.parse(to) });
});

test('a last day before the first is no period', () => {
  expect(bouncePeriod({ first: noon('2026-11-02'), last: noon('2026-11-01') }, now)).toBeNull();
  expect(bouncePeriod({ first: noon('2026-11-21') }, now)).toBeNull();
});

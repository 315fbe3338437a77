// Days that exist, and days that Date.parse moves to the next month.

import { expect, test } from 'vitest';
import { isCalendarDay, monthNumber } from '../src/calendar.ts';

test.each(['2026-01-31', '2028-02-29', '2000-02-29', '0001-01-01', '2026-12-31'])('%s is a day', (day) => {
  expect(isCalendarDay(day)).toBe(true);
});

test.each([
  '2026-02-29',
  '2026-02-30',
  '2026-04-31',
  '1900-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '2026-01',
  '2026',
  '',
])('%j is not a day', (day) => {
  expect(isCalendarDay(day)).toBe(false);
});

test.each([
  ['Nov', 11],
  ['SEPTEMBER', 9],
  ['März', 3],
  ['Mrz', 3],
  ['juin', 6],
  ['juillet', 7],
  ['août', 8],
  ['setembro', 9],
  ['ноября', 11],
  ['Foo', 0],
  ['jui', 0],
])('%s is month %i', (name, month) => {
  expect(monthNumber(name)).toBe(month);
});

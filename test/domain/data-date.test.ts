// The age of the lists, for operators.

import { expect, test } from 'vitest';
import { dataAgeDays, dataDate, dataTime } from '../../src/domain/data-date.ts';

const day = 86_400_000;

test('the day is a date', () => {
  expect(dataDate).toMatch(/^20\d\d-\d\d-\d\d$/);
  expect(new Date(dataTime()).toISOString()).toBe(`${dataDate}T00:00:00.000Z`);
});

test.each([
  [-day, 0],
  [0, 0],
  [day - 1, 0],
  [day, 1],
  [400 * day, 400],
])('%d ms after the start of the day, the lists are %d days old', (since, days) => {
  expect(dataAgeDays(dataTime() + since)).toBe(days);
});

// Days that exist, and days that Date.parse moves to the next month.

import { expect, test } from 'vitest';
import { isCalendarDay, mailDateEpoch } from '../src/calendar.ts';

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
  ['Fri, 20 Nov 2026 12:00:00 +0100', Date.UTC(2026, 10, 20, 11)],
  ['20 Nov 2026 23:30 -0100', Date.UTC(2026, 10, 21, 0, 30)],
  ['29 Feb 2028', Date.UTC(2028, 1, 29)],
  ['9 Mar 2026', Date.UTC(2026, 2, 9)],
  ['30 Feb 2026', null],
  ['30 Feb 2026 12:00 GMT', null],
  ['31 Apr 2026 00:00:00 +1400', null],
  ['20 Foo 2026', null],
  ['20 Nov 2026 25:00 GMT', null],
  ['', null],
])('%j is %j', (text, epoch) => {
  expect(mailDateEpoch(text)).toBe(epoch);
});

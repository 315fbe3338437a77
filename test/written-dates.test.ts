// Dates as people and programs write them → epoch milliseconds.

import { expect, test } from 'vitest';
import { dateOrderOf, parseCellDate, parseWrittenDate } from '../src/written-dates.ts';

test.each([
  ['2026-02-28', '2026-02-28T00:00Z'],
  ['2026/02/28', '2026-02-28T00:00Z'],
  ['2026-02-28T10:20:30.5Z', '2026-02-28T10:20:30.500Z'],
  ['2026-02-28 10:20 UTC', '2026-02-28T10:20Z'],
  ['2026-02-28 10:20:30+02:00', '2026-02-28T08:20:30Z'],
  ['2026-02-28T10:20-0230', '2026-02-28T12:50Z'],
  ['2024-02-29', '2024-02-29T00:00Z'],
  ['2026-02-28T24:00Z', '2026-03-01T00:00Z'],
  ['2026-02-28T10:20:30.123456Z', '2026-02-28T10:20:30.123Z'],
  ['1.2.2026', '2026-02-01T00:00Z'],
  ['01.02.2026 13:45', '2026-02-01T13:45Z'],
  ['3 Feb 2026', '2026-02-03T00:00Z'],
  ['Tue, 03 Feb 2026 23:30:00 -0100', '2026-02-04T00:30Z'],
  ['1770076800', '2026-02-03T00:00Z'],
  ['1770076800000', '2026-02-03T00:00Z'],
  ['46056', '2026-02-03T00:00Z'],
  ['46056.5', '2026-02-03T12:00Z'],
  ['Feb 3, 2026', '2026-02-03T00:00Z'],
  ['February 3, 2026 10:15 AM', '2026-02-03T10:15Z'],
  ['February 3, 2026 soon', '2026-02-03T00:00Z'],
  ['3-Feb-2026', '2026-02-03T00:00Z'],
  ['3 February 2026', '2026-02-03T00:00Z'],
  ['2/28/2026', '2026-02-28T00:00Z'],
  ['28/2/2026 5:07', '2026-02-28T05:07Z'],
  ['2/28/2026 12:30 AM', '2026-02-28T00:30Z'],
  ['2/28/2026, 1:30:09 pm', '2026-02-28T13:30:09Z'],
  ['2026.2.3', '2026-02-03T00:00Z'],
  ['2026. 2. 3.', '2026-02-03T00:00Z'],
  ['2026年2月3日 12:15', '2026-02-03T12:15Z'],
  ['3. Februar 2026, 12:15 Uhr', '2026-02-03T12:15Z'],
  ['03.02.2026 um 12:15', '2026-02-03T12:15Z'],
  ['3 février 2026 à 12:15', '2026-02-03T12:15Z'],
  ['3 de febrero de 2026', '2026-02-03T00:00Z'],
  ['mar. 3 févr. 2026', '2026-02-03T00:00Z'],
  ['3.2.26', '2026-02-03T00:00Z'],
  ['2/28/26 5:07', '2026-02-28T05:07Z'],
  ['28/2/99', '1999-02-28T00:00Z'],
  ['Fri, 20 Nov 2026 12:00:00 +0100', '2026-11-20T11:00Z'],
  ['20 Nov 2026 23:30 -0100', '2026-11-21T00:30Z'],
])('%s', (text, iso) => {
  expect(parseCellDate(text)).toBe(Date.parse(iso));
});

test.each([
  '',
  'yesterday',
  '3/4/2026',
  '2026-02-30',
  '2026-02-30T10:00Z',
  '2026-13-01',
  '2026-00-10',
  '2025-02-29',
  '31.4.2026',
  '30 Feb 2026',
  'Mon, 31 Jun 2026 10:00 GMT',
  '2026-02-28T25:00Z',
  '2026-02-28T24:01Z',
  '2026-02-28T10:60Z',
  '2026-02-28T10:20:60Z',
  '2026-02-28T10:20+25:00',
  '28.2.2026 10:60',
  '0001-01-01T00:00:00',
  '1/1/0001',
  '12345',
  '30/30/2026',
  'Foo 3, 2026',
  'Feb 30, 2026',
  '31 Apr 2026 00:00:00 +1400',
  '20 Nov 2026 25:00 GMT',
  '26-11-27',
  '3/4/26',
  '1.2.3.4',
])('"%s" is no date', (text) => {
  expect(parseCellDate(text)).toBeNull();
});

test('the order of an ambiguous date can be given', () => {
  expect(parseCellDate('3/4/2026', 'day')).toBe(Date.parse('2026-04-03T00:00Z'));
  expect(parseCellDate('3/4/2026', 'month')).toBe(Date.parse('2026-03-04T00:00Z'));
  expect(parseCellDate('14/3/2026', 'month')).toBeNull();
});

test('dates show their order together', () => {
  expect(dateOrderOf(['1/2/2026', '1/13/2026'])).toBe('month');
  expect(dateOrderOf(['1/2/2026', ' 13-1-2026'])).toBe('day');
  expect(dateOrderOf(['1/2/2026', '2026-01-13'])).toBeNull();
  expect(dateOrderOf(['13/1/2026', '1/13/2026'])).toBeNull();
});

test('the later of two possible days can count, up to an instant', () => {
  const read = (text: string, latest: string) => parseWrittenDate(text, { latest: Date.parse(latest) });
  expect(read('03/09/2026', '2026-11-27')).toBe(Date.parse('2026-09-03T00:00Z'));
  expect(read('03/09/2026', '2026-06-01')).toBe(Date.parse('2026-03-09T00:00Z'));
  expect(read('03/09/2026', '2026-01-01')).toBe(Date.parse('2026-09-03T00:00Z'));
  expect(read('03.09.2026', '2026-06-01')).toBe(Date.parse('2026-09-03T00:00Z'));
});

test('the day number of a spreadsheet is a date in a cell only', () => {
  expect(parseWrittenDate('46056')).toBeNull();
});

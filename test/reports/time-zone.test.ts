// Which hours belong to which day of a time zone.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayName } from '../../src/calendar.ts';
import { dayMs, hourMs } from '../../src/durations.ts';
import { isTimeZoneName, reportTimeZone, utc } from '../../src/reports/time-zone.ts';

const day = (text: string): number => Date.parse(`${text}T00:00Z`);
const hoursOf = (zone: string, text: string): number => {
  const { startOf } = reportTimeZone(zone);
  return (startOf(day(text) + dayMs) - startOf(day(text))) / hourMs;
};
const startText = (zone: string, text: string): string =>
  new Date(reportTimeZone(zone).startOf(day(text))).toISOString().slice(0, 16);

describe('a day', () => {
  test.each([
    ['UTC', '2026-03-29', 24],
    ['Europe/Berlin', '2026-03-28', 24],
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['America/New_York', '2026-03-08', 23],
    ['America/New_York', '2026-11-01', 25],
    ['Australia/Sydney', '2026-04-05', 25],
    // The clocks change by two hours.
    ['Antarctica/Troll', '2026-03-29', 22],
    // They change by half an hour, and hours are whole.
    ['Australia/Lord_Howe', '2026-04-05', 24],
    // Samoa left this day out when it moved across the date line.
    ['Pacific/Apia', '2011-12-30', 0],
  ])('in %s, %s, has %d hours', (zone, text, hours) => {
    expect(hoursOf(zone, text)).toBe(hours);
  });

  test.each([
    ['UTC', '2026-11-20T00:00'],
    ['Europe/Berlin', '2026-11-19T23:00'],
    ['America/Los_Angeles', '2026-11-20T08:00'],
    ['Pacific/Kiritimati', '2026-11-19T10:00'],
    // Midnight is at 18:30 and 18:15, in the middle of an hour or before it.
    ['Asia/Kolkata', '2026-11-19T18:00'],
    ['Asia/Kathmandu', '2026-11-19T18:00'],
    // Midnight is at 03:30, and at 10:15 in summer, when Chatham is at +13:45.
    ['America/St_Johns', '2026-11-20T03:00'],
    ['Pacific/Chatham', '2026-11-19T10:00'],
    // Midnight is at 15:15.
    ['Australia/Eucla', '2026-11-19T15:00'],
  ])('in %s begins at the whole hour nearest to midnight, %s', (zone, start) => {
    expect(startText(zone, '2026-11-20')).toBe(start);
  });

  test('begins at the later hour if midnight is nearer to it', () => {
    // Liberia was at -00:44:30 until 1972: midnight is at 00:44:30 UTC.
    expect(startText('Africa/Monrovia', '1971-06-01')).toBe('1971-06-01T01:00');
  });
});

/** The date in a zone in another way: Swedish dates have the form of ISO 8601. */
const swedishDate = (zone: string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
  return (at: number): string => format.format(at);
};

const zones = Intl.supportedValuesOf('timeZone');

test('in every zone, each hour belongs to the day of its middle, and days follow each other without a gap', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: day('1975-01-01') / dayMs, max: day('2037-12-31') / dayMs }),
      (name, number) => {
        const zone = reportTimeZone(name);
        const date = swedishDate(name);
        const first = number * dayMs;
        const start = zone.startOf(first);
        const end = zone.startOf(first + dayMs);
        expect(start % hourMs).toBe(0);
        for (let hour = start - 2 * hourMs; hour < end + 2 * hourMs; hour += hourMs) {
          const named = date(hour + hourMs / 2);
          expect(dayName(zone.dayOf(hour))).toBe(named);
          expect(zone.dayOf(hour + hourMs - 1)).toBe(zone.dayOf(hour));
          const isInside = hour >= start && hour < end;
          expect(named === dayName(first)).toBe(isInside);
        }
      },
    ),
    { numRuns: 300 },
  );
});

describe('the name of an hour', () => {
  test.each([
    ['UTC', '2026-11-20T13:00:00Z'],
    ['Europe/Berlin', '2026-11-20T14:00:00+01:00'],
    ['America/St_Johns', '2026-11-20T09:30:00-03:30'],
    ['Asia/Kathmandu', '2026-11-20T18:45:00+05:45'],
    ['Pacific/Kiritimati', '2026-11-21T03:00:00+14:00'],
    ['Europe/London', '2026-11-20T13:00:00+00:00'],
  ])('in %s', (zone, name) => {
    expect(reportTimeZone(zone).hourName(Date.UTC(2026, 10, 20, 13, 59))).toBe(name);
  });

  test('tells the two hours apart that have the same time', () => {
    const { hourName } = reportTimeZone('Europe/Berlin');
    const first = Date.UTC(2026, 9, 25, 0);
    expect([hourName(first), hourName(first + hourMs)]).toEqual([
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00',
    ]);
  });

  test('is the same instant in every zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: day('1975-01-01') / hourMs, max: day('2037-12-31') / hourMs }),
        (name, hour) => {
          expect(Date.parse(reportTimeZone(name).hourName(hour * hourMs))).toBe(hour * hourMs);
        },
      ),
    );
  });
});

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Etc/GMT+3', true],
  ['Europe/Nowhere', false],
  ['+02:00', false],
  ['-02:00', false],
  ['local', false],
  ['', false],
])('%s is a time zone: %s', (name, is) => {
  expect(isTimeZoneName(name)).toBe(is);
});

test('UTC needs no calendar', () => {
  expect(reportTimeZone('UTC')).toBe(utc);
  expect(utc.dayOf(day('2026-11-20') + dayMs - 1)).toBe(day('2026-11-20'));
});

// A webhook from which events came regularly and now do not.

import { describe, expect, test } from 'vitest';
import { findSilentHooks } from '../../src/events/silent-hooks.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** A Monday. */
const monday = Date.UTC(2026, 10, 2);

type Hours = Parameters<typeof findSilentHooks>[0];

/** Events in the hours of the days since `monday` for which `isActive`, before the hour `end`. */
const eventsUntil = (end: number, isActive: (weekday: number, hour: number) => boolean): Hours[number][] =>
  Array.from({ length: (end - monday) / hour }, (_, index) => monday + index * hour)
    .filter((at) => isActive(Math.floor((at - monday) / day) % 7, (at / hour) % 24))
    .map((at) => ({ hook: 'sendgrid', hour: at, events: 5, refused: 0 }));

const silentAt = (hours: Hours, now: number) => findSilentHooks(hours, now).silent.length > 0;
const always = () => true;
const office = (weekday: number, at: number) => weekday < 5 && at >= 9 && at < 17;

describe('silence', () => {
  test('of steady mail is noticed after six hours', () => {
    const end = monday + 21 * day;
    expect(silentAt(eventsUntil(end, always), end + 5 * hour)).toBe(false);
    expect(silentAt(eventsUntil(end, always), end + 6 * hour)).toBe(true);
  });

  test('of nights and weekends is usual; that of the Monday after is not', () => {
    const friday = monday + 18 * day + 17 * hour;
    const hours = eventsUntil(friday, office);
    for (let now = friday; now < monday + 21 * day + 14 * hour; now += hour)
      expect(silentAt(hours, now), new Date(now).toISOString()).toBe(false);
    expect(silentAt(hours, monday + 21 * day + 15 * hour)).toBe(true);
  });

  test('is never seen in mail that goes on, at any hour', () => {
    for (let now = monday + 7 * day; now < monday + 28 * day; now += hour)
      expect(silentAt(eventsUntil(now, office), now), new Date(now).toISOString()).toBe(false);
  });

  test('of a weekly newsletter that is left out once is no fault', () => {
    const weekly = (weekday: number, at: number) => weekday === 1 && at >= 8 && at < 20;
    const hours = eventsUntil(monday + 16 * day, weekly);
    expect(silentAt(hours, monday + 22 * day + 23 * hour)).toBe(false);
  });

  test('is found by its events alone: requests that strangers send neither raise it nor hide it', () => {
    const end = monday + 10 * day;
    for (const refused of [0, 1, 10, 100_000]) {
      const strangers = [1, 2, 3, 5].map((after) => ({
        ...{ hook: 'sendgrid', hour: end + after * hour, events: 0, refused },
      }));
      const hours = [...eventsUntil(end, always), ...strangers];
      expect(findSilentHooks(hours, end + 6 * hour - 1).silent).toEqual([]);
      expect(findSilentHooks(hours, end + 6 * hour).silent).toEqual([
        { hook: 'sendgrid', lastHour: end - hour, refused: 4 * refused },
      ]);
    }
    // While events come, they count for nothing at all.
    const strangers = { hook: 'sendgrid', hour: end - hour, events: 0, refused: 100_000 };
    expect(findSilentHooks([...eventsUntil(end, always), strangers], end + hour).silent).toEqual([]);
  });

  test.each([
    ['steady mail', 10, always],
    ['office hours', 18, office],
  ])('of the service itself is not that of the vendor: %s', (_, days, isActive) => {
    const end = monday + days * day;
    const hours = eventsUntil(end, isActive);
    // The service is stopped for three days and a half, and comes back on a working day.
    const upSince = end + (days === 18 ? 3.5 : 4) * day + hour / 2;
    const isSilentAfter = (ms: number) => findSilentHooks(hours, upSince + ms, upSince).silent.length > 0;
    expect([0, 1, 3, 5].filter((after) => isSilentAfter(after * hour))).toEqual([]);
    expect(isSilentAfter(8 * day)).toBe(true);
  });

  test('is noticed after six hours of a service that came back, and if it was stopped for weeks', () => {
    const end = monday + 10 * day;
    for (const stopped of [day, 6 * day, 15 * day]) {
      const upSince = end + stopped;
      const found = (ms: number) => findSilentHooks(eventsUntil(end, always), upSince + ms, upSince);
      expect(found(5 * hour).silent, `${stopped}`).toEqual([]);
      expect(found(6 * hour).silent, `${stopped}`).toEqual([
        { hook: 'sendgrid', lastHour: end - hour, refused: 0 },
      ]);
    }
  });

  test('of a webhook that is a few days old is unknown', () => {
    const end = monday + 3 * day;
    expect(silentAt(eventsUntil(end, always), end + 3 * day)).toBe(false);
  });
});

test('events that come again end the silence that was told', () => {
  const end = monday + 10 * day;
  const hours = [
    ...eventsUntil(end, always),
    { hook: 'sendgrid', hour: end + 9 * hour, events: 1, refused: 0 },
  ];
  expect(findSilentHooks(hours, end + 10 * hour)).toEqual({
    silent: [],
    returned: [{ hook: 'sendgrid', lastHour: end - hour, backHour: end + 9 * hour }],
  });
});

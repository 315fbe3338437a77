// Counts by hour → counts by day of a time zone.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayName } from '../../src/calendar.ts';
import { dayMs, hourMs } from '../../src/durations.ts';
import type { CountQuery, EventCount } from '../../src/reports/count.ts';
import { countByDay } from '../../src/reports/days.ts';
import { nothing } from '../../src/reports/tally.ts';
import { reportTimeZone, utc } from '../../src/reports/time-zone.ts';

const day = (text: string): number => Date.parse(`${text}T00:00Z`);

function counterOf(cells: readonly EventCount[]) {
  const asked: CountQuery[] = [];
  return {
    asked,
    counter: {
      async count(query: CountQuery) {
        asked.push(query);
        return cells.filter(({ period }) => query.from <= period && period < query.to);
      },
      countUnproven: async () => 0,
    },
  };
}

const cell = (period: number, name: string | null, hard: number, status = '5.1.1'): EventCount => ({
  period,
  name,
  tally: { ...nothing, delivered: 10, hard },
  causes: [{ failure: 'hard', reason: 'mailbox_unknown', status, messages: hard }],
});

test('UTC days are counted by the storage', async () => {
  const { asked, counter } = counterOf([]);
  await countByDay(counter, utc, day('2026-11-01'), day('2026-11-20'));
  expect(asked).toEqual([{ from: day('2026-11-01'), to: day('2026-11-21'), by: 'provider', every: 'day' }]);
});

test('the hours of a day are added up by provider and by cause', async () => {
  const berlin = reportTimeZone('Europe/Berlin');
  const midnight = Date.UTC(2026, 10, 19, 23);
  const { asked, counter } = counterOf([
    cell(midnight - hourMs, 'gmail', 1),
    cell(midnight, 'gmail', 2),
    cell(midnight + 23 * hourMs, 'gmail', 3),
    cell(midnight + 5 * hourMs, 'gmail', 4, '5.1.10'),
    cell(midnight + 5 * hourMs, null, 5),
    cell(midnight + 24 * hourMs, 'gmail', 6),
  ]);
  const days = await countByDay(counter, berlin, day('2026-11-20'), day('2026-11-20'));
  expect(asked).toEqual([{ from: midnight, to: midnight + dayMs, by: 'provider', every: 'hour' }]);
  expect(days).toEqual([
    {
      period: day('2026-11-20'),
      name: 'gmail',
      tally: { ...nothing, delivered: 30, hard: 9 },
      causes: [
        { failure: 'hard', reason: 'mailbox_unknown', status: '5.1.1', messages: 5 },
        { failure: 'hard', reason: 'mailbox_unknown', status: '5.1.10', messages: 4 },
      ],
    },
    cell(day('2026-11-20'), null, 5),
  ]);
});

test('in every zone each event counts once, on the date of its hour, over years and changes of the clock', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      fc.integer({ min: day('2010-01-01') / dayMs, max: day('2030-01-01') / dayMs }),
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.tuple(fc.integer({ min: -30, max: 202 * 24 }), fc.constantFrom('gmail', null)), {
        maxLength: 60,
      }),
      async (zone, start, length, drawn) => {
        const first = start * dayMs;
        const last = first + (length - 1) * dayMs;
        const cells = drawn.map(([hours, name]) => cell(first + hours * hourMs, name, 1));
        const days = await countByDay(counterOf(cells).counter, reportTimeZone(zone), first, last);

        const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
        const expected = new Map<string, number>();
        for (const { period, name } of cells) {
          const date = format.format(period + hourMs / 2);
          if (date < dayName(first) || date > dayName(last)) continue;
          expected.set(`${date} ${name}`, (expected.get(`${date} ${name}`) ?? 0) + 1);
        }
        const counted = new Map(
          days.map(({ period, name, tally }) => [`${dayName(period)} ${name}`, tally.hard]),
        );
        expect(counted).toEqual(expected);
        expect(days).toHaveLength(expected.size);
        for (const { tally, causes } of days)
          expect(causes.map(({ messages }) => messages)).toEqual([tally.hard]);
      },
    ),
    { numRuns: 60 },
  );
});

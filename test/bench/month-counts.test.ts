// The counts of a synthetic month as the port of event counts shows them.

import { expect, test } from 'vitest';
import { createHourlyCounts } from '../../bench/months/hourly-counts.ts';
import type { HourlyCount, Month } from '../../bench/months/types.ts';
import { dayMs, hourMs } from '../../src/durations.ts';
import { replay } from './replay.ts';

const start = Date.UTC(2026, 0, 1);

const row = (hour: number, change: Partial<HourlyCount>): HourlyCount => ({
  hour: start + hour * hourMs,
  reported: start + hour * hourMs,
  provider: 'gmail',
  mailHost: null,
  source: 'shop',
  campaign: null,
  list: 'news',
  kind: 'delivered',
  class: 'none',
  reason: 'delivered',
  status: null,
  messages: 1,
  ...change,
});

const unknownMailbox = {
  kind: 'bounce',
  class: 'hard',
  reason: 'mailbox_unknown',
  status: '5.1.1',
  mailHost: 'google.com',
} as const;

const monthOf = (counts: HourlyCount[]): Month => ({
  seed: 0,
  kind: 'quiet',
  description: '',
  profile: 'b2c',
  daily: 1,
  start,
  from: start + dayMs,
  to: start + 3 * dayMs,
  truth: [],
  counts,
});

const hours = createHourlyCounts(
  monthOf([
    row(0, { kind: 'sent', messages: 20 }),
    row(0, { messages: 15 }),
    row(0, { ...unknownMailbox, messages: 2 }),
    row(0, { ...unknownMailbox, messages: 1, source: 'app' }),
    row(0, { ...unknownMailbox, messages: 1, status: null }),
    row(1, { messages: 7, provider: null }),
    row(1, { ...unknownMailbox, messages: 4 }),
    row(25, { kind: 'deferred', class: 'soft', reason: 'rate_limited', status: '4.7.28', messages: 9 }),
    row(25, { kind: 'complaint', class: 'complaint', reason: 'feedback', messages: 2 }),
    row(25, { kind: 'unsubscribed', reason: 'unknown', messages: 3 }),
    row(26, { messages: 5, provider: 'mimecast' }),
    row(27, { messages: 5, reported: start + 30 * hourMs }),
    row(27, { messages: 6, reported: start + 27 * hourMs }),
  ]),
);
const end = start + 3 * dayMs;
const nothing = {
  sent: 0,
  delivered: 0,
  hard: 0,
  soft: 0,
  policy: 0,
  complaint: 0,
  unsubscribed: 0,
  deferred: 0,
};

test('counts by hour and provider, with causes', () => {
  const counts = hours.countAt(end, { by: 'provider', every: 'hour', from: start, to: start + 2 * hourMs });
  expect(counts).toEqual([
    {
      period: start,
      name: 'gmail',
      tally: { ...nothing, sent: 20, delivered: 15, hard: 4 },
      causes: [
        { failure: 'hard', reason: 'mailbox_unknown', status: '5.1.1', messages: 3 },
        { failure: 'hard', reason: 'mailbox_unknown', status: null, messages: 1 },
      ],
    },
    { period: start + hourMs, name: null, tally: { ...nothing, delivered: 7 }, causes: [] },
    {
      period: start + hourMs,
      name: 'gmail',
      tally: { ...nothing, hard: 4 },
      causes: [{ failure: 'hard', reason: 'mailbox_unknown', status: '5.1.1', messages: 4 }],
    },
  ]);
});

test('counts by day and over all time add up the hours', () => {
  const byDay = hours.countAt(end, { by: 'source', every: 'day', from: start, to: end });
  expect(byDay.map(({ period, name, tally }) => [period - start, name, tally.hard, tally.delivered])).toEqual(
    [
      [0, 'shop', 7, 22],
      [0, 'app', 1, 0],
      [dayMs, 'shop', 0, 16],
    ],
  );
  const [all] = hours.countAt(end, { by: 'list', every: 'all', from: start, to: end });
  expect(all).toMatchObject({
    period: 0,
    name: 'news',
    tally: { sent: 20, delivered: 38, hard: 8, deferred: 9, complaint: 2, unsubscribed: 3 },
  });
  expect(all!.causes).toContainEqual({
    failure: 'deferred',
    reason: 'rate_limited',
    status: '4.7.28',
    messages: 9,
  });
  expect(all!.causes).toContainEqual({
    failure: 'hard',
    reason: 'mailbox_unknown',
    status: '5.1.1',
    messages: 7,
  });
});

test('mail hosts, reasons and statuses are known for failures alone', () => {
  const query = { every: 'all', from: start, to: start + dayMs } as const;
  expect(hours.countAt(end, { ...query, by: 'mail_host' })).toMatchObject([
    { name: 'google.com', tally: { sent: 0, delivered: 0, hard: 8 } },
  ]);
  expect(hours.countAt(end, { ...query, by: 'reason' })).toMatchObject([
    { name: 'mailbox_unknown', tally: { hard: 8 } },
  ]);
  expect(hours.countAt(end, { ...query, by: 'status' }).map(({ name, tally }) => [name, tally.hard])).toEqual(
    [
      ['5.1.1', 7],
      [null, 1],
    ],
  );
});

test('only spam filters are gateways', () => {
  const names = hours
    .countAt(end, { by: 'gateway', every: 'all', from: start + dayMs, to: end })
    .map(({ name, tally }) => [name, tally.delivered]);
  expect(names).toEqual([
    [null, 11],
    ['mimecast', 5],
  ]);
});

test('a counter knows only what was reported before its time', async () => {
  const query = {
    by: 'provider',
    every: 'hour',
    from: start + 27 * hourMs,
    to: start + 28 * hourMs,
  } as const;
  const delivered = async (now: number) =>
    (await hours.counterAt(start + now * hourMs).count(query)).map(({ tally }) => tally.delivered);
  expect(await delivered(27)).toEqual([]);
  expect(await delivered(28)).toEqual([6]);
  expect(await delivered(30)).toEqual([6]);
  expect(await delivered(31)).toEqual([11]);
  expect(await hours.counterAt(end).countUnproven(query)).toBe(0);
});

test('a day with late reports is counted by what is known, and again when all is known', () => {
  const delivered = (now: number) =>
    hours
      .countAt(start + now * hourMs, { by: 'list', every: 'day', from: start, to: end })
      .map(({ period, tally }) => [(period - start) / dayMs, tally.delivered]);
  expect(delivered(72)).toEqual([
    [0, 22],
    [1, 16],
  ]);
  expect(delivered(28)).toEqual([
    [0, 22],
    [1, 11],
  ]);
  expect(delivered(1)).toEqual([[0, 15]]);
  expect(delivered(31)).toEqual(delivered(72));
});

test('a part of a day is counted by its hours', () => {
  const counts = hours.countAt(end, {
    by: 'list',
    every: 'day',
    from: start + hourMs,
    to: start + 26 * hourMs,
  });
  expect(
    counts.map(({ period, tally }) => [
      (period - start) / dayMs,
      tally.delivered,
      tally.hard,
      tally.deferred,
    ]),
  ).toEqual([
    [0, 7, 4, 0],
    [1, 0, 0, 9],
  ]);
});

test('a query beyond the counted time finds nothing there', () => {
  const counts = hours.countAt(end, { by: 'provider', every: 'all', from: start - dayMs, to: end + dayMs });
  expect(counts.reduce((sum, { tally }) => sum + tally.delivered, 0)).toBe(38);
});

test('a replay looks at the ends of hours, and follows what opens and closes', async () => {
  const looks: number[] = [];
  const incident = { kind: 'rate_limit', provider: 'gmail', cause: 'sender' } as const;
  const found = await replay(hours, 12, (now) => {
    looks.push((now - hours.from) / hourMs);
    const at = looks.at(-1)!;
    return at === 24 || at === 48 ? [incident, incident] : [];
  });
  expect(looks).toEqual([12, 24, 36, 48]);
  expect(found).toEqual([
    { ...incident, opened: hours.from + dayMs, closed: hours.from + 36 * hourMs },
    { ...incident, opened: hours.to, closed: null },
  ]);
});

test('an incident that stays open opens once', async () => {
  const incident = { kind: 'complaints', cause: 'list' } as const;
  const found = await replay(hours, 6, (now) => [
    incident,
    ...(now === hours.to ? [{ ...incident, source: 'shop' }] : []),
  ]);
  expect(found).toEqual([
    { ...incident, opened: hours.from + 6 * hourMs, closed: null },
    { ...incident, source: 'shop', opened: hours.to, closed: null },
  ]);
});

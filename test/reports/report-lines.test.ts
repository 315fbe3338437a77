// Counts → the lines of a report, and the spikes that belong to its days.

import { describe, expect, test } from 'vitest';
import { dayMs, hourMs } from '../../src/durations.ts';
import type { CountQuery, EventCount } from '../../src/reports/count.ts';
import { createReports, type Dimension } from '../../src/reports/report.ts';
import { type EventTally, nothing } from '../../src/reports/tally.ts';
import { type BandProfile, rateBandsOf } from '../../src/reports/thresholds.ts';
import { reportTimeZone } from '../../src/reports/time-zone.ts';

const today = Date.UTC(2026, 10, 20);

const cell = (daysAgo: number, name: string | null, counts: Partial<EventTally>): EventCount => ({
  period: today - daysAgo * dayMs,
  name,
  tally: { ...nothing, ...counts },
  causes: [],
});

type Cells = Partial<Record<CountQuery['by'], EventCount[]>>;

const reportsOn = (cells: Cells, unproven = 0, options: { profile?: BandProfile; zone?: string } = {}) =>
  createReports({
    counter: {
      async count({ by, every, from, to }) {
        const start = every === 'day' ? dayMs : every === 'hour' ? hourMs : 1;
        return (cells[by] ?? [])
          .filter(({ period }) => from <= period && period < to)
          .map((one) => ({ ...one, period: Math.floor(one.period / start) * start }));
      },
      countUnproven: async () => unproven,
    },
    now: () => today,
    ...(options.profile && { profile: options.profile }),
    ...(options.zone && { timeZone: reportTimeZone(options.zone) }),
  });

/** The report on the last `days` days if each dimension has these cells. */
const reportOn = (cells: Cells, days = 1, unproven = 0, by: Dimension = 'provider') =>
  reportsOn(cells, unproven).bounces({ from: today - (days - 1) * dayMs, to: today, by });

describe('a rate of few messages says so', () => {
  test.each([
    [99, { hard: true, soft: true, policy: true, bounces: true, complaint: true, unsubscribed: true }],
    [100, { hard: false, soft: false, policy: false, bounces: false, complaint: true, unsubscribed: false }],
    [
      1000,
      { hard: false, soft: false, policy: false, bounces: false, complaint: false, unsubscribed: false },
    ],
  ])('of %d', async (delivered, few) => {
    const { total } = await reportOn({ provider: [cell(0, 'gmail', { delivered })] });
    expect(Object.fromEntries(Object.entries(total.rates!).map(([name, rate]) => [name, rate.few]))).toEqual(
      few,
    );
  });
});

describe('the spikes of a report', () => {
  const bad = { delivered: 100, hard: 40 };
  const quiet = Array.from({ length: 12 }, (_, index) =>
    cell(index + 3, 'gmail', { delivered: 1000, hard: 5 }),
  );

  test('are those of its days', async () => {
    const days = [...quiet, cell(2, 'gmail', bad), cell(1, 'gmail', quiet[0]!.tally), cell(0, 'gmail', bad)];
    const from = async (count: number) =>
      (await reportOn({ provider: days }, count)).spikes.map((spike) => spike.from);
    expect(await from(1)).toEqual([today]);
    expect(await from(3)).toEqual([today, today - 2 * dayMs]);
  });

  test('include sources, which have no day', async () => {
    const { spikes } = await reportOn({ source: [cell(0, 'webinar', bad)] });
    expect(spikes.map(({ kind, to }) => [kind, to])).toEqual([['source_quality', null]]);
  });
});

test('providers stand in the order of their mail, then of their bounces', async () => {
  const { groups } = await reportOn({
    provider: [
      cell(0, 'bounces alone', { hard: 3 }),
      cell(0, 'few', { delivered: 10 }),
      cell(0, 'many', { delivered: 20 }),
      cell(0, 'many, with bounces', { delivered: 18, soft: 2 }),
    ],
  });
  expect(groups.map(({ name }) => name)).toEqual(['many, with bounces', 'many', 'few', 'bounces alone']);
});

describe('the notes of a report', () => {
  const provider = [cell(0, 'gmail', { delivered: 100, hard: 1 })];

  test('are none if the volume is known and every returned message had proof', async () => {
    const { unproven, notes } = await reportOn({ provider });
    expect({ unproven, notes }).toEqual({ unproven: 0, notes: [] });
  });

  test('say how many recipients lacked proof', async () => {
    const { unproven, notes } = await reportOn({ provider }, 1, 7);
    expect(unproven).toBe(7);
    expect(notes).toEqual([
      'Bounce messages about 7 recipients are not counted, because nothing proves that they are about your mail (see BOUNCE_TRUST in docs/bounces.md).',
    ]);
  });

  test('say both that recipients lacked proof and that there is no volume', async () => {
    const { notes } = await reportOn({ provider: [cell(0, 'gmail', { hard: 1 })] }, 1, 7);
    expect(notes.map((note) => note.split(' ').slice(0, 2).join(' '))).toEqual([
      'Bounce messages',
      'The number',
    ]);
  });

  test.each(['hard', 'soft', 'policy', 'complaint', 'unsubscribed'] as const)(
    'say that events were recorded if there was only one of %s',
    async (outcome) => {
      const { notes } = await reportOn({ provider: [cell(0, 'gmail', { [outcome]: 1 })] });
      expect(notes.join()).toContain('The number of sent messages is unknown');
    },
  );
});

describe('the band of a rate', () => {
  const provider = [cell(0, 'gmail', { delivered: 975, hard: 12, soft: 13 })];
  const bandsWith = async (profile?: BandProfile) => {
    const report = await reportsOn({ provider }, 0, profile ? { profile } : {}).bounces({
      from: today,
      to: today,
      by: 'provider',
    });
    const bands = Object.entries(report.total.rates!).map(([name, { band }]) => [name, band]);
    expect(report.groups[0]!.rates).toEqual(report.total.rates);
    expect(report).toMatchObject({ profile: profile ?? null, bands: rateBandsOf(profile ?? null) });
    return Object.fromEntries(bands);
  };

  test('is there for hard and for all bounces', async () => {
    expect(await bandsWith()).toEqual({
      hard: 'healthy',
      soft: null,
      policy: null,
      bounces: 'warning',
      complaint: null,
      unsubscribed: null,
    });
  });

  test.each([
    ['b2c', 'healthy', 'warning'],
    ['b2b', 'healthy', 'healthy'],
    ['cold', 'warning', 'warning'],
  ] as const)('depends on the profile: %s', async (profile, hard, bounces) => {
    expect(await bandsWith(profile)).toMatchObject({ hard, bounces });
  });
});

describe('where all mail of a group bounced', () => {
  const provider = [cell(0, 'gmail', { delivered: 1000 }), cell(0, 'outlook', { hard: 30, policy: 470 })];
  const bought = [cell(0, 'bought-list', { hard: 500 }), cell(0, 'form', { delivered: 1000 })];
  const hardRates = async (cells: Cells, by: Dimension, days = 1) =>
    Object.fromEntries(
      (await reportOn(cells, days, 0, by)).groups.map(({ name, sent, rates }) => [
        name,
        rates && [sent, rates.hard.rate],
      ]),
    );

  test.each(['source', 'campaign', 'list'] as const)('of a %s, its rate is 100%%', async (by) => {
    expect(await hardRates({ provider, [by]: bought }, by)).toEqual({
      'bought-list': [500, 1],
      form: [1000, 0],
    });
  });

  test('of a source, the report says to stop mailing it', async () => {
    const { spikes } = await reportOn({ provider, source: bought });
    expect(spikes.filter(({ kind }) => kind === 'source_quality')).toMatchObject([
      { source: 'bought-list', messages: 500, rate: 1 },
    ]);
    expect(spikes.find(({ kind }) => kind === 'source_quality')!.explanation).toContain('100% of the mail');
  });

  test.each(['provider', 'gateway'] as const)('at a %s, its rate is 100%%', async (by) => {
    expect(await hardRates({ provider, [by]: provider }, by)).toEqual({
      outlook: [500, 0.06],
      gmail: [1000, 0],
    });
  });

  test('on a day, its rate is unknown: the bounces may be late ones of earlier days', async () => {
    const days = [cell(2, 'gmail', { delivered: 90, hard: 10 }), cell(0, 'gmail', { hard: 4 })];
    expect(await hardRates({ provider: days }, 'day', 3)).toEqual({
      '2026-11-18': [100, 0.1],
      '2026-11-19': null,
      '2026-11-20': null,
    });
  });

  test.each(['mail_host', 'reason', 'status'] as const)(
    'by %s, the rate stays unknown: it is known for failures only',
    async (by) => {
      expect(await hardRates({ provider, [by]: [cell(0, 'x', { hard: 500 })] }, by)).toEqual({ x: null });
    },
  );

  test('the rate stays unknown if nothing was reported as sent', async () => {
    const bounced = [cell(0, 'bought-list', { hard: 500 })];
    expect(await hardRates({ provider: bounced, source: bounced }, 'source')).toEqual({
      'bought-list': null,
    });
  });

  test.each(['source', 'campaign', 'list'] as const)(
    'a single %s has a rate of 100% beside mail without a name that bounces as mail does',
    async (by) => {
      const rateBeside = async (tally: Partial<EventTally>) =>
        (
          await hardRates(
            { provider, [by]: [cell(0, null, tally), cell(0, 'bought-list', { hard: 500 })] },
            by,
          )
        )['bought-list'];
      expect(await rateBeside({ delivered: 1490, hard: 7, policy: 3 })).toEqual([500, 1]);
      expect(await rateBeside({ delivered: 1497, soft: 3 })).toEqual([500, 1]);
      expect(await rateBeside({ delivered: 1501, soft: 3 })).toBeNull();
      expect(await rateBeside({ delivered: 100, soft: 2 })).toBeNull();
    },
  );

  test.each(['source', 'campaign', 'list'] as const)(
    'bounces that are posted without a %s have no rate where deliveries carry one',
    async (by) => {
      const cells = [cell(0, null, { hard: 40 }), cell(0, 'form', { delivered: 1000 })];
      expect(await hardRates({ provider, [by]: cells }, by)).toEqual({ null: null, form: [1000, 0] });
    },
  );

  test.each(['provider', 'gateway'] as const)(
    'at all %ss that are not well known, the rate is 100%%',
    async (by) => {
      const cells = [cell(0, null, { hard: 40 }), cell(0, 'gmail', { delivered: 1000 })];
      expect(await hardRates({ provider, [by]: cells }, by)).toEqual({ null: [40, 1], gmail: [1000, 0] });
    },
  );

  test('the rate of a single source stays unknown where deliveries do not carry it', async () => {
    const source = [cell(0, null, { delivered: 50_000 }), cell(0, 'newsletter', { hard: 20 })];
    expect(await hardRates({ provider, source }, 'source')).toEqual({ null: [50_000, 0], newsletter: null });
    expect((await reportOn({ provider, source })).spikes.filter(({ source }) => source !== null)).toEqual([]);
  });

  test.each([
    ['a tenth of the deliveries names one', { delivered: 1000 }, { delivered: 9000 }, [500, 1]],
    ['fewer do', { delivered: 999 }, { delivered: 9001 }, null],
    [
      'a hundredth does, and bounces lack it too',
      { delivered: 100 },
      { delivered: 9800, hard: 100 },
      [500, 1],
    ],
    ['fewer do, though bounces lack it too', { delivered: 99 }, { delivered: 9801, hard: 100 }, null],
    ['all mail without one bounced', { delivered: 1 }, { hard: 100 }, [500, 1]],
  ] as const)('of a source beside another: %s', async (_, form, unnamed, expected) => {
    const source = [cell(0, null, unnamed), cell(0, 'form', form), cell(0, 'bought-list', { hard: 500 })];
    expect((await hardRates({ provider, source }, 'source'))['bought-list']).toEqual(expected);
  });

  test('the rates of sources stay unknown if no delivery names one, as where deliveries do not carry it', async () => {
    const source = [
      cell(0, null, { delivered: 1000 }),
      cell(0, 'form', { hard: 20 }),
      cell(0, 'webinar', { hard: 500 }),
    ];
    const report = await reportOn({ provider, source }, 1, 0, 'source');
    expect(report.groups.map(({ name, sent }) => [name, sent])).toEqual([
      [null, 1000],
      ['webinar', null],
      ['form', null],
    ]);
    expect(report.spikes.filter(({ kind }) => kind === 'source_quality')).toEqual([]);
  });

  test('a group without bounces has no rate', async () => {
    const source = [cell(0, 'form', { delivered: 10 }), cell(0, 'webinar', { complaint: 3 })];
    expect(await hardRates({ provider, source }, 'source')).toEqual({ form: [10, 0], webinar: null });
  });
});

test('the share of a group is its part of all bounces; null without any', async () => {
  const provider = [cell(0, 'gmail', { delivered: 100, hard: 3, soft: 1 })];
  const status = [cell(0, '5.1.1', { hard: 3 }), cell(0, '4.2.2', { soft: 1, deferred: 5 })];
  const shares = async (cells: Cells) =>
    (await reportOn(cells, 1, 0, 'status')).groups.map(({ name, share }) => [name, share]);
  expect(await shares({ provider, status })).toEqual([
    ['5.1.1', 0.75],
    ['4.2.2', 0.25],
  ]);
  const quiet = [cell(0, 'gmail', { delivered: 100 })];
  expect(await shares({ provider: quiet, status: [cell(0, '4.2.2', { deferred: 5 })] })).toEqual([
    ['4.2.2', null],
  ]);
});

describe('by hour', () => {
  const at = (hour: number, counts: Partial<EventTally>) => ({
    ...cell(0, 'gmail', counts),
    period: today + hour * hourMs,
  });

  test('every hour of the period is a group', async () => {
    const { groups, leftOut } = await reportOn(
      { provider: [at(0, { delivered: 9, soft: 1 }), at(14, { soft: 3 }), at(23, { hard: 2 })] },
      2,
      0,
      'hour',
    );
    expect(groups).toHaveLength(48);
    expect([groups[0]!.name, groups[47]!.name]).toEqual(['2026-11-19T00:00:00Z', '2026-11-20T23:00:00Z']);
    const bounced = groups.filter(({ bounces }) => bounces > 0);
    expect(bounced.map(({ name, sent, soft, hard }) => [name, sent, soft, hard])).toEqual([
      ['2026-11-20T00:00:00Z', 10, 1, 0],
      ['2026-11-20T14:00:00Z', null, 3, 0],
      ['2026-11-20T23:00:00Z', null, 0, 2],
    ]);
    expect(leftOut).toBe(0);
  });

  test('of the longest period, no hour is left out', async () => {
    const { groups, leftOut } = await reportOn({}, 31, 0, 'hour');
    expect([groups.length, leftOut]).toEqual([31 * 24, 0]);
  });

  test.each([
    [31, 31 * 24],
    [32, 0],
  ])('of %d days, all reports together have %d hours', async (days, hours) => {
    const all = await reportsOn({}).allBounces({ from: today - (days - 1) * dayMs, to: today });
    expect([all.hour.by, all.hour.groups.length, all.day.groups.length]).toEqual(['hour', hours, days]);
  });
});

describe('in a time zone', () => {
  const clockChange = Date.UTC(2026, 9, 25);
  // The day of 25 hours in Berlin is from 22:00 to 23:00 UTC.
  const provider = [-3, -2, 0, 1, 22, 23].map((hour, index) => ({
    ...cell(0, 'gmail', { delivered: 100, hard: 10 ** index }),
    period: clockChange + hour * hourMs,
  }));
  const reportIn = (by: Dimension) =>
    reportsOn({ provider, source: provider }, 0, { zone: 'Europe/Berlin' }).bounces({
      from: clockChange,
      to: clockChange + dayMs,
      by,
    });

  test('days are those of the zone', async () => {
    const { groups, total, timeZone } = await reportIn('day');
    expect(timeZone).toBe('Europe/Berlin');
    expect(groups.map(({ name, hard }) => [name, hard])).toEqual([
      ['2026-10-25', 11_110],
      ['2026-10-26', 100_000],
    ]);
    expect(total.hard).toBe(111_110);
  });

  test('other groups are about the same time', async () => {
    expect((await reportIn('source')).groups.map(({ name, hard }) => [name, hard])).toEqual([
      ['gmail', 111_110],
    ]);
  });

  test('the day on which the clocks change has all of its hours', async () => {
    const { groups } = await reportIn('hour');
    expect(groups).toHaveLength(49);
    expect(groups.slice(2, 4).map(({ name, hard }) => [name, hard])).toEqual([
      ['2026-10-25T02:00:00+02:00', 100],
      ['2026-10-25T02:00:00+01:00', 1000],
    ]);
  });
});

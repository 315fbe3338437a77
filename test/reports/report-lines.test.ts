// Counts → the lines of a report, and the spikes that belong to its days.

import { describe, expect, test } from 'vitest';
import { dayMs } from '../../src/durations.ts';
import type { CountQuery, EventCount } from '../../src/reports/count.ts';
import { createReports } from '../../src/reports/report.ts';
import { type EventTally, nothing } from '../../src/reports/tally.ts';

const today = Date.UTC(2026, 10, 20);

const cell = (daysAgo: number, name: string | null, counts: Partial<EventTally>): EventCount => ({
  period: today - daysAgo * dayMs,
  name,
  tally: { ...nothing, ...counts },
  causes: [],
});

/** The report on the last `days` days if each dimension has these cells. */
const reportOn = (cells: Partial<Record<CountQuery['by'], EventCount[]>>, days = 1, unproven = 0) =>
  createReports({
    counter: {
      async count({ by, from, to }) {
        return (cells[by] ?? []).filter(({ period }) => from <= period && period < to);
      },
      countUnproven: async () => unproven,
    },
    now: () => today,
  }).bounces({ from: today - (days - 1) * dayMs, to: today, by: 'provider' });

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

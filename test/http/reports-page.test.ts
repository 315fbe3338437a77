// The report page: what it says for given counts.

import { describe, expect, test } from 'vitest';
import { hourMs } from '../../src/durations.ts';
import { bounceReportPage } from '../../src/http/pages/reports.ts';
import type { CountQuery, EventCount } from '../../src/reports/count.ts';
import { createReports } from '../../src/reports/report.ts';
import { type EventTally, nothing } from '../../src/reports/tally.ts';

const today = Date.UTC(2026, 10, 20);
const now = today + 12 * hourMs;

const cell = (name: string | null, counts: Partial<EventTally>, period = today): EventCount => ({
  period,
  name,
  tally: { ...nothing, ...counts },
  causes: [],
});

/** The page on one day if each dimension has these cells. `hours` are those of the last day, by provider. */
async function pageOf(cells: Partial<Record<CountQuery['by'], EventCount[]>>, hours: EventCount[] = []) {
  const reports = await createReports({
    counter: {
      async count({ by, every, from, to }) {
        const found = every === 'hour' ? hours : (cells[by] ?? []);
        return found.filter(({ period }) => from <= period && period < to);
      },
      countUnproven: async () => 0,
    },
    now: () => now,
  }).allBounces({ from: today, to: today });
  const total = { outcomes: 0, bounces: 0, observed: 0, predicted: null, prior: null };
  return String(await bounceReportPage(reports, { total, providers: [], sources: [], drifts: [] }, now));
}

const quiet = { provider: [cell('gmail', { delivered: 1000, hard: 1 })] };
const nothingUnusual = 'Nothing unusual in this period.';

describe('the findings', () => {
  test('are nothing unusual without alerts and spikes', async () => {
    expect(await pageOf(quiet)).toContain(nothingUnusual);
  });

  test('name a provider that refuses the mail in this hour', async () => {
    const burst = cell('gmail', { delivered: 10, policy: 200 }, now - hourMs);
    const page = await pageOf(quiet, [burst]);
    expect(page).toContain('2026-11-20 11:00 UTC: gmail refused your mail.');
    expect(page).not.toContain(nothingUnusual);
  });

  test('name a source to stop mailing', async () => {
    const page = await pageOf({ ...quiet, source: [cell('webinar', { delivered: 100, hard: 40 })] });
    expect(page).toContain('of the mail to addresses from the source webinar bounced hard');
    expect(page).not.toContain(nothingUnusual);
  });
});

test('groups beyond the table are as many as the CSV has more', async () => {
  const hosts = Array.from({ length: 1_023 }, (_, index) => cell(`host-${index}.com`, { hard: 1 }));
  const page = await pageOf({ ...quiet, mail_host: hosts, source: hosts.slice(0, 20) });
  expect(page).toContain('<h2>Mail hosts of bounces</h2>');
  expect(page.match(/… and [\d,]+ more in the CSV/g)).toEqual(['… and 1,003 more in the CSV']);
  for (const by of ['day', 'provider', 'mail_host', 'source', 'campaign'])
    expect(page).toContain(`/reports?format=csv&amp;by=${by}&amp;`);
});

test('without any event there are neither figures nor findings, but a note', async () => {
  const page = await pageOf({});
  expect(page).toContain('There are no events to count for these days.');
  expect(page).not.toContain('<h2>Findings</h2>');
});

test.each(['hard', 'soft', 'policy', 'complaint', 'unsubscribed'] as const)(
  'an event of %s alone gives figures, without rates',
  async (outcome) => {
    const page = await pageOf({ provider: [cell('gmail', { [outcome]: 1 })] });
    expect(page).toContain('<h2>Findings</h2>');
    expect(page).toContain('not reported');
    expect(page).not.toContain('Hard bounce rate by day');
  },
);

test('mail gateways have a table if there are any', async () => {
  const none = await pageOf({ ...quiet, gateway: [cell(null, { delivered: 1000 })] });
  expect(none).not.toContain('<h2>Mail gateways</h2>');
  const page = await pageOf({
    ...quiet,
    gateway: [cell(null, { delivered: 900 }), cell('mimecast', { delivered: 100 })],
  });
  expect(page).toContain('<h2>Mail gateways</h2>');
  expect(page).toContain('<em>none, or not known</em>');
  expect(page).toContain('>mimecast<');
});

test('a table has twenty rows and says how many more there are', async () => {
  const providers = (count: number) =>
    Array.from({ length: count }, (_, index) => cell(`host${index}.example`, { delivered: 100 - index }));
  expect(await pageOf({ provider: providers(20) })).not.toContain('more in the CSV');
  const page = await pageOf({ provider: providers(23) });
  expect(page).toContain('… and 3 more in the CSV.');
  expect(page).toContain('host19.example');
  expect(page).not.toContain('host20.example');
});

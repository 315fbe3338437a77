// The report page: what it says for given counts.

import { describe, expect, test } from 'vitest';
import { hourMs } from '../../src/durations.ts';
import { bounceReportPage } from '../../src/http/pages/reports.ts';
import type { CountQuery, EventCount } from '../../src/reports/count.ts';
import { createReports, dimensions } from '../../src/reports/report.ts';
import { type EventTally, nothing } from '../../src/reports/tally.ts';
import type { BandProfile } from '../../src/reports/thresholds.ts';
import { type ReportTimeZone, reportTimeZone } from '../../src/reports/time-zone.ts';

const today = Date.UTC(2026, 10, 20);
const now = today + 12 * hourMs;

const cell = (name: string | null, counts: Partial<EventTally>, period = today): EventCount => ({
  period,
  name,
  tally: { ...nothing, ...counts },
  causes: [],
});

/** The page on one day if each dimension has these cells. `hours` are those of the last day, by provider. */
async function pageOf(
  cells: Partial<Record<CountQuery['by'], EventCount[]>>,
  hours: EventCount[] = [],
  options: { profile?: BandProfile; timeZone?: ReportTimeZone } = {},
) {
  const reports = await createReports({
    ...options,
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
  return String(
    await bounceReportPage(
      reports,
      { total, providers: [], sources: [], proofs: [], answers: [], drifts: [] },
      now,
    ),
  );
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
  for (const by of dimensions) expect(page).toContain(`/reports?format=csv&amp;by=${by}&amp;`);
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

describe('the causes', () => {
  const reason = [
    cell('mailbox_unknown', { hard: 3 }),
    cell('greylisted', { soft: 1, deferred: 7 }),
    cell('rate_limited', { deferred: 9 }),
    cell('feedback', { complaint: 2 }),
    cell('a later reason', { soft: 0, policy: 0, hard: 0, deferred: 1 }),
  ];
  const provider = [cell('gmail', { delivered: 96, hard: 3, soft: 1, complaint: 2 })];

  test('are the reasons with their share of the bounces and what to do', async () => {
    const page = await pageOf({ provider, reason });
    const section = page.slice(page.indexOf('<h2>Reasons</h2>'), page.indexOf('<h2>Providers</h2>'));
    expect(section).toMatch(
      /mailbox_unknown<\/th>[\s\S]*?<td>3<\/td><td>75%<\/td><td class="minor">0<\/td>\s*<td class="text">The mailbox does not exist/,
    );
    expect(section).toMatch(/greylisted<\/th>[\s\S]*?<td>1<\/td><td>25%<\/td><td class="minor">7<\/td>/);
    expect(section).toContain('rate_limited');
    expect(section).toContain('a later reason');
    expect(section).not.toContain('feedback');
  });

  test('are the status codes with their meaning', async () => {
    const status = [cell('5.1.1', { hard: 3 }), cell(null, { soft: 1 }), cell('5.9.9', { hard: 1 })];
    const page = await pageOf({ provider, status });
    expect(page).toMatch(/5\.1\.1<\/th>[\s\S]*?Bad destination mailbox address/);
    expect(page).toContain('<em>none</em>');
    expect(page).toContain('5.9.9');
  });

  test('have no table if nothing failed', async () => {
    const page = await pageOf({ ...quiet, reason: [cell('feedback', { complaint: 2 })] });
    expect(page).not.toContain('<h2>Reasons</h2>');
    expect(page).not.toContain('<h2>Status codes</h2>');
  });
});

describe('the hours', () => {
  test('of all days are added up by the hour of the day', async () => {
    const hours = [9, 9, 14].map((hour) => cell('gmail', { soft: 1000, hard: 1 }, today + hour * hourMs));
    const page = await pageOf(quiet, hours);
    expect(page).toContain('<h2>Bounces by hour of the day (UTC)</h2>');
    expect(page).toContain('<title>09:00: 2 hard, 2,000 soft, 0 policy</title>');
    expect(page).toContain('<title>14:00: 1 hard, 1,000 soft, 0 policy</title>');
    expect(page).toContain('<title>23:00: 0 hard, 0 soft, 0 policy</title>');
  });

  test('are those of the time zone', async () => {
    const hours = [cell('gmail', { delivered: 10, policy: 200 }, now - hourMs)];
    const page = await pageOf({}, hours, { timeZone: reportTimeZone('Asia/Kolkata') });
    expect(page).toContain('2026-11-20 <span>Asia/Kolkata</span>');
    expect(page).toContain('2026-11-20 16:30 Asia/Kolkata: gmail refused your mail.');
    expect(page).toContain('<title>16:30: 0 hard, 0 soft, 200 policy</title>');
  });
});

describe('the chip of a rate', () => {
  const rates = { provider: [cell('gmail', { delivered: 970, hard: 7, soft: 23 })] };

  test('of all bounces is its band, of hard bounces its grade', async () => {
    const page = await pageOf(rates);
    expect(page).toContain('<b class="grade warning">warning</b> 30');
    expect(page).toContain('<b class="grade excellent">excellent</b> 7');
  });

  test('of hard bounces is its band where the profile is stricter than the grades', async () => {
    const page = await pageOf(rates, [], { profile: 'cold' });
    expect(page).toContain('<b class="grade warning">warning</b> 7');
    expect(await pageOf(rates, [], { profile: 'b2b' })).toContain(
      '<b class="grade excellent">excellent</b> 7',
    );
  });
});

test('mailing lists have a table if any event names one', async () => {
  expect(await pageOf({ ...quiet, list: [cell(null, { delivered: 1000 })] })).not.toContain('Mailing lists');
  const page = await pageOf({ ...quiet, list: [cell('weekly', { delivered: 1000 })] });
  expect(page).toContain('<h2>Mailing lists</h2>');
  expect(page).toContain('weekly');
});

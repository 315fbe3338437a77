// How found incidents are compared with those that really happened.

import { expect, test } from 'vitest';
import { createHourlyCounts, type HourlyCounts } from '../../bench/months/hourly-counts.ts';
import { generateMonth, kindOfMonth } from '../../bench/months/month.ts';
import { isAbout, isInTime, scoreMonth, summarize } from '../../bench/months/score.ts';
import { simulateMonths, simulateYears } from '../../bench/months/simulate.ts';
import type { Found, Incident, IncidentKind } from '../../bench/months/types.ts';
import { dayMs, hourMs } from '../../src/durations.ts';
import { bounces } from '../../src/reports/tally.ts';
import { type Open, replay } from './replay.ts';

const from = Date.UTC(2026, 2, 10, 9);

const incident = (kind: IncidentKind, change: Partial<Incident> = {}): Incident => ({
  kind,
  from,
  to: from + 3 * dayMs,
  cause: 'sender',
  providers: ['gmail', 'yahoo'],
  evident: from + 4 * hourMs,
  severity: 0.5,
  ...change,
});

const found = (kind: IncidentKind, change: Partial<Found> = {}): Found => ({
  kind,
  opened: from + 5 * hourMs,
  closed: null,
  cause: 'sender',
  ...change,
});

test.each<[string, Found, Incident, boolean]>([
  [
    'the same provider',
    found('rate_limit', { provider: 'gmail' }),
    incident('rate_limit', { provider: 'gmail' }),
    true,
  ],
  [
    'another provider',
    found('rate_limit', { provider: 'yahoo' }),
    incident('rate_limit', { provider: 'gmail' }),
    false,
  ],
  ['no provider', found('rate_limit'), incident('rate_limit', { provider: 'gmail' }), false],
  [
    'a provider and a source',
    found('provider_block', { provider: 'gmail', source: 'shop' }),
    incident('provider_block', { provider: 'gmail' }),
    false,
  ],
  [
    'another kind',
    found('soft_outage', { provider: 'gmail' }),
    incident('rate_limit', { provider: 'gmail' }),
    false,
  ],
  ['all providers', found('sender_block'), incident('sender_block'), true],
  ['one provider of all', found('sender_block', { provider: 'gmail' }), incident('sender_block'), false],
  [
    'authentication at a provider that shows it',
    found('authentication', { provider: 'gmail' }),
    incident('authentication'),
    true,
  ],
  [
    'authentication at another provider',
    found('authentication', { provider: 'wp' }),
    incident('authentication'),
    false,
  ],
  ['authentication everywhere', found('authentication'), incident('authentication'), true],
  [
    'full mailboxes elsewhere',
    found('full_mailboxes', { provider: 'yahoo' }),
    incident('full_mailboxes', { provider: 'gmail' }),
    false,
  ],
  [
    'one of the names',
    found('bad_import', { list: 'a' }),
    incident('bad_import', { list: 'a', source: 'b' }),
    true,
  ],
  [
    'a name that the truth lacks',
    found('bad_import', { campaign: 'c' }),
    incident('bad_import', { list: 'a' }),
    false,
  ],
  [
    'a name that the truth lacks beside one that it has',
    found('bad_import', { list: 'a', campaign: 'c' }),
    incident('bad_import', { list: 'a' }),
    true,
  ],
  [
    'a name that contradicts',
    found('list_decay', { list: 'a', source: 'c' }),
    incident('list_decay', { list: 'a', source: 'b' }),
    false,
  ],
  [
    'a name that most of the mail shares',
    found('list_decay', { source: 'b' }),
    incident('list_decay', { list: 'a', aliases: [{ source: 'b' }] }),
    true,
  ],
  [
    'another name than those that most of the mail shares',
    found('list_decay', { source: 'c' }),
    incident('list_decay', { list: 'a', aliases: [{ source: 'b' }, { campaign: 'c' }] }),
    false,
  ],
  [
    'a campaign of the same series',
    found('complaints', { campaign: 'offers-2026-03-11' }),
    incident('complaints', { list: 'a', aliases: [{ campaign: 'offers-2026-02-01' }] }),
    true,
  ],
  [
    'a campaign of another series',
    found('complaints', { campaign: 'digest-2026-03-11' }),
    incident('complaints', { campaign: 'offers-2026-03-11' }),
    false,
  ],
  [
    'a list that looks like a series',
    found('complaints', { list: 'a-2026-03-11' }),
    incident('complaints', { list: 'a' }),
    false,
  ],
  ['no name', found('bad_import'), incident('bad_import', { list: 'a' }), false],
  [
    'complaints without a name',
    found('complaints', { provider: 'yahoo' }),
    incident('complaints', { list: 'a' }),
    false,
  ],
  [
    'complaints with a name at one provider',
    found('complaints', { provider: 'yahoo', list: 'a' }),
    incident('complaints', { list: 'a' }),
    true,
  ],
  ['opened as it begins', found('soft_rise', { opened: from }), incident('soft_rise'), true],
  ['opened before', found('soft_rise', { opened: from - 1 }), incident('soft_rise'), false],
  [
    'opened a day after the end',
    found('soft_rise', { opened: from + 4 * dayMs }),
    incident('soft_rise'),
    true,
  ],
  ['opened later', found('soft_rise', { opened: from + 4 * dayMs + 1 }), incident('soft_rise'), false],
])('%s', (_, one, truth, expected) => {
  expect(isAbout(one, truth)).toBe(expected);
});

test('in time is a day and an hour after the evidence', () => {
  const truth = incident('soft_rise');
  expect(isInTime(found('soft_rise', { opened: truth.evident + 25 * hourMs }), truth)).toBe(true);
  expect(isInTime(found('soft_rise', { opened: truth.evident + 25 * hourMs + 1 }), truth)).toBe(false);
});

test('a second one about the same incident is a duplicate, and the first in time is the right one', () => {
  const truth = [incident('soft_rise')];
  const first = found('soft_rise', { opened: from + hourMs });
  const second = found('soft_rise', { opened: from + 2 * hourMs });
  const score = scoreMonth({ truth }, [second, first]);
  expect(score.right).toEqual([{ found: first, truth: truth[0], inTime: true }]);
  expect(score.duplicates).toEqual([second]);
  expect(score.missed).toEqual([]);
});

test('a late one is right and does not count as found', () => {
  const truth = [incident('soft_rise')];
  const late = found('soft_rise', { opened: from + 2 * dayMs });
  const score = scoreMonth({ truth }, [late]);
  expect(score.right).toEqual([{ found: late, truth: truth[0], inTime: false }]);
  expect(score.missed).toEqual(truth);
  expect(score.wrong).toEqual([]);
});

test('the list is blamed wrongly while the sender is at fault, and only then', () => {
  const truth = [incident('authentication'), incident('bad_import', { cause: 'list', source: 'x' })];
  const right = found('bad_import', { source: 'x', cause: 'list' });
  const wrong = found('bad_import', { source: 'shop', cause: 'list' });
  const after = found('list_decay', { source: 'shop', cause: 'list', opened: from + 5 * dayMs });
  const before = found('list_decay', { source: 'shop', cause: 'list', opened: from - hourMs });
  const provider = found('provider_fault', { provider: 'wp', cause: 'provider' });
  const score = scoreMonth({ truth }, [right, wrong, after, before, provider]);
  expect(score.blamed).toEqual([wrong]);
  expect(score.wrong).toEqual([before, wrong, provider, after]);
  expect(scoreMonth({ truth: [truth[1]!] }, [wrong]).blamed).toEqual([]);
});

test('sums up months by kind', () => {
  const month = (kind: 'quiet' | 'soft_rise', truth: Incident[], list: Found[]) => ({
    month: { kind },
    score: scoreMonth({ truth }, list),
  });
  const score = summarize([
    month(
      'soft_rise',
      [incident('soft_rise')],
      [found('soft_rise'), found('soft_rise'), found('complaints')],
    ),
    month('soft_rise', [incident('soft_rise')], [found('soft_rise', { opened: from + 2 * dayMs })]),
    month('quiet', [], [found('soft_outage', { provider: 'gmail' })]),
    month('quiet', [], []),
  ]);
  expect(score).toMatchObject({
    months: 4,
    precision: 2 / 5,
    recall: 1 / 2,
    blamed: 0,
    quietMonths: 2,
    foundInQuietMonths: 1,
  });
  expect(score.kinds.soft_rise).toEqual({
    happened: 2,
    inTime: 1,
    late: 1,
    recall: 0.5,
    found: 3,
    wrong: 0,
    duplicates: 1,
    precision: 2 / 3,
  });
  expect(score.kinds.soft_outage).toMatchObject({ happened: 0, found: 1, wrong: 1, recall: 1, precision: 0 });
  expect(score.kinds.rate_limit).toMatchObject({ found: 0, precision: 1 });
});

/** Finds blocks of one provider, in the simplest way: more than a tenth of the mail of a day, and 20 messages. */
const naive = (hours: HourlyCounts) =>
  replay(hours, 6, (now) =>
    hours
      .countAt(now, { by: 'provider', every: 'all', from: now - dayMs, to: now })
      .flatMap(({ name, tally }): Open[] =>
        name !== null &&
        tally.policy >= 20 &&
        tally.policy > 0.1 * Math.max(tally.sent, tally.delivered + bounces(tally))
          ? [{ kind: 'provider_block', provider: name, cause: 'sender' }]
          : [],
      ),
  );

test('a naive detector finds blocks in time, and misses the rest', async () => {
  const seeds = Array.from({ length: 100 }, (_, index) => index + 1).filter(
    (seed) => kindOfMonth(seed) === 'provider_block',
  );
  expect(seeds.length).toBeGreaterThan(4);
  const scores = [];
  for (const seed of seeds) {
    const month = generateMonth(seed);
    scores.push({ month, score: scoreMonth(month, await naive(createHourlyCounts(month))) });
  }
  const { kinds } = summarize(scores);
  expect(kinds.provider_block.recall).toBeGreaterThanOrEqual(0.8);
  expect(kinds.provider_block.inTime).toBeGreaterThan(3);
});

test('a simulation tells what was missed, but not of seeds that are not for development', async () => {
  const seed = Array.from({ length: 16 }, (_, index) => index + 1).find(
    (one) => kindOfMonth(one) === 'complaints',
  )!;
  const lines: string[] = [];
  const summary = await simulateMonths(
    seed,
    seed,
    (line) => lines.push(line),
    () => [],
  );
  expect(summary).toMatchObject({ months: 1, recall: 0, precision: 1 });
  expect(lines[0]).toMatch(new RegExp(`^${seed}: missed complaints of .*evident 202\\d-`));
  const heldOut: string[] = [];
  await simulateMonths(
    500,
    500,
    (line) => heldOut.push(line),
    () => [found('soft_rise', { opened: 0 })],
  );
  expect(heldOut).toEqual([]);
});

test('a simulation without a detector describes the months', async () => {
  expect(await simulateMonths(1, 2, () => {}, null)).toMatchObject({
    detector: null,
    rows: expect.any(Number),
  });
});

test('a simulation of quiet years counts what was found', async () => {
  const lines: string[] = [];
  const summary = await simulateYears(
    3,
    3,
    (line) => lines.push(line),
    () => [found('soft_rise'), found('rate_limit', { provider: 'gmail' })],
  );
  expect(summary).toEqual({ years: 1, found: 2, mean: 2, most: 2 });
  expect(lines[1]).toMatch(/^3: rate_limit of gmail, opened 2026-03-10T14 /);
});

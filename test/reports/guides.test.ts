// What public guides tell senders about bounces, rule by rule, and what presend does. The ids are those of the project's list
// of rules: the number of the guide, and of the rule in it.

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codeRules } from './guides/codes.ts';
import { pacingRules } from './guides/pacing.ts';
import { rateRules } from './guides/rates.ts';
import type { Rules } from './guides/rule.ts';
import { senderDnsRules } from './guides/sender-dns.ts';
import { suppressionRules } from './guides/suppression.ts';

/** The number of rules of each guide. */
const guides = [15, 38, 46, 16, 70];
const allIds = guides.flatMap((count, guide) =>
  Array.from({ length: count }, (_, rule) => `${guide}.${rule + 1}`),
);

const shown: readonly (readonly [string, Rules])[] = [
  ['codes', codeRules],
  ['rates, sources and times', rateRules],
  ["the sender's DNS", senderDnsRules],
  ['suppression', suppressionRules],
  ['pacing, presets and stopping', pacingRules],
];

/** Rules that ask nothing of presend: explanations, prices, and what a forwarding service does by itself. */
const statements = ['1.26', '3.3', '4.55'];

/** Rules about entry, lists and the suppression list's other ways, which tests of other rooms show. */
const byTest: Readonly<Record<string, readonly string[]>> = {
  'test/domain/typo/suggest.test.ts': ['1.11', '2.33'],
  'test/verdict/judge.test.ts': ['1.12', '1.13', '2.32', '2.34'],
  'test/widget/policy.test.ts': ['4.31'],
  'test/address/parse.test.ts': ['2.31'],
  'test/signals/suppressed.test.ts': ['1.27'],
  'test/contract/suppressions.ts': ['2.41', '2.42'],
  'test/lists/clean-slice.test.ts': ['4.1', '4.29', '4.54'],
  'test/contract/workspaces.ts': ['2.35'],
  'test/jobs/work.test.ts': ['4.35'],
  'test/esp/sendgrid.test.ts': ['4.22'],
  'test/suppression/import.test.ts': ['4.28'],
  'test/verdict/forecast.test.ts': ['4.26', '4.32', '4.64'],
};

/** Rules about reports, the log and engagement that are built beside these tests, by the test that shows them. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'test/cli/events.test.ts': ['0.13'],
  'test/contract/event-log.ts': ['3.16'],
  'test/events/engagement.test.ts': ['1.35', '2.38'],
  'test/preflight/message/guides.test.ts': ['4.47', '4.66'],
  'test/reports/incidents/find.test.ts': ['2.45', '4.42'],
  // Configuration drifts, so audit the DNS regularly.
  'test/contract/sender-watch.ts': ['4.53'],
};

/** Rules that come with later work. */
const later = {
  mailboxProof: ['2.36', '4.30', '4.33', '4.34', '4.57'],
  /** Confirmation at entry (double opt-in). */
  consent: ['1.32', '2.30'],
  /** Mail of several kinds from one account, apart. */
  streams: ['2.29', '4.65'],
  /** How much mail reaches the inbox. */
  placement: ['4.25'],
};

test('every rule is accounted for exactly once', () => {
  const accounted = [
    ...shown.flatMap(([, rules]) => Object.keys(rules)),
    ...statements,
    ...Object.values(byTest).flat(),
    ...Object.values(elsewhere).flat(),
    ...Object.values(later).flat(),
  ];
  expect(allIds).toHaveLength(185);
  const order = (a: string, b: string) => allIds.indexOf(a) - allIds.indexOf(b);
  expect(accounted.toSorted(order)).toEqual(allIds);
});

test.each(Object.keys(byTest))('%s is there', (file) => {
  expect(existsSync(new URL(`../../${file}`, import.meta.url))).toBe(true);
});

describe.each(shown)('%s', (_, rules) => {
  const rows = Object.entries(rules).map(([id, [says, show]]) => [id, says, show] as const);
  test.each(rows)('%s: %s', (_id, _says, show) => show());
});

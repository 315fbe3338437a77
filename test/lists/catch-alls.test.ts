// The share of addresses at catch-all domains: measured where mail hosts were asked, and not too large where own mail alone tells.

import { expect, test } from 'vitest';
import type { MailboxProof } from '../../src/address/mailbox-proof.ts';
import { listReportPage } from '../../src/lists/report.ts';
import { summaryOf } from '../../src/lists/summary.ts';
import { count, countMailboxes, emptyTally } from '../../src/lists/tally.ts';
import type { Reason } from '../../src/verdict/verdict.ts';

/** A list of distinct addresses by reason, of which some have a known mailbox. */
function listOf(
  reasons: Partial<Record<Reason, number>>,
  mailboxes: Partial<Record<MailboxProof['kind'], number>>,
) {
  const tally = emptyTally();
  for (const [reason, rows] of Object.entries(reasons) as [Reason, number][])
    count(
      tally,
      {
        reason,
        result:
          reason === 'mailbox_unknown' ? 'undeliverable' : reason === 'catch_all' ? 'risky' : 'deliverable',
        action: 'accept',
        bounce: { status: null, probability: 0.01, low: 0.001, high: 0.02 },
      },
      '',
      { rows, duplicates: 0, kept: false },
    );
  for (const [kind, rows] of Object.entries(mailboxes) as [MailboxProof['kind'], number][])
    countMailboxes(tally, kind, rows);
  return summaryOf(tally);
}

test('three addresses at a catch-all that own mail shows are three of the whole list', () => {
  const { forecast } = listOf({ catch_all: 3, no_known_obstacle: 9997 }, { catch_all: 3 });
  expect(forecast.catch_all_share).toBe(0.0003);
});

test('an address at a catch-all counts, whatever decides its verdict', () => {
  const { forecast } = listOf({ role_account: 30, no_known_obstacle: 70 }, { catch_all: 30 });
  expect(forecast.catch_all_share).toBe(0.3);
});

test('where the list was asked about, it is the share among those about which anything was told', () => {
  const told = { catch_all: 20, exists: 50, unknown_user: 10, not_checked: 20 };
  const { forecast } = listOf({ catch_all: 20, no_known_obstacle: 70, mailbox_unknown: 10 }, told);
  expect(forecast.catch_all_share).toBe(0.25);
});

test('the report names them, and warns from 25% on', () => {
  const warning = 'From 25% on, bounces of a list cannot be foreseen well';
  const named = 'known to be at such domains by your own mail or by their mail hosts';
  const much = listReportPage(
    listOf({ catch_all: 25, no_known_obstacle: 75 }, { catch_all: 25 }),
    'list.csv',
  );
  expect(much).toContain(warning);
  expect(much).toContain(`25 of them are ${named}`);
  const little = listReportPage(
    listOf({ catch_all: 24, no_known_obstacle: 76 }, { catch_all: 24 }),
    'list.csv',
  );
  expect(little).not.toContain(warning);
  expect(listReportPage(listOf({ no_known_obstacle: 9 }, {}), 'list.csv')).not.toContain(named);
});

// The measure of webhooks tells right from wrong.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate } from '../../bench/evaluate/webhooks.ts';

async function measured(...cases: readonly object[]) {
  const folder = mkdtempSync(join(tmpdir(), 'presend-'));
  const file = join(folder, 'cases.ndjson');
  writeFileSync(file, cases.map((each) => `${JSON.stringify(each)}\n`).join(''));
  try {
    return await evaluate(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bounce = {
  provider: 'postmark',
  payload: { RecordType: 'Bounce', Type: 'HardBounce', Email: 'jane@example.net', MessageID: '1' },
  event_type: 'bounced',
  reject_reason: 'bounced',
  recipient: 'jane@example.net',
};

test('a case that is as labelled is right', async () => {
  expect(await measured(bounce, bounce)).toEqual({ misses: [], summary: { cases: 2, right: 2 } });
});

test.each([
  ['class', { reject_reason: 'blocked' }, 'hard for policy'],
  ['recipient', { recipient: 'john@example.net' }, 'another recipient'],
  ['suppression', { event_type: 'unsubscribed' }, 'hard for none'],
  ['provider', { provider: 'carrier_pigeon' }, 'no adapter'],
  ['number of events', { events: [{}, {}] }, 'an event is missing'],
  ['silence', { handler_not_called: true }, 'suppresses although nothing happened'],
])('a case with another %s is a miss', async (_, label, fault) => {
  const { misses, summary } = await measured({ ...bounce, ...label });
  expect(summary).toEqual({ cases: 1, right: 0 });
  expect(misses[0]).toContain(fault);
  expect(misses[0]).not.toContain('@');
});

test('an event of nobody certain is right when it names nobody', async () => {
  const data = {
    to: ['jane@example.net', 'john@example.net'],
    bounce: { type: 'Permanent', subType: 'General' },
  };
  const { misses } = await measured({
    ...bounce,
    provider: 'resend',
    payload: { type: 'email.bounced', data },
  });
  expect(misses).toEqual([]);
});

test('forms, and events that the file lays flat, are put back into their shape', async () => {
  const label = { event_type: 'complained', reject_reason: null, recipient: 'jane@example.net' };
  const { misses } = await measured(
    {
      ...label,
      provider: 'mandrill',
      payload: { mandrill_events: [{ event: 'spam', msg: { email: 'jane@example.net' } }] },
    },
    {
      ...label,
      provider: 'mailgun',
      payload: { event: ['complained', 'mine'], recipient: 'jane@example.net' },
    },
    {
      ...label,
      provider: 'unisender_go',
      payload: { event_name: 'transactional_email_status', status: 'spam', email: 'jane@example.net' },
    },
  );
  expect(misses).toEqual([]);
});

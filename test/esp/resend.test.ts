// Resend's events.

import { expect, test } from 'vitest';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { resend } from '../../src/esp/resend.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, noCertificates, nowSeconds, withStandardWebhook } from './signing.ts';

const event = (type: string, data: object = {}) => ({
  type,
  created_at: '2026-11-20T12:00:00.123Z',
  data: { email_id: 'message-1', to: ['jane@example.net'], ...data },
});

const bounce = (fields: object) => event('email.bounced', { bounce: fields });

test.each([
  [event('email.sent'), 'sent none unknown'],
  [event('email.delivered'), 'delivered none delivered'],
  [event('email.delivery_delayed'), 'deferred soft unknown'],
  [event('email.complained'), 'complaint complaint feedback, suppressed'],
  [event('email.failed'), 'failed none system_error'],
  [event('email.suppressed'), 'rejected none suppressed_by_provider, echo'],
  [event('email.bounced'), 'bounce soft unknown'],
  [bounce({ type: 'Permanent', subType: 'General' }), 'bounce hard unknown, suppressed'],
  [bounce({ type: 'Permanent', subType: 'Suppressed' }), 'rejected none suppressed_by_provider, echo'],
  [
    bounce({ type: 'Permanent', subType: 'UnsubscribedRecipient' }),
    'rejected none suppressed_by_provider, echo',
  ],
  [bounce({ type: 'Transient', subType: 'MailboxFull' }), 'bounce soft mailbox_full'],
  [bounce({ type: 'Transient', subType: 'A word of tomorrow' }), 'bounce soft unknown'],
  [
    bounce({
      type: 'Permanent',
      subType: 'General',
      diagnosticCode: ['smtp; 550 5.7.1 part of their network is on our block list (S3150).'],
    }),
    'bounce policy blocked_reputation',
  ],
  [
    bounce({ type: 'Permanent', subType: 'General', message: 'smtp; 554 5.7.1 Rejected as spam' }),
    'bounce policy spam_content',
  ],
  [
    bounce({ message: "The recipient's email provider sent a hard bounce message, but did not say why." }),
    'bounce hard unknown, suppressed',
  ],
  [
    bounce({ message: 'Resend has suppressed sending to this address because it bounced before.' }),
    'rejected none suppressed_by_provider, echo',
  ],
  [
    bounce({ message: "It was sent back because the recipient's inbox was full." }),
    'bounce soft mailbox_full',
  ],
  [bounce({ message: 'It was sent back.' }), 'bounce soft unknown'],
  [event('a.word.of.tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  expect(inShort(await eventIn(resend, body))).toBe(expected);
});

test.each([
  { to: ['jane@example.net', 'john@example.net'] },
  { cc: ['john@example.net'] },
  { bcc: ['john@example.net'] },
  { headers: [{ name: 'Cc', value: 'John <john@example.net>' }] },
])('a bounce of a message to several suppresses nobody: %j', async (data) => {
  const body = event('email.bounced', { ...data, bounce: { type: 'Permanent', subType: 'General' } });
  const read = await eventIn(resend, body);
  expect(read.recipient).toBeNull();
  expect(inShort(read)).toBe('bounce hard unknown');
});

test('a message to several was sent to each of them', async () => {
  const body = event('email.sent', { to: ['Jane <jane@example.net>', 'john@example.net'] });
  const events = await eventsIn(resend, json(body, { 'svix-id': 'msg_1' }));
  expect(events.map(({ recipient }) => recipient)).toEqual(['jane@example.net', 'john@example.net']);
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
});

test('the id of the request is that of the event', async () => {
  const body = event('email.opened');
  const first = await eventIn(resend, body, { 'svix-id': 'msg_1' });
  expect((await eventIn(resend, body, { 'svix-id': 'msg_1' })).id).toBe(first.id);
  expect((await eventIn(resend, body, { 'svix-id': 'msg_2' })).id).not.toBe(first.id);
});

test('mail that came in is no event', async () => {
  expect(await eventsIn(resend, json(event('email.received')))).toEqual([]);
});

test('a signature of six minutes ago is refused, as is one of six minutes hence', async () => {
  for (const minutes of [-6, 6]) {
    const timestamp = String(Number(nowSeconds) + minutes * 60);
    const { request, secrets } = await withStandardWebhook('svix', '{}', { timestamp });
    expect(await receiveWebhook(resend, request, secrets, noCertificates)).toMatchObject({
      why: 'timestamp_outside_window',
    });
  }
});

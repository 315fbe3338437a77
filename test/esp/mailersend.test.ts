// MailerSend's activity events.

import { expect, test } from 'vitest';
import { mailersend } from '../../src/esp/mailersend.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json } from './signing.ts';

const flat = (type: string, meta: object = []) => ({
  type: `activity.${type}`,
  created_at: '2026-11-20T12:00:00.123456Z',
  data: {
    id: 'event-1',
    type,
    message_id: 'message-1',
    recipient: 'jane@example.net',
    tags: ['autumn'],
    meta,
  },
});

const nested = (type: string, morph: object | null = null) => ({
  type: `activity.${type}`,
  data: {
    id: 'event-1',
    type,
    created_at: '2026-11-20T12:00:00.123456Z',
    email: { message: { id: 'message-1' }, recipient: { email: 'jane@example.net' }, tags: ['autumn'] },
    morph,
  },
});

test.each([flat, nested])('both forms read alike: %o', async (form) => {
  expect(await eventIn(mailersend, form('delivered'))).toMatchObject({
    kind: 'delivered',
    recipient: 'jane@example.net',
    messageId: 'message-1',
    campaign: 'autumn',
    at: Date.UTC(2026, 10, 20, 12, 0, 0, 123),
  });
});

test.each([
  [flat('hard_bounced'), 'bounce hard unknown, suppressed'],
  [
    flat('hard_bounced', { bounce_code: 550, bounce_reason: '5.1.1 user unknown' }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [
    flat('hard_bounced', { bounce_code: 550, bounce_reason: '5.7.1 refused as spam' }),
    'bounce policy spam_content',
  ],
  [
    nested('hard_bounced', { object: 'recipient_bounce', reason: 'Host or domain name not found' }),
    'bounce hard domain_unknown, suppressed',
  ],
  [flat('soft_bounced', { bounce_code: 552 }), 'bounce soft'],
  [flat('suppressed', { suppression_reason: 'hard bounce' }), 'rejected none suppressed_by_provider, echo'],
  [flat('spam_complaints'), 'complaint complaint feedback, suppressed'],
  [nested('spam_complaint'), 'complaint complaint feedback, suppressed'],
  [flat('unsubscribed'), 'unsubscribed none unknown, suppressed'],
  [flat('opened_unique'), 'opened none delivered'],
  [flat('a_word_of_tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  expect(inShort(await eventIn(mailersend, body))).toContain(expected);
});

test('a test of the webhook and mail that came in are no events', async () => {
  for (const type of ['webhook.test', 'inbound.message'])
    expect(await eventsIn(mailersend, json({ type, data: {} }))).toEqual([]);
});

// Brevo's webhooks.

import { expect, test } from 'vitest';
import { brevo } from '../../src/esp/brevo.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json } from './signing.ts';

const event = (name: string, fields: object = {}) => ({
  event: name,
  email: 'jane@example.net',
  id: 26224,
  'message-id': '<1@example.org>',
  ts_epoch: 1_795_176_000_123,
  ...fields,
});

test.each([
  [event('request'), 'queued none unknown'],
  [event('delivered'), 'delivered none delivered'],
  [event('deferred', { reason: '451 4.7.1 Greylisting in action' }), 'deferred soft greylisted'],
  [event('hard_bounce'), 'bounce hard unknown, suppressed'],
  [event('hard_bounce', { reason: '550 5.1.1 user unknown' }), 'bounce hard mailbox_unknown, suppressed'],
  [
    event('hard_bounce', { reason: '554 5.7.1 Service unavailable; client host blocked using Spamhaus' }),
    'bounce policy blocked_reputation',
  ],
  [event('soft_bounce'), 'bounce soft unknown'],
  [
    event('soft_bounce', { reason: 'Unable to find MX of domain example.invalid' }),
    'bounce hard domain_unknown, suppressed',
  ],
  [event('invalid_email', { reason: 'whatever' }), 'rejected hard address_syntax, suppressed'],
  [event('blocked'), 'rejected none suppressed_by_provider, echo'],
  [event('error'), 'failed none system_error'],
  [event('spam'), 'complaint complaint feedback, suppressed'],
  [event('unsubscribed'), 'unsubscribed none unknown, suppressed'],
  [event('proxy_open'), 'opened none delivered'],
  [event('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  expect(inShort(await eventIn(brevo, body))).toBe(expected);
});

test('a batched webhook has many events in one request', async () => {
  const events = await eventsIn(
    brevo,
    json([
      event('soft_bounce', { email: 'joe@example.net', reason: '452 4.2.2 Mailbox full' }),
      event('hard_bounce', { reason: '550 5.1.1 user unknown' }),
      event('list_addition', { email: ['joe@example.net', 'jane@example.net'], list_id: [7] }),
      'no event',
    ]),
  );
  expect(events.map((one) => [one.recipient, inShort(one)])).toEqual([
    ['joe@example.net', 'bounce soft mailbox_full'],
    ['jane@example.net', 'bounce hard mailbox_unknown, suppressed'],
    ['joe@example.net', 'subscribed none unknown'],
    ['jane@example.net', 'subscribed none unknown'],
  ]);
});

test('the same event of another message or another moment is another event', async () => {
  const { id } = await eventIn(brevo, event('opened'));
  expect((await eventIn(brevo, event('opened'))).id).toBe(id);
  expect((await eventIn(brevo, event('opened', { 'message-id': '<2@example.org>' }))).id).not.toBe(id);
  expect((await eventIn(brevo, event('opened', { ts_epoch: 1_795_176_000_124 }))).id).not.toBe(id);
});

test('an event carries when, which message, which campaign and which source', async () => {
  const body = event('delivered', { tags: ['autumn'], 'X-Mailin-custom': '{"source":"fair"}' });
  expect(await eventIn(brevo, body)).toMatchObject({
    at: 1_795_176_000_123,
    messageId: '<1@example.org>',
    campaign: 'autumn',
    source: 'fair',
  });
});

test('events about contacts are not about mail', async () => {
  const events = [event('contact_updated'), event('contact_deleted', { email: ['jane@example.net'] })];
  expect(await eventsIn(brevo, json(events))).toEqual([]);
});

// Mailtrap's events.

import { expect, test } from 'vitest';
import { mailtrap } from '../../src/esp/mailtrap.ts';
import { readWebhook } from '../../src/esp/receive-webhook.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, request } from './signing.ts';

const event = (name: string, fields: object = {}) => ({
  event: name,
  email: 'jane@example.net',
  event_id: 'event-1',
  message_id: 'message-1',
  timestamp: 1_795_176_000,
  ...fields,
});

test.each([
  [event('delivery'), 'delivered none delivered'],
  [event('bounce'), 'bounce hard unknown, suppressed'],
  [
    event('bounce', { response: 'bounced (550 5.1.1 no such user)' }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [
    event('bounce', { response: 'bounced (550 5.7.1 refused as spam)', response_code: 550 }),
    'bounce policy spam_content',
  ],
  [event('soft bounce', { response: 'soft bounced (452 4.2.2 mailbox full)' }), 'bounce soft mailbox_full'],
  [event('soft bounce'), 'bounce soft unknown'],
  [
    event('bounce', { response: '[CS01] Message rejected', response_code: 555, bounce_category: 'spam' }),
    'bounce policy policy_refused',
  ],
  [event('bounce', { bounce_category: 'spam', response_code: 550 }), 'bounce policy spam_content'],
  [event('bounce', { bounce_category: 'badmailbox' }), 'bounce hard unknown, suppressed'],
  [
    event('bounce', { bounce_category: 'spam', response: '550 5.1.1 no such user' }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [
    event('soft bounce', {
      response: '4.7.1 Greylisted',
      response_code: 451,
      bounce_category: 'greylisting',
    }),
    'bounce soft greylisted',
  ],
  [event('suspension', { reason: 'too many bounces' }), 'deferred soft rate_limited'],
  [
    event('reject', { reason: 'Recipient in suppression list. Reason: unsubscription' }),
    'rejected none suppressed_by_provider, echo',
  ],
  [event('reject', { reason: 'user unknown' }), 'rejected policy unknown'],
  [event('spam'), 'complaint complaint feedback, suppressed'],
  [event('unsubscribe'), 'unsubscribed none unknown, suppressed'],
  [event('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (fields, expected) => {
  expect(inShort(await eventIn(mailtrap, { events: [fields] }))).toBe(expected);
});

test('an event carries when, which message, which campaign and which source', async () => {
  const fields = event('delivery', { category: 'autumn', custom_variables: { source: 'fair' } });
  expect(await eventIn(mailtrap, { events: [fields] })).toMatchObject({
    at: 1_795_176_000_000,
    messageId: 'message-1',
    campaign: 'autumn',
    source: 'fair',
  });
});

test('JSON Lines read as JSON does', async () => {
  const both = [event('delivery'), event('bounce', { event_id: 'event-2', email: 'john@example.net' })];
  const expected = await eventsIn(mailtrap, json({ events: both }));
  for (const end of ['', '\n', '\r\n']) {
    const lines = both.map((one) => JSON.stringify(one)).join('\n') + end;
    expect(await eventsIn(mailtrap, request(lines, { 'content-type': 'application/jsonl' }))).toEqual(
      expected,
    );
  }
  const [one] = both.map((event) => JSON.stringify(event));
  expect(await eventsIn(mailtrap, request(one!))).toEqual(expected.slice(0, 1));
  expect((await readWebhook(mailtrap, request(`${one}\nnot JSON`))).kind).toBe('malformed');
});

test('inbound mail and what users do in the account are no events', async () => {
  const others = [event('inbound.message_received'), { event: 'activity_log.user.login', timestamp: 1 }];
  expect(await eventsIn(mailtrap, json({ events: others }))).toEqual([]);
});

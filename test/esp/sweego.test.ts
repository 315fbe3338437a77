// Sweego's webhooks.

import { expect, test } from 'vitest';
import { sweego } from '../../src/esp/sweego.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json } from './signing.ts';

const event = (event_type: string, fields: object = {}) => ({
  event_type,
  event_id: 'event-1',
  swg_uid: 'message-1',
  timestamp: '2026-11-20T12:00:00+00:00',
  recipient: 'jane@example.net',
  campaign_tags: ['autumn'],
  ...fields,
});

test.each([
  [event('email_sent'), 'sent none unknown'],
  [event('delivered'), 'delivered none delivered'],
  [event('soft-bounce'), 'bounce soft unknown'],
  [event('soft-bounce', { details: '452 4.2.2 mailbox full' }), 'bounce soft mailbox_full'],
  [event('soft_bounce'), 'bounce soft unknown'],
  [event('soft-bounce', { response_code: 452, status: '4.2.2' }), 'bounce soft mailbox_full'],
  [event('soft-bounce', { response_code: 452, status: null }), 'bounce soft system_error'],
  [event('hard_bounce'), 'bounce hard unknown, suppressed'],
  [event('hard-bounce', { response_code: 550 }), 'bounce hard unknown, suppressed'],
  [event('hard_bounce', { response_code: 550, status: '5.7.1' }), 'bounce policy policy_refused'],
  [event('hard_bounce', { details: '550 5.7.1 refused as spam' }), 'bounce policy spam_content'],
  [event('list_unsub'), 'unsubscribed none unknown, suppressed'],
  [event('complaint'), 'complaint complaint feedback, suppressed'],
  [event('a_word_of_tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  const read = await eventIn(sweego, body);
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({ at: Date.UTC(2026, 10, 20, 12), messageId: 'message-1', campaign: 'autumn' });
});

test('events come one by one or together; mail that came in is none', async () => {
  expect(await eventsIn(sweego, json([event('delivered'), event('email_inbound')]))).toHaveLength(1);
  expect(await eventsIn(sweego, json(event('email_inbound')))).toEqual([]);
});

// Mailtrap's events.

import { expect, test } from 'vitest';
import { mailtrap } from '../../src/esp/mailtrap.ts';
import { eventIn, inShort } from './reading.ts';

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
  [event('suspension', { reason: 'too many bounces' }), 'deferred soft rate_limited'],
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

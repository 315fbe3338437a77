// SMTP2GO's webhooks.

import { expect, test } from 'vitest';
import { smtp2go } from '../../src/esp/smtp2go.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { request } from './signing.ts';

const event = (name: string, fields: object = {}) => ({
  event: name,
  email_id: 'message-1',
  rcpt: 'jane@example.net',
  time: '2026-11-20T12:00:00',
  ...fields,
});

test.each([
  [event('processed'), 'queued none unknown'],
  [event('delivered', { message: '250 OK' }), 'delivered none delivered'],
  [event('bounce', { bounce: 'hard' }), 'bounce hard unknown, suppressed'],
  [event('bounce', { bounce: 'hard', message: '550 5.7.1 refused as spam' }), 'bounce policy spam_content'],
  [event('bounce', { bounce: 'soft' }), 'bounce soft unknown'],
  [
    event('bounce', { bounce: 'soft', message: '550 5.1.1 user unknown' }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [event('bounce'), 'bounce soft unknown'],
  [event('reject'), 'rejected none suppressed_by_provider, echo'],
  [event('spam'), 'complaint complaint feedback, suppressed'],
  [event('unsubscribe'), 'unsubscribed none unknown, suppressed'],
  [event('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  const read = await eventIn(smtp2go, body);
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({ at: Date.UTC(2026, 10, 20, 12), messageId: 'message-1' });
});

test('a form reads as JSON does', async () => {
  const fields = event('bounce', { bounce: 'hard' }) as unknown as Record<string, string>;
  const [read] = await eventsIn(smtp2go, request(new URLSearchParams(fields).toString()));
  expect(read).toEqual(await eventIn(smtp2go, fields));
});

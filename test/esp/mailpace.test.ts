// MailPace's webhooks.

import { expect, test } from 'vitest';
import { mailpace } from '../../src/esp/mailpace.ts';
import { eventIn, inShort } from './reading.ts';

const event = (name: string) => ({
  event: name,
  payload: {
    id: 1,
    message_id: 'message-1',
    to: 'Jane <jane@example.net>',
    tags: ['autumn'],
    created_at: '2026-11-20T11:00:00.000Z',
    updated_at: '2026-11-20T12:00:00.000Z',
  },
});

test.each([
  ['email.queued', 'queued none unknown'],
  ['email.delivered', 'delivered none delivered'],
  ['email.deferred', 'deferred soft unknown'],
  ['email.bounced', 'bounce hard unknown, suppressed'],
  ['email.spam', 'rejected policy spam_content'],
  ['email.teleported', 'unknown none unknown'],
])('%s', async (name, expected) => {
  const read = await eventIn(mailpace, event(name));
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({
    recipient: 'jane@example.net',
    at: Date.UTC(2026, 10, 20, 12),
    messageId: 'message-1',
    campaign: 'autumn',
  });
});

test('what becomes of one message is several events', async () => {
  const [deferred, delivered] = [
    await eventIn(mailpace, event('email.deferred')),
    await eventIn(mailpace, event('email.delivered')),
  ];
  expect(delivered.id).not.toBe(deferred.id);
});

// One's own mail server, by Standard Webhooks.

import { expect, test } from 'vitest';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { standardWebhooks } from '../../src/esp/standard-webhooks.ts';
import { eventIn, inShort } from './reading.ts';
import { noCertificates, nowSeconds, withStandardWebhook } from './signing.ts';

const event = (type: string, reply?: string) => ({
  type,
  timestamp: '2026-11-20T12:00:00Z',
  data: {
    recipient: 'jane@example.net',
    message_id: '<1@example.org>',
    campaign: 'autumn',
    source: 'fair',
    ...(reply === undefined ? {} : { reply }),
  },
});

test.each([
  [event('email.delivered'), 'delivered none delivered'],
  [event('email.bounced', '550 5.1.1 user unknown'), 'bounce hard mailbox_unknown, suppressed'],
  [event('email.bounced', '554 5.7.1 refused as spam'), 'bounce policy spam_content'],
  [event('email.bounced'), 'bounce soft unknown'],
  [event('email.deferred', '550 5.1.1 user unknown'), 'deferred soft mailbox_unknown'],
  [event('email.complained'), 'complaint complaint feedback, suppressed'],
  [event('email.unsubscribed'), 'unsubscribed none unknown, suppressed'],
  [event('a.word.of.tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  const read = await eventIn(standardWebhooks, body);
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({
    at: Date.UTC(2026, 10, 20, 12),
    messageId: '<1@example.org>',
    campaign: 'autumn',
    source: 'fair',
  });
});

test('an old timestamp is refused', async () => {
  const timestamp = String(Number(nowSeconds) - 301);
  const { request, secrets } = await withStandardWebhook('webhook', '{}', { timestamp });
  expect(await receiveWebhook(standardWebhooks, request, secrets, noCertificates)).toMatchObject({
    why: 'timestamp_outside_window',
  });
});

test('the example of the specification is right', async () => {
  // The vector that the libraries of Standard Webhooks share.
  const body = '{"test": 2432232314}';
  const headers = new Headers({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
  const request = { body: new TextEncoder().encode(body), headers, now: 1_614_265_330_000 };
  const secrets = { signingKeys: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] };
  expect((await receiveWebhook(standardWebhooks, request, secrets, noCertificates)).kind).toBe('events');
});

test('while a key is being replaced, either will do', async () => {
  const { request, secrets } = await withStandardWebhook('webhook', '{}');
  const both = { signingKeys: ['whsec_bmV3IGtleQ==', ...secrets.signingKeys!] };
  expect((await receiveWebhook(standardWebhooks, request, both, noCertificates)).kind).toBe('events');
});

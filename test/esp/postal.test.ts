// Postal's events.

import { expect, test } from 'vitest';
import { postal } from '../../src/esp/postal.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, noCertificates, now, withPostalSignature } from './signing.ts';

const message = {
  id: 1,
  message_id: 'message-1',
  to: 'jane@example.net',
  direction: 'outgoing',
  tag: 'autumn',
};

const event = (name: string, payload: object) => ({
  event: name,
  timestamp: now / 1000 + 0.5,
  uuid: 'event-1',
  payload: { message, ...payload },
});

test.each([
  [event('MessageSent', { status: 'Sent' }), 'delivered none delivered'],
  [
    event('MessageDelayed', { status: 'SoftFail', output: '451 4.7.1 greylisted' }),
    'deferred soft greylisted',
  ],
  [
    event('MessageDeliveryFailed', { status: 'HardFail', output: '550 5.1.1 user unknown' }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [
    event('MessageDeliveryFailed', { status: 'HardFail', output: '550 5.7.1 refused as spam' }),
    'bounce policy spam_content',
  ],
  // A hard failure of which nothing more is known is held against nobody.
  [event('MessageDeliveryFailed', { status: 'HardFail' }), 'bounce soft unknown'],
  [
    event('MessageDeliveryFailed', {
      status: 'HardFail',
      output: '550 5.1.1 user unknown',
      details: 'Permanent SMTP delivery error. Recipient added to suppression list (too many hard fails)',
    }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [
    event('MessageDeliveryFailed', {
      status: 'HardFail',
      details: 'Message is likely spam. Threshold is 5.0 and the message scored 9.1.',
    }),
    'rejected policy spam_content',
  ],
  [
    event('MessageDeliveryFailed', { status: 'HardFail', details: 'Raw message has been removed.' }),
    'failed none system_error',
  ],
  [event('MessageHeld', { status: 'Held', details: 'no credits' }), 'queued none unknown'],
  [
    event('MessageHeld', {
      status: 'Held',
      details: 'Recipient (jane@example.net) is on the suppression list',
    }),
    'rejected none suppressed_by_provider, echo',
  ],
  [event('MessageBounced', { original_message: message, bounce: { id: 2 } }), 'bounce soft unknown'],
  [event('MessageLinkClicked', { url: 'https://example.org/' }), 'clicked none delivered'],
  [event('MessageLoaded', {}), 'opened none delivered'],
  [event('AWordOfTomorrow', {}), 'unknown none unknown'],
])('%j', async (body, expected) => {
  const read = await eventIn(postal, body);
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({ recipient: 'jane@example.net', at: now + 500, campaign: 'autumn' });
});

test('events of mail that came in, and of a sending domain, are no news of a recipient', async () => {
  const incoming = event('MessageSent', { status: 'Sent', message: { ...message, direction: 'incoming' } });
  expect(await eventsIn(postal, json(incoming))).toEqual([]);
  expect(
    await eventsIn(postal, json({ event: 'DomainDNSError', payload: { domain: 'example.org' } })),
  ).toEqual([]);
});

test('an older Postal signs by SHA-1', async () => {
  const { request, secrets } = await withPostalSignature(JSON.stringify(event('MessageLoaded', {})), 'SHA-1');
  expect((await receiveWebhook(postal, request, secrets, noCertificates)).kind).toBe('events');
});

test('an event of the day before yesterday is refused', async () => {
  const { request, secrets } = await withPostalSignature(JSON.stringify(event('MessageLoaded', {})));
  const late = { ...request, now: now + 48 * 3_600_000 };
  expect(await receiveWebhook(postal, late, secrets, noCertificates)).toMatchObject({
    why: 'timestamp_outside_window',
  });
});

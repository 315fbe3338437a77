// SocketLabs' webhooks.

import { expect, test } from 'vitest';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { socketlabs } from '../../src/esp/socketlabs.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, noCertificates, secret } from './signing.ts';

const event = (Type: string, fields: object = {}) => ({
  Type,
  DateTime: '2026-11-20T12:00:00.3694682Z',
  Address: 'jane@example.net',
  MailingId: 'mailing-1',
  MessageId: 'message-1',
  SecretKey: secret,
  ...fields,
});
const failed = (FailureType: string | number, FailureCode: number, fields: object = {}) =>
  event('Failed', { FailureType, FailureCode, ...fields });

test.each([
  [event('Queued'), 'queued none unknown'],
  [event('Deferred', { DeferralCode: 4001, Reason: '451 4.7.1 greylisted' }), 'deferred soft greylisted'],
  [event('Deferred', { Reason: '550 5.1.1 no such user' }), 'deferred soft mailbox_unknown'],
  [event('Delivered', { Response: '250 OK' }), 'delivered none delivered'],
  [event('Sent'), 'delivered none delivered'],
  [failed('Permanent', 2001), 'bounce hard mailbox_unknown, suppressed'],
  [failed(1, 2002), 'bounce hard domain_unknown, suppressed'],
  [failed('Permanent', 2999), 'bounce hard unknown, suppressed'],
  [
    failed('Permanent', 2999, { DiagnosticCode: 'smtp;550 5.7.1 refused as spam' }),
    'bounce policy spam_content',
  ],
  [failed('Permanent', 1002), 'bounce policy blocked_reputation'],
  [failed('Permanent', 1004), 'bounce policy spam_content'],
  [failed('Permanent', 1007), 'bounce policy virus'],
  [failed('Temporary', 3001), 'bounce soft mailbox_full'],
  [failed('Temporary', 3002), 'bounce soft unknown'],
  [failed('Temporary', 2001), 'bounce soft mailbox_unknown'],
  [failed('Temporary', 4003), 'bounce soft network_error'],
  [failed('Permanent', 5001), 'autoreply autoreply auto_response'],
  [failed('Suppressed', 2001), 'rejected none suppressed_by_provider, echo'],
  [failed(2, 0), 'rejected none suppressed_by_provider, echo'],
  [failed('', 9999), 'bounce soft unknown'],
  [event('Complaint', { FblType: 'abuse' }), 'complaint complaint feedback, suppressed'],
  [event('Complaint', { FblType: 'not-spam' }), 'unknown none unknown'],
  [event('Tracking', { TrackingType: 0, Url: 'https://shop.example' }), 'clicked none delivered'],
  [event('Tracking', { TrackingType: 1 }), 'opened none delivered'],
  [event('Tracking', { TrackingType: 2 }), 'unsubscribed none unknown, suppressed'],
  [event('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  const read = await eventIn(socketlabs, body);
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({ at: Date.UTC(2026, 10, 20, 12, 0, 0, 369), messageId: 'message-1' });
});

const secrets = { sharedSecrets: [secret] };
const receive = (body: unknown) => receiveWebhook(socketlabs, json(body), secrets, noCertificates);

test('several events in a request need the key each', async () => {
  const batch = [event('Delivered'), failed('Permanent', 2001)];
  expect(await eventsIn(socketlabs, json(batch))).toHaveLength(2);
  expect((await receive(batch)).kind).toBe('events');
  expect((await receive([...batch, { ...event('Complaint'), SecretKey: 'another' }])).kind).toBe('refused');
  expect((await receive([...batch, { Type: 'Complaint', Address: 'jane@example.net' }])).kind).toBe(
    'refused',
  );
  expect((await receive([])).kind).toBe('refused');
});

test('the check of the URL gets its key back, and is no event', async () => {
  const validation = { Type: 'Validation', SecretKey: secret, ValidationKey: 'v-1' };
  expect(await receive(validation)).toEqual({
    kind: 'handshake',
    status: 200,
    answer: { ValidationKey: 'v-1' },
  });
  expect(await receive({ Type: 'Validation', SecretKey: secret })).toMatchObject({
    kind: 'events',
    events: [],
  });
});

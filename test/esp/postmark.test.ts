// Postmark's webhooks.

import { expect, test } from 'vitest';
import { postmark } from '../../src/esp/postmark.ts';
import { eventIn, inShort } from './reading.ts';

const bounce = (Type: string, fields: object = {}) => ({
  RecordType: 'Bounce',
  ID: 4323372036854775000,
  Type,
  MessageID: 'message-1',
  Email: 'jane@example.net',
  BouncedAt: '2026-11-20T07:00:00.1234567-05:00',
  ...fields,
});

const subscription = (SuppressSending: boolean, SuppressionReason: string | null) => ({
  RecordType: 'SubscriptionChange',
  MessageID: 'message-1',
  Recipient: 'jane@example.net',
  SuppressSending,
  SuppressionReason,
});

const record = (RecordType: string) => ({
  RecordType,
  MessageID: 'message-1',
  Recipient: 'jane@example.net',
});

test.each([
  [bounce('HardBounce'), 'bounce hard unknown, suppressed'],
  [
    bounce('HardBounce', { Details: 'smtp;550 5.1.1 The email account does not exist.' }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [
    bounce('HardBounce', {
      Details: 'smtp;550 5.7.26 This mail is unauthenticated: SPF and DKIM did not pass',
    }),
    'bounce policy authentication_failed',
  ],
  [bounce('SoftBounce'), 'bounce soft unknown'],
  [bounce('SoftBounce', { Details: 'smtp;552 5.2.2 mailbox full' }), 'bounce soft mailbox_full'],
  [bounce('Transient'), 'deferred soft unknown'],
  [bounce('DnsError'), 'deferred soft network_error'],
  [bounce('Blocked'), 'bounce policy blocked_reputation'],
  [bounce('SpamNotification'), 'bounce policy spam_content'],
  [bounce('VirusNotification'), 'bounce policy virus'],
  [bounce('DMARCPolicy'), 'rejected policy authentication_failed'],
  [bounce('BadEmailAddress'), 'rejected hard address_syntax, suppressed'],
  [bounce('ManuallyDeactivated'), 'rejected none suppressed_by_provider, echo'],
  [bounce('AutoResponder'), 'autoreply autoreply auto_response'],
  [bounce('ChallengeVerification'), 'autoreply autoreply auto_response'],
  [bounce('Unsubscribe'), 'unsubscribed none unknown, suppressed'],
  [bounce('TemplateRenderingFailed'), 'failed none system_error'],
  [bounce('A word of tomorrow'), 'unknown none unknown'],
  [{ ...bounce('SpamComplaint'), RecordType: 'SpamComplaint' }, 'complaint complaint feedback, suppressed'],
  [subscription(true, 'HardBounce'), 'bounce hard unknown, suppressed'],
  [subscription(true, 'SpamComplaint'), 'complaint complaint feedback, suppressed'],
  [subscription(true, 'ManualSuppression'), 'unsubscribed none unknown, suppressed'],
  [subscription(false, null), 'subscribed none unknown'],
  [record('Delivery'), 'delivered none delivered'],
  [record('Open'), 'opened none delivered'],
  [record('Click'), 'clicked none delivered'],
])('%j', async (body, expected) => {
  expect(inShort(await eventIn(postmark, body))).toBe(expected);
});

test('the suppression that follows a bounce is the same event', async () => {
  const first = await eventIn(postmark, bounce('HardBounce'));
  expect((await eventIn(postmark, subscription(true, 'HardBounce'))).id).toBe(first.id);
  expect((await eventIn(postmark, bounce('SoftBounce'))).id).not.toBe(first.id);
});

test('an event carries when, which message, which campaign and which source', async () => {
  const body = bounce('HardBounce', {
    Tag: 'autumn',
    Metadata: { source: 'fair' },
    Description: 'Unknown user.',
  });
  expect(await eventIn(postmark, body)).toMatchObject({
    at: Date.UTC(2026, 10, 20, 12, 0, 0, 123),
    messageId: 'message-1',
    campaign: 'autumn',
    source: 'fair',
    diagnostic: 'Unknown user.',
  });
});

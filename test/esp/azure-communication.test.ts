// The reports of Azure Communication Services, as Event Grid delivers them.

import { expect, test } from 'vitest';
import { azureCommunication } from '../../src/esp/azure-communication.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, noCertificates, secret } from './signing.ts';

const event = (status: string, statusMessage = '') => [
  {
    id: 'event-1',
    eventType: 'Microsoft.Communication.EmailDeliveryReportReceived',
    eventTime: '2026-11-20T12:00:05.2532364Z',
    data: {
      sender: 'shop@example.org',
      recipient: 'jane@example.net',
      messageId: 'message-1',
      status,
      deliveryStatusDetails: { statusMessage },
      deliveryAttemptTimestamp: '2026-11-20T12:00:00.2855749+00:00',
    },
  },
];

test.each([
  ['Delivered', '', 'delivered none delivered'],
  ['Bounced', '', 'bounce hard unknown, suppressed'],
  ['Bounced', '550 5.1.1 user unknown', 'bounce hard mailbox_unknown, suppressed'],
  ['Bounced', '550 5.7.1 blocked, see Spamhaus', 'bounce policy blocked_reputation'],
  ['Suppressed', '', 'rejected none suppressed_by_provider, echo'],
  ['FilteredSpam', '', 'bounce policy spam_content'],
  ['Quarantined', '', 'bounce policy spam_content'],
  ['Expanded', '', 'sent none unknown'],
  ['Failed', '', 'bounce soft unknown'],
  ['Failed', '452 4.2.2 mailbox full', 'bounce soft mailbox_full'],
  ['a word of tomorrow', '', 'unknown none unknown'],
])('%s %s: %s', async (status, words, expected) => {
  const read = await eventIn(azureCommunication, event(status, words));
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({
    recipient: 'jane@example.net',
    messageId: 'message-1',
    at: Date.UTC(2026, 10, 20, 12, 0, 0, 285),
  });
});

test.each([
  ['view', 'opened'],
  ['Click', 'clicked'],
])('engagement %s: %s, which names nobody', async (engagementType, kind) => {
  const body = [
    {
      id: 'event-2',
      eventType: 'Microsoft.Communication.EmailEngagementTrackingReportReceived',
      data: { messageId: 'message-1', engagementType, userActionTimeStamp: '2026-11-20T12:00:00Z' },
    },
  ];
  expect(await eventIn(azureCommunication, body)).toMatchObject({ kind, recipient: null });
});

test('events about something else are skipped', async () => {
  const sms = { id: '1', eventType: 'Microsoft.Communication.SMSDeliveryReportReceived', data: {} };
  expect(await eventsIn(azureCommunication, json([sms]))).toEqual([]);
});

test('the check of the URL gets its code back, without a secret', async () => {
  const validation = [
    {
      id: '1',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: '512d38b6', validationUrl: 'https://rp.example/validate' },
    },
  ];
  const secrets = { sharedSecrets: [secret] };
  expect(await receiveWebhook(azureCommunication, json(validation), secrets, noCertificates)).toEqual({
    kind: 'handshake',
    status: 200,
    answer: { validationResponse: '512d38b6' },
  });
  // With events beside it, nothing is recorded of the request.
  const mixed = json([...event('Bounced'), ...validation]);
  expect((await receiveWebhook(azureCommunication, mixed, secrets, noCertificates)).kind).toBe('refused');
});

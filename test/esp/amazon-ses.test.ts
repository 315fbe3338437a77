// Amazon SES over SNS.

import { describe, expect, test } from 'vitest';
import { amazonSes } from '../../src/esp/amazon-ses.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, noCertificates, now, type Signed, topic, withSnsSignature } from './signing.ts';

const envelope = (event: unknown, messageId = 'sns-1') => ({
  Type: 'Notification',
  MessageId: messageId,
  TopicArn: topic,
  Timestamp: '2026-11-20T12:00:00.000Z',
  Message: JSON.stringify(event),
});

const mail = {
  messageId: 'ses-1',
  destination: ['jane@example.net'],
  tags: { campaign: ['autumn'], source: ['fair'] },
};

const bounce = (bounceType: string, bounceSubType: string, diagnosticCode?: string) => ({
  notificationType: 'Bounce',
  mail,
  bounce: {
    bounceType,
    bounceSubType,
    feedbackId: 'feedback-1',
    timestamp: '2026-11-20T11:59:58.123Z',
    bouncedRecipients: [{ emailAddress: 'jane@example.net', ...(diagnosticCode ? { diagnosticCode } : {}) }],
  },
});

const read = (event: unknown) => eventIn(amazonSes, envelope(event));

describe('the meaning of events', () => {
  test.each([
    ['Permanent', 'General', undefined, 'bounce hard unknown, suppressed'],
    ['Permanent', 'NoEmail', undefined, 'bounce hard mailbox_unknown, suppressed'],
    ['Permanent', 'A word of tomorrow', undefined, 'bounce hard unknown, suppressed'],
    ['Permanent', 'Suppressed', undefined, 'rejected none suppressed_by_provider, echo'],
    ['Permanent', 'OnAccountSuppressionList', 'a reply', 'rejected none suppressed_by_provider, echo'],
    ['Transient', 'MailboxFull', undefined, 'bounce soft mailbox_full'],
    ['Transient', 'MessageTooLarge', undefined, 'bounce soft message_too_large'],
    ['Transient', 'ContentRejected', undefined, 'bounce policy content_refused'],
    ['Undetermined', 'Undetermined', undefined, 'bounce soft unknown'],
    [
      'Permanent',
      'General',
      'smtp; 550 5.1.1 <jane@example.net>: Recipient address rejected: User unknown in virtual mailbox table',
      'bounce hard mailbox_unknown, suppressed',
    ],
    [
      'Transient',
      'General',
      "smtp; 550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
      'bounce policy blocked_reputation',
    ],
  ])('a bounce %s/%s that says %s', async (type, subType, words, expected) => {
    expect(inShort(await read(bounce(type, subType, words)))).toBe(expected);
  });

  test.each([
    [
      'Delivery',
      { eventType: 'Delivery', delivery: { recipients: ['jane@example.net'] }, mail },
      'delivered none delivered',
    ],
    ['Send', { eventType: 'Send', send: {}, mail }, 'sent none unknown'],
    [
      'Reject',
      { eventType: 'Reject', reject: { reason: 'Bad content' }, mail },
      'rejected policy content_refused',
    ],
    ['Open', { eventType: 'Open', open: {}, mail }, 'opened none delivered'],
    [
      'Rendering Failure',
      { eventType: 'Rendering Failure', failure: { errorMessage: 'x' }, mail },
      'failed none system_error',
    ],
    [
      'DeliveryDelay',
      {
        eventType: 'DeliveryDelay',
        mail,
        deliveryDelay: {
          delayType: 'MailboxFull',
          delayedRecipients: [
            { emailAddress: 'jane@example.net', diagnosticCode: 'smtp; 550 5.1.1 user unknown' },
          ],
        },
      },
      'deferred soft mailbox_unknown',
    ],
    [
      'Subscription',
      { eventType: 'Subscription', mail, subscription: { newTopicPreferences: { unsubscribeAll: true } } },
      'unsubscribed none unknown, suppressed',
    ],
    ['a word of tomorrow', { eventType: 'Teleport', mail }, 'unknown none unknown'],
  ])('%s', async (_, event, expected) => {
    expect(inShort(await read(event))).toBe(expected);
  });

  test('a complaint suppresses, and one that was none does not', async () => {
    const complained = (complaintFeedbackType: string) => ({
      eventType: 'Complaint',
      mail,
      complaint: { complaintFeedbackType, complainedRecipients: [{ emailAddress: 'jane@example.net' }] },
    });
    expect(inShort(await read(complained('abuse')))).toBe('complaint complaint feedback, suppressed');
    expect(inShort(await read(complained('not-spam')))).toBe('unknown none unknown');
  });

  test('where several might have complained, nobody is suppressed', async () => {
    const event = await read({
      eventType: 'Complaint',
      mail,
      complaint: {
        complainedRecipients: [{ emailAddress: 'jane@example.net' }, { emailAddress: 'john@example.net' }],
      },
    });
    expect(event.recipient).toBeNull();
    expect(inShort(event)).toBe('complaint complaint feedback');
  });
});

test('an event carries when, which message, which campaign and which source', async () => {
  expect(await read(bounce('Permanent', 'General', 'smtp; 550 5.1.1 no such user'))).toMatchObject({
    provider: 'amazon_ses',
    label: 'Bounce Permanent/General',
    at: Date.UTC(2026, 10, 20, 11, 59, 58, 123),
    status: '5.1.1',
    replyCode: 550,
    diagnostic: 'smtp; 550 5.1.1 no such user',
    messageId: 'ses-1',
    campaign: 'autumn',
    source: 'fair',
  });
});

test('every bounced recipient is an event of its own', async () => {
  const event = bounce('Permanent', 'General');
  event.bounce.bouncedRecipients.push({ emailAddress: 'john@example.net' });
  const events = await eventsIn(amazonSes, json(envelope(event)));
  expect(events.map(({ recipient }) => recipient)).toEqual(['jane@example.net', 'john@example.net']);
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
});

test('the notification and the published event of one bounce are one event', async () => {
  const { notificationType, ...rest } = bounce('Permanent', 'General');
  const notified = await eventIn(amazonSes, envelope({ notificationType, ...rest }, 'sns-1'));
  const published = await eventIn(amazonSes, envelope({ eventType: 'Bounce', ...rest }, 'sns-2'));
  expect(published.id).toBe(notified.id);
});

test('a greeting in plain words is no event', async () => {
  const greeting = {
    ...envelope({}),
    Message: 'Successfully validated SNS topic for Amazon SES event publishing.',
  };
  expect(await eventsIn(amazonSes, json(greeting))).toEqual([]);
});

describe('who may speak', () => {
  const receive = ({ request, secrets, certificates = noCertificates }: Signed) =>
    receiveWebhook(amazonSes, request, secrets, certificates);
  const event = bounce('Permanent', 'General');

  test.each(['1', '2'] as const)('signature version %s is accepted', async (version) => {
    expect((await receive(await withSnsSignature(event, { version }))).kind).toBe('events');
  });

  test('a subject is part of what is signed', async () => {
    const signed = await withSnsSignature(event, { fields: { Subject: 'Amazon SES' } });
    expect((await receive(signed)).kind).toBe('events');
  });

  test('a topic that is not on the list is refused, however well it is signed', async () => {
    const signed = await withSnsSignature(event, { fields: { TopicArn: `${topic}-of-a-stranger` } });
    expect(await receive(signed)).toMatchObject({ kind: 'refused', why: 'topic_not_allowed' });
  });

  test.each([
    'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem',
    'https://evil.example/sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0.pem',
    'https://bucket.s3.amazonaws.com/SimpleNotificationService-0.pem',
    'https://sns.eu-west-1.amazonaws.com/other.pem',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem?Action=x',
    'not a url',
  ])('a certificate at %s is not even fetched', async (certificateIsAt) => {
    const signed = await withSnsSignature(event, { certificateIsAt });
    expect(await receive(signed)).toMatchObject({ kind: 'refused', why: 'certificate_not_trusted' });
  });

  test.each([Date.UTC(2025, 11, 31), Date.UTC(2027, 0, 1)])(
    'a certificate is not trusted at %s, outside its time',
    async (at) => {
      const signed = await withSnsSignature(event);
      expect(await receive({ ...signed, request: { ...signed.request, now: at } })).toMatchObject({
        kind: 'refused',
        why: 'certificate_not_trusted',
      });
    },
  );

  test('a message of the day before yesterday is refused', async () => {
    const signed = await withSnsSignature(event);
    const late = { ...signed.request, now: now + 48 * 3_600_000 };
    expect(await receive({ ...signed, request: late })).toMatchObject({ why: 'timestamp_outside_window' });
  });

  test('while the certificate cannot be had, Amazon is asked to come back', async () => {
    const signed = await withSnsSignature(event);
    const certificates = { certificateAt: async () => null };
    expect(await receive({ ...signed, certificates })).toEqual({ kind: 'unavailable', status: 503 });
  });

  test('raw message delivery, which leaves the signature out, is refused', async () => {
    expect(await receiveWebhook(amazonSes, json(event), { topics: [topic] }, noCertificates)).toMatchObject({
      kind: 'refused',
      why: 'signature_missing',
    });
  });
});

describe('a subscription', () => {
  const confirmation = (SubscribeURL: string) =>
    withSnsSignature(null, {
      fields: {
        Type: 'SubscriptionConfirmation',
        Message: 'You have chosen to subscribe',
        Token: 'token-1',
        SubscribeURL,
      },
    });
  const receive = ({ request, secrets, certificates = noCertificates }: Signed) =>
    receiveWebhook(amazonSes, request, secrets, certificates);

  test('is confirmed at the URL that Amazon gives', async () => {
    const url = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=token-1`;
    expect(await receive(await confirmation(url))).toEqual({ kind: 'confirmation', status: 200, url });
  });

  test.each([
    'https://evil.example/?Action=ConfirmSubscription',
    'http://169.254.169.254/?Action=ConfirmSubscription',
    'https://sns.eu-west-1.amazonaws.com/?Action=Publish',
  ])('is never confirmed at %s', async (url) => {
    expect(await receive(await confirmation(url))).toEqual({ kind: 'malformed', status: 400 });
  });

  test('of a topic that is not on the list is refused', async () => {
    const signed = await confirmation('https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription');
    expect(
      await receive({ ...signed, secrets: { topics: ['arn:aws:sns:eu-west-1:1:other'] } }),
    ).toMatchObject({
      why: 'topic_not_allowed',
    });
  });
});

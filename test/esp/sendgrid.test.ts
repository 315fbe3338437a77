// SendGrid's signed event webhook.

import { expect, test } from 'vitest';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { sendgrid } from '../../src/esp/sendgrid.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, noCertificates, now, nowSeconds, withSendgridSignature } from './signing.ts';

const event = (fields: object) => ({
  email: 'jane@example.net',
  timestamp: now / 1000,
  sg_event_id: 'sg-1',
  sg_message_id: 'message-1',
  ...fields,
});

test.each([
  [{ event: 'processed' }, 'queued none unknown'],
  [{ event: 'delivered', response: '250 OK' }, 'delivered none delivered'],
  [
    { event: 'deferred', response: '451 4.7.1 Greylisted, please try again later' },
    'deferred soft greylisted',
  ],
  [{ event: 'deferred', response: '550 5.1.1 user unknown' }, 'deferred soft mailbox_unknown'],
  [
    {
      event: 'bounce',
      type: 'bounce',
      status: '5.1.1',
      reason: '550 5.1.1 The email account does not exist',
    },
    'bounce hard mailbox_unknown, suppressed',
  ],
  [{ event: 'bounce', type: 'bounce', status: '5.1.1' }, 'bounce hard mailbox_unknown, suppressed'],
  [
    {
      event: 'bounce',
      type: 'blocked',
      reason: '550 5.7.1 Our system has detected that this message is likely unsolicited mail',
    },
    'bounce policy spam_content',
  ],
  [{ event: 'bounce', type: 'blocked', reason: '552 5.2.2 mailbox full' }, 'bounce soft mailbox_full'],
  [{ event: 'bounce', type: 'blocked' }, 'bounce policy policy_refused'],
  // SendGrid's own words about its DNS lookup: the domain may well exist.
  [
    {
      event: 'bounce',
      type: 'blocked',
      reason: 'unable to get mx info: failed to get IPs from PTR record: lookup <nil>: unrecognized address',
    },
    'bounce policy policy_refused',
  ],
  [
    {
      event: 'bounce',
      type: 'blocked',
      reason: 'unable to get mx info: failed to get IPs from PTR record: lookup <nil>: unrecognized address',
      bounce_classification: 'Technical',
    },
    'bounce soft system_error',
  ],
  [
    { event: 'bounce', type: 'blocked', bounce_classification: 'Reputation' },
    'bounce policy blocked_reputation',
  ],
  [
    { event: 'bounce', type: 'blocked', reason: '550 5.1.1 no such user' },
    'bounce hard mailbox_unknown, suppressed',
  ],
  ...[
    ['Invalid Address', 'bounce hard mailbox_unknown, suppressed'],
    ['Content', 'bounce policy spam_content'],
    ['Reputation', 'bounce policy blocked_reputation'],
    ['Frequency or Volume Too High', 'bounce soft rate_limited'],
    ['Mailbox Unavailable', 'bounce soft system_error'],
    ['Technical', 'bounce soft system_error'],
    ['Unclassified', 'bounce soft unknown'],
    ['something new', 'bounce hard unknown, suppressed'],
  ].map(([bounce_classification, expected]): [object, string] => [
    { event: 'bounce', type: 'bounce', reason: '550 no thanks', bounce_classification },
    expected!,
  ]),
  [
    {
      event: 'bounce',
      type: 'bounce',
      reason: '550 5.7.1 spam',
      bounce_classification: 'Invalid Address',
    },
    'bounce policy spam_content',
  ],
  [
    { event: 'bounce', type: 'blocked', bounce_classification: 'Invalid Address' },
    'bounce policy policy_refused',
  ],
  [{ event: 'dropped', reason: 'Bounced Address' }, 'rejected none suppressed_by_provider, echo'],
  [{ event: 'dropped', reason: 'Unsubscribed Address' }, 'rejected none suppressed_by_provider, echo'],
  [{ event: 'dropped', reason: 'Spam Reporting Address' }, 'rejected none suppressed_by_provider, echo'],
  [{ event: 'dropped', reason: 'Invalid' }, 'rejected hard address_syntax, suppressed'],
  [{ event: 'dropped', reason: 'Spam Content' }, 'rejected policy spam_content'],
  [{ event: 'dropped', reason: 'something else' }, 'rejected policy unknown'],
  [{ event: 'spamreport' }, 'complaint complaint feedback, suppressed'],
  [{ event: 'unsubscribe' }, 'unsubscribed none unknown, suppressed'],
  [{ event: 'group_resubscribe' }, 'subscribed none unknown'],
  [{ event: 'open' }, 'opened none delivered'],
  [{ event: 'constructor' }, 'unknown none unknown'],
])('%j', async (fields, expected) => {
  expect(inShort(await eventIn(sendgrid, [event(fields)]))).toBe(expected);
});

test('an event that is sent again under another id is the same event', async () => {
  const again = { sg_event_id: 'sg-2' };
  const bounce = { event: 'bounce', type: 'bounce', reason: '550 5.1.1 no such user' };
  const ids = async (...bodies: readonly object[]) =>
    (await eventsIn(sendgrid, json(bodies.map((one) => event(one))))).map(({ id }) => id);
  for (const fields of [
    bounce,
    { ...bounce, sg_message_id: '' },
    { event: 'open' },
    { event: 'group_unsubscribe', sg_message_id: undefined, asm_group_id: 1 },
  ]) {
    const [first, second] = await ids(fields, { ...fields, ...again });
    expect(second, JSON.stringify(fields)).toBe(first);
  }
});

test.each([
  ['recipient', { email: 'john@example.net' }],
  ['message', { sg_message_id: 'message-2' }],
  ['time', { timestamp: now / 1000 + 1 }],
  ['type', { type: 'blocked' }],
  ['term', { event: 'dropped' }],
  ['link', { url: 'https://example.net/2' }],
  ['group', { asm_group_id: 2 }],
])('events that differ in their %s are two events, even under one id', async (_, difference) => {
  const click = { event: 'bounce', type: 'bounce', url: 'https://example.net/1', asm_group_id: 1 };
  const [first, second] = await eventsIn(sendgrid, json([event(click), event({ ...click, ...difference })]));
  expect(second!.id).not.toBe(first!.id);
});

test('events without a time are told apart by their ids', async () => {
  const untimed = (sg_event_id: string) => event({ event: 'open', timestamp: undefined, sg_event_id });
  const [first, second, again] = await eventsIn(sendgrid, json(['1', '2', '1'].map(untimed)));
  expect(second!.id).not.toBe(first!.id);
  expect(again!.id).toBe(first!.id);
});

test('an event carries when, which message, which campaign and which source', async () => {
  const body = [
    event({ event: 'delivered', category: ['autumn'], source: 'fair', 'smtp-id': '<1@example.org>' }),
  ];
  expect(await eventIn(sendgrid, body)).toMatchObject({
    at: now,
    campaign: 'autumn',
    source: 'fair',
    messageId: '<1@example.org>',
  });
});

test('a signature of the day before yesterday, or of tomorrow, is refused', async () => {
  for (const timestamp of [now / 1000 - 2 * 86_400, now / 1000 + 3600]) {
    const { request, secrets } = await withSendgridSignature('[]', String(timestamp));
    expect(await receiveWebhook(sendgrid, request, secrets, noCertificates)).toMatchObject({
      why: 'timestamp_outside_window',
    });
  }
});

test('the timestamp is part of what is signed', async () => {
  const { request, secrets } = await withSendgridSignature('[]');
  const name = 'x-twilio-email-event-webhook-timestamp';
  const later = {
    ...request,
    headers: {
      get: (asked: string) => (asked === name ? String(Number(nowSeconds) + 1) : request.headers.get(asked)),
    },
  };
  expect(await receiveWebhook(sendgrid, later, secrets, noCertificates)).toMatchObject({
    why: 'signature_wrong',
  });
});

test('either of two keys will do, and what is no key vouches for nothing', async () => {
  const { request, secrets } = await withSendgridSignature('[]');
  const [key] = secrets.signingKeys!;
  const receive = (signingKeys: string[]) =>
    receiveWebhook(sendgrid, request, { signingKeys }, noCertificates);
  expect((await receive(['not a key', key!])).kind).toBe('events');
  expect((await receive(['not a key', 'AAAA'])).kind).toBe('refused');
});

test('what is not a list is malformed', async () => {
  const { request, secrets } = await withSendgridSignature('{"event":"bounce"}');
  expect(await receiveWebhook(sendgrid, request, secrets, noCertificates)).toEqual({
    kind: 'malformed',
    status: 400,
  });
});

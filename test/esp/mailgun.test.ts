// Mailgun's webhooks, as JSON and as a form.

import { describe, expect, test } from 'vitest';
import { mailgun } from '../../src/esp/mailgun.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { basic, noCertificates, now, request, secret, withMailgunForm, withMailgunSeal } from './signing.ts';

const body = (fields: object, token = 'token-1') => ({
  signature: { token, timestamp: '1', signature: 'ff' },
  'event-data': { id: 'event-1', recipient: 'jane@example.net', timestamp: now / 1000 + 0.25, ...fields },
});

const permanent = (reason: string, status: object) => ({
  event: 'failed',
  severity: 'permanent',
  reason,
  'delivery-status': status,
});

describe('events as JSON', () => {
  test.each([
    ['accepted', { event: 'accepted' }, 'queued none unknown'],
    ['delivered', { event: 'delivered' }, 'delivered none delivered'],
    ['complained', { event: 'complained' }, 'complaint complaint feedback, suppressed'],
    ['unsubscribed', { event: 'unsubscribed' }, 'unsubscribed none unknown, suppressed'],
    [
      'no such mailbox',
      permanent('bounce', { code: 550, 'enhanced-code': '5.1.1', message: 'No such user here' }),
      'bounce hard mailbox_unknown, suppressed',
    ],
    [
      'a bounce of a status without words',
      permanent('bounce', { code: 550, 'enhanced-code': '5.1.1' }),
      'bounce hard mailbox_unknown, suppressed',
    ],
    ['a bounce without words', permanent('bounce', { code: 550 }), 'bounce hard unknown, suppressed'],
    [
      'a bounce that Mailgun itself calls soft',
      permanent('bounce', { 'bounce-type': 'soft' }),
      'bounce soft unknown',
    ],
    [
      'a full mailbox',
      permanent('generic', {
        code: 552,
        message: '5.2.2 The email account that you tried to reach is over quota',
      }),
      'bounce soft mailbox_full',
    ],
    [
      'its own list of bounces',
      permanent('suppress-bounce', {
        code: 605,
        message: '',
        description: 'Not delivering to previously bounced address',
      }),
      'rejected none suppressed_by_provider, echo',
    ],
    [
      'its own list of complaints',
      permanent('suppress-complaint', { code: 607 }),
      'rejected none suppressed_by_provider, echo',
    ],
    [
      'a list code under another reason',
      permanent('bounce', { code: 606 }),
      'rejected none suppressed_by_provider, echo',
    ],
    [
      'a temporary failure, whatever its words',
      {
        event: 'failed',
        severity: 'temporary',
        reason: 'generic',
        'delivery-status': { code: 550, message: '5.1.1 user unknown' },
      },
      'deferred soft mailbox_unknown',
    ],
    ['rejected', { event: 'rejected', reject: { reason: 'Sandbox' } }, 'rejected policy unknown'],
    ['a word of tomorrow', { event: 'teleported' }, 'unknown none unknown'],
  ])('%s', async (_, fields, expected) => {
    expect(inShort(await eventIn(mailgun, body(fields)))).toBe(expected);
  });

  test('an event carries when, which message, which campaign and which source', async () => {
    const event = await eventIn(
      mailgun,
      body({
        event: 'delivered',
        message: { headers: { 'message-id': '1@example.org' } },
        tags: ['autumn'],
        'user-variables': { source: 'fair' },
      }),
    );
    expect(event).toMatchObject({
      at: now + 250,
      messageId: '1@example.org',
      campaign: 'autumn',
      source: 'fair',
    });
  });

  test('a rejected message names its recipient in the header only', async () => {
    const fields = {
      event: 'rejected',
      recipient: undefined,
      message: { headers: { to: 'Jane <jane@example.net>' } },
    };
    expect((await eventIn(mailgun, body(fields))).recipient).toBe('jane@example.net');
  });

  test('an event sent again, under another seal, is the same event', async () => {
    const event = { event: 'delivered' };
    const first = await eventIn(mailgun, body(event, 'token-1'));
    expect((await eventIn(mailgun, body(event, 'token-2'))).id).toBe(first.id);
  });

  test('the same id on another day is another event', async () => {
    const first = await eventIn(mailgun, body({ event: 'delivered' }));
    const tomorrow = { event: 'delivered', timestamp: now / 1000 + 86_400 };
    expect((await eventIn(mailgun, body(tomorrow))).id).not.toBe(first.id);
  });
});

describe('events as a form', () => {
  const form = (fields: Record<string, string>) =>
    request(
      new URLSearchParams({
        recipient: 'jane@example.net',
        token: 't',
        timestamp: '1',
        ...fields,
      }).toString(),
      {
        'content-type': 'application/x-www-form-urlencoded',
      },
    );

  test.each([
    [{ event: 'delivered' }, 'delivered none delivered'],
    [
      { event: 'bounced', code: '550', error: '5.1.1 No such user' },
      'bounce hard mailbox_unknown, suppressed',
    ],
    [{ event: 'bounced', code: '5.1.1' }, 'bounce hard mailbox_unknown, suppressed'],
    [{ event: 'bounced', code: '4.4.1', error: 'something' }, 'bounce soft network_error'],
    [{ event: 'dropped', reason: 'hardfail', code: '605' }, 'rejected none suppressed_by_provider, echo'],
    [{ event: 'dropped', reason: 'hardfail', code: '550' }, 'rejected none suppressed_by_provider, echo'],
    [{ event: 'dropped', reason: 'old', code: '499' }, 'rejected soft expired'],
    [{ event: 'dropped', code: '499' }, 'rejected soft expired'],
    [{ event: 'dropped', code: '550' }, 'rejected none suppressed_by_provider, echo'],
    [{ event: 'complained' }, 'complaint complaint feedback, suppressed'],
  ])('%j', async (fields, expected) => {
    const [event] = await eventsIn(mailgun, form(fields));
    expect(inShort(event!)).toBe(expected);
  });

  const received = async (fields: Record<string, string>) => (await eventsIn(mailgun, form(fields)))[0]!;

  test.each([
    ['delivered', { 'Message-Id': '<1@example.org>' }],
    ['dropped', { 'Message-Id': '<1@example.org>', code: '605' }],
    [
      'bounced',
      { 'message-headers': '[["Received", "by mx"], ["Message-ID", "<1@example.org>"]]', code: '550' },
    ],
    ['complained', { 'message-headers': '[["Message-Id", "<1@example.org>"]]' }],
  ])('%s is one event under every seal', async (event, fields) => {
    const first = await received({ event, ...fields });
    const again = await received({ event, ...fields, token: 'another', timestamp: '601' });
    const other = {
      'Message-Id': '<2@example.org>',
      'message-headers': '[["Message-Id", "<2@example.org>"]]',
    };
    expect(first.messageId).toBe('<1@example.org>');
    expect(again.id).toBe(first.id);
    expect((await received({ event, ...fields, ...other })).id).not.toBe(first.id);
    expect((await received({ event, ...fields, recipient: 'john@example.net' })).id).not.toBe(first.id);
    expect((await received({ event: 'opened', ...fields })).id).not.toBe(first.id);
  });

  test.each([
    ['unsubscribed', {}],
    ['delivered', { 'message-headers': 'no JSON' }],
    ['clicked', { 'Message-Id': '<1@example.org>' }],
  ])('%s, which nothing else identifies, is the event of its token', async (event, fields) => {
    const first = await received({ event, ...fields });
    expect((await received({ event, ...fields, timestamp: '601' })).id).toBe(first.id);
    expect((await received({ event, ...fields, token: 'another' })).id).not.toBe(first.id);
  });

  test('an unsubscribe is about the mailing list to which the message was sent', async () => {
    const fields = { event: 'unsubscribed', 'mailing-list': 'news@lists.example.org' };
    expect(await received(fields)).toMatchObject({ kind: 'unsubscribed', list: 'news' });
    expect(await received({ event: 'unsubscribed', list: 'offers' })).toMatchObject({ list: 'offers' });
    expect(await received({ event: 'unsubscribed', tag: 'autumn' })).toMatchObject({ list: null });
  });

  test("the sender's own variables pass neither for the event nor for its seal", async () => {
    const signed = await withMailgunForm([
      ['event', 'complained'],
      ['recipient', 'jane@example.net'],
      ['signature', 'mine'],
      ['token', 'mine'],
      ['timestamp', '1'],
      ['event', 'mine'],
      ['recipient', 'mine@example.org'],
    ]);
    const outcome = await receiveWebhook(mailgun, signed.request, signed.secrets, noCertificates);
    expect(outcome).toMatchObject({
      kind: 'events',
      events: [{ kind: 'complaint', recipient: 'jane@example.net', at: now }],
    });
  });
});

describe('who may speak', () => {
  const event = { event: 'failed', severity: 'permanent', reason: 'bounce', recipient: 'jane@example.net' };

  test('a seal copied from another request is worth nothing without the shared secret', async () => {
    const signed = await withMailgunSeal(event);
    const stolen = {
      ...signed.request,
      headers: new Headers({ 'content-type': 'application/json' }),
    };
    expect(await receiveWebhook(mailgun, stolen, signed.secrets, noCertificates)).toMatchObject({
      why: 'credentials_missing',
    });
  });

  test('without a shared secret agreed on, nothing comes through', async () => {
    const signed = await withMailgunSeal(event);
    const secrets = { signingKeys: signed.secrets.signingKeys! };
    expect(await receiveWebhook(mailgun, signed.request, secrets, noCertificates)).toMatchObject({
      why: 'credentials_wrong',
    });
  });

  test('an old seal is refused', async () => {
    const { request, secrets } = await withMailgunSeal(event, { timestamp: String(now / 1000 - 2 * 86_400) });
    expect(await receiveWebhook(mailgun, request, secrets, noCertificates)).toMatchObject({
      why: 'timestamp_outside_window',
    });
  });

  test.each([
    basic,
    { authorization: `Bearer ${secret.replaceAll(' ', '')}` },
    { 'x-webhook-token': secret },
  ])('the shared secret comes by %j', async (headers) => {
    const signed = await withMailgunSeal(event);
    const secrets = { ...signed.secrets, sharedSecrets: [secret, secret.replaceAll(' ', '')] };
    const moved = {
      ...signed.request,
      headers: new Headers({ 'content-type': 'application/json', ...headers } as Record<string, string>),
    };
    expect((await receiveWebhook(mailgun, moved, secrets, noCertificates)).kind).toBe('events');
  });
});

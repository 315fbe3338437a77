// ZeptoMail's webhooks.

import { expect, test } from 'vitest';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { zeptomail } from '../../src/esp/zeptomail.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { bytes, json, noCertificates, request, secret, withZeptomailSignature } from './signing.ts';

const jane = { email_address: { address: 'jane@example.net', name: 'Jane' } };

const event = (name: string, detail: object = {}, to: unknown = [jane]) => ({
  event_name: [name],
  event_message: [
    {
      request_id: 'request-1',
      email_info: { to, email_reference: 'request-1@example.org', subject: 'Hello' },
      event_data: [{ object: name, details: [{ time: '2026-11-20T12:00:00Z', ...detail }] }],
    },
  ],
  webhook_request_id: 'webhook-1',
});
const bounced = { bounced_recipient: 'jane@example.net' };

test.each([
  [event('hardbounce', bounced), 'bounce hard unknown, suppressed'],
  [
    event('hardbounce', { ...bounced, reason: 'bad-mailbox', diagnostic_message: '550 5.1.1 No such user' }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [
    event('hardbounce', { ...bounced, diagnostic_message: '554 5.7.1 rejected as spam' }),
    'bounce policy spam_content',
  ],
  [event('softbounce', bounced), 'bounce soft unknown'],
  [
    event('softbounce', { ...bounced, diagnostic_message: '452 4.2.2 mailbox full' }),
    'bounce soft mailbox_full',
  ],
  [event('fbl_compliant', { to: 'jane@example.net' }), 'complaint complaint feedback, suppressed'],
  [event('fbl_complaint'), 'complaint complaint feedback, suppressed'],
  [event('feedback_loop'), 'complaint complaint feedback, suppressed'],
  [event('email_open'), 'opened none delivered'],
  [event('email_link_click', { clicked_link: 'https://shop.example' }), 'clicked none delivered'],
  [event('delivered'), 'delivered none delivered'],
  [event('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (body, expected) => {
  const read = await eventIn(zeptomail, body);
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({
    ...{ recipient: 'jane@example.net', messageId: 'request-1' },
    at: Date.UTC(2026, 10, 20, 12),
  });
});

test('of several recipients, only the one that bounced is meant', async () => {
  const to = [jane, { email_address: { address: 'john@example.net' } }];
  expect(await eventIn(zeptomail, event('hardbounce', bounced, to))).toMatchObject({
    recipient: 'jane@example.net',
  });
  expect(await eventIn(zeptomail, event('hardbounce', {}, to))).toMatchObject({ recipient: null });
});

test('a value without its list reads as one in a list', async () => {
  const [message] = event('hardbounce', bounced).event_message;
  const [data] = message!.event_data;
  const bare = {
    event_name: 'hardbounce',
    event_message: { ...message, event_data: { ...data, details: data!.details[0] } },
  };
  expect(await eventIn(zeptomail, bare)).toEqual(await eventIn(zeptomail, event('hardbounce', bounced)));
});

const secrets = { signingKeys: [secret] };
const written = JSON.stringify(event('hardbounce', bounced));

test('the signature covers the event in a form', async () => {
  const { request: signed } = await withZeptomailSignature(
    new URLSearchParams({ event: written }).toString(),
    written,
  );
  expect(await receiveWebhook(zeptomail, signed, secrets, noCertificates)).toMatchObject({
    events: [{ recipient: 'jane@example.net', class: 'hard' }],
  });
  const forged = bytes(new TextDecoder().decode(signed.body).replace('jane', 'john'));
  expect((await receiveWebhook(zeptomail, { ...signed, body: forged }, secrets, noCertificates)).kind).toBe(
    'refused',
  );
});

test('the key in a header that the operator chooses', async () => {
  const receive = (headers: Record<string, string>) =>
    receiveWebhook(zeptomail, request(written, headers), secrets, noCertificates);
  expect((await receive({ 'x-webhook-token': secret })).kind).toBe('events');
  expect((await receive({ authorization: 'Bearer another' })).kind).toBe('refused');
});

test('the test of the form has no event, and is accepted', async () => {
  for (const body of ['', '{}']) expect(await eventsIn(zeptomail, request(body))).toEqual([]);
  expect(await eventsIn(zeptomail, json({ event_name: ['hardbounce'] }))).toEqual([]);
});

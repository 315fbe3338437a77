// Mandrill's events, a form with JSON in it.

import { expect, test } from 'vitest';
import { mandrill } from '../../src/esp/mandrill.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { eventsIn, inShort } from './reading.ts';
import { noCertificates, request, withMandrillSignature } from './signing.ts';

const form = (events: unknown) =>
  request(new URLSearchParams({ mandrill_events: JSON.stringify(events) }).toString());

const message = (event: string, msg: object = {}) => ({
  event,
  _id: 'message-1',
  ts: 1_795_176_000,
  msg: { email: 'jane@example.net', ...msg },
});

test.each<[object, string]>([
  [message('send'), 'sent none unknown'],
  [
    message('deferral', { smtp_events: [{ diag: '451 4.7.1 greylisted, try again' }] }),
    'deferred soft greylisted',
  ],
  [message('hard_bounce'), 'bounce hard unknown, suppressed'],
  [message('hard_bounce', { bounce_description: 'bad_mailbox' }), 'bounce hard mailbox_unknown, suppressed'],
  [
    message('hard_bounce', {
      bounce_description: 'bad_mailbox',
      diag: 'smtp;550 5.7.1 message refused as spam',
    }),
    'bounce policy spam_content',
  ],
  // The code says what the description does not: Mandrill calls refusals a hard bounce, too.
  ...(
    [
      [10, 'bounce hard unknown, suppressed'],
      [21, 'bounce soft network_error'],
      [50, 'bounce policy policy_refused'],
      [51, 'bounce policy blocked_reputation'],
      [52, 'bounce policy spam_content'],
      [54, 'bounce policy relay_denied'],
      [60, 'autoreply autoreply auto_response'],
    ] as const
  ).map(
    ([bgtools_code, expected]) =>
      [message('hard_bounce', { bounce_description: 'general', bgtools_code }), expected] as [object, string],
  ),
  [
    message('hard_bounce', { bounce_description: 'bad_mailbox', bgtools_code: 50 }),
    'bounce hard mailbox_unknown, suppressed',
  ],
  [message('soft_bounce', { bounce_description: 'mailbox_full' }), 'bounce soft mailbox_full'],
  [message('soft_bounce', { bounce_description: 'bad_mailbox' }), 'bounce soft mailbox_unknown'],
  [message('spam'), 'complaint complaint feedback, suppressed'],
  [message('unsub'), 'unsubscribed none unknown, suppressed'],
  [message('reject'), 'rejected none suppressed_by_provider, echo'],
  [{ ...message('reject'), reject: { reason: 'hard-bounce' } }, 'rejected none suppressed_by_provider, echo'],
  [{ ...message('reject'), reject: { reason: 'unsigned' } }, 'rejected policy authentication_failed'],
  [message('open'), 'opened none delivered'],
  [
    { type: 'blacklist', action: 'add', reject: { email: 'jane@example.net', reason: 'hard-bounce' } },
    'rejected hard suppressed_by_provider, suppressed',
  ],
  [message('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (event, expected) => {
  const [read] = await eventsIn(mandrill, form([event]));
  expect(inShort(read!)).toBe(expected);
  expect(read!.recipient).toBe('jane@example.net');
});

test('mail that came in is no event', async () => {
  expect(await eventsIn(mandrill, form([{ event: 'inbound', msg: { email: 'jane@example.net' } }]))).toEqual(
    [],
  );
});

test('an event carries when, which message, which campaign and which source', async () => {
  const event = message('hard_bounce', { tags: ['autumn'], metadata: { source: 'fair' } });
  expect((await eventsIn(mandrill, form([event])))[0]).toMatchObject({
    at: 1_795_176_000_000,
    messageId: 'message-1',
    campaign: 'autumn',
    source: 'fair',
  });
});

test('the URL of the webhook is part of what is signed', async () => {
  const { request: signed, secrets } = await withMandrillSignature([]);
  const receive = (webhookUrl: string) =>
    receiveWebhook(mandrill, signed, { ...secrets, webhookUrl }, noCertificates);
  expect((await receive(secrets.webhookUrl!)).kind).toBe('events');
  expect((await receive(`${secrets.webhookUrl}?other`)).kind).toBe('refused');
});

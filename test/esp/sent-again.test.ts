// A request that a provider sends again, in the way it does so, adds no event.

import { expect, test } from 'vitest';
import { espAdapterNamed, espAdapters } from '../../src/esp/esp-registry.ts';
import { receiveWebhook } from '../../src/esp/receive-webhook.ts';
import { createFeedback } from '../../src/events/record.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { samples } from './samples.ts';
import {
  noCertificates,
  now,
  type Signed,
  withHexHmac,
  withMailgunForm,
  withMailgunSeal,
  withMandrillSignature,
  withPostalSignature,
  withSendgridSignature,
  withSharedSecret,
  withSnsSignature,
  withStandardWebhook,
  withSweegoSignature,
} from './signing.ts';

const email = 'jane@example.net';
const later = String(now / 1000 + 300);
const seconds = now / 1000 - 60;

type Attempt = () => Signed | Promise<Signed>;

const sameAgain = (attempt: Attempt): readonly Attempt[] => [attempt, attempt];
const bySecret = (body: unknown) => sameAgain(() => withSharedSecret(JSON.stringify(body)));

const mailgunEvent = {
  ...{ event: 'failed', severity: 'permanent', reason: 'bounce', id: 'mg-1', timestamp: seconds },
  recipient: email,
};
const sendgridBounce = { event: 'bounce', type: 'bounce', email, timestamp: seconds };
const postmarkBounce = {
  ...{ RecordType: 'Bounce', Type: 'HardBounce', Email: email, MessageID: 'pm-1', ID: 7 },
  BouncedAt: '2026-11-20T11:59:00Z',
};
const postalBody = (timestamp: number) =>
  JSON.stringify({
    ...{ event: 'MessageBounced', timestamp, uuid: 'p-1' },
    payload: { original_message: { id: 1, to: email, direction: 'outgoing' }, bounce: {} },
  });

/** The attempts of each provider to send one event. What changes between them is what changes at the provider. */
const attempts: Readonly<Record<string, readonly Attempt[]>> = {
  // SNS repeats the message with its MessageId. SES may also publish one bounce to two topics, under one feedbackId.
  amazon_ses: sameAgain(() =>
    withSnsSignature({
      eventType: 'Delivery',
      delivery: { timestamp: '2026-11-20T11:59:00Z', recipients: [email] },
      mail: { messageId: 'ses-1', destination: [email] },
    }),
  ),
  azure_communication: sameAgain(samples['azure_communication']!.sign),
  brevo: bySecret({
    event: 'hard_bounce',
    email,
    'message-id': '<1@example.org>',
    ts_epoch: now - 60_000,
    id: 3,
  }),
  elastic_email: sameAgain(samples['elastic_email']!.sign),
  mailersend: sameAgain(samples['mailersend']!.sign),
  // Each attempt has another token and time in its signature.
  mailgun: [
    () => withMailgunSeal(mailgunEvent),
    () => withMailgunSeal(mailgunEvent, { token: 'token-2', timestamp: later }),
  ],
  mailjet: bySecret([
    { event: 'bounce', email, hard_bounce: true, error: 'user unknown', time: seconds, MessageID: 9 },
  ]),
  mailpace: sameAgain(samples['mailpace']!.sign),
  mailtrap: sameAgain(() =>
    withHexHmac(
      'mailtrap-signature',
      JSON.stringify({ events: [{ event: 'bounce', email, timestamp: seconds }] }),
    ),
  ),
  // A batch that failed comes again together with newer events.
  mandrill: [
    () => withMandrillSignature([{ event: 'hard_bounce', _id: 'md-1', ts: seconds, msg: { email } }]),
    () =>
      withMandrillSignature([
        { event: 'open', _id: 'md-0', ts: seconds, msg: { email: 'john@example.net' } },
        { event: 'hard_bounce', _id: 'md-1', ts: seconds, msg: { email, state: 'bounced' } },
      ]),
  ],
  postal: [() => withPostalSignature(postalBody(seconds)), () => withPostalSignature(postalBody(seconds))],
  // Postmark also reports that it deactivated the address.
  postmark: [
    () => withSharedSecret(JSON.stringify(postmarkBounce)),
    () => withSharedSecret(JSON.stringify(postmarkBounce)),
    () =>
      withSharedSecret(
        JSON.stringify({
          ...{ RecordType: 'SubscriptionChange', SuppressSending: true, SuppressionReason: 'HardBounce' },
          ...{ Recipient: email, MessageID: 'pm-1', ChangedAt: '2026-11-20T11:59:01Z', Origin: 'Recipient' },
        }),
      ),
  ],
  resend: ['msg_1', 'msg_1'].map((id, index) => () => {
    const body = JSON.stringify({ type: 'email.bounced', data: { email_id: 're-1', to: [email] } });
    return withStandardWebhook('svix', body, { id, timestamp: String(now / 1000 + index) });
  }),
  // An attempt may have another sg_event_id.
  sendgrid: ['sg-1', 'sg-2'].map(
    (sg_event_id) => () =>
      withSendgridSignature(JSON.stringify([{ ...sendgridBounce, sg_message_id: 'm-1', sg_event_id }])),
  ),
  smtp2go: bySecret({
    event: 'bounce',
    bounce: 'hard',
    rcpt: email,
    email_id: 's2-1',
    time: '2026-11-20T11:59:00Z',
  }),
  socketlabs: sameAgain(samples['socketlabs']!.sign),
  sparkpost: bySecret([
    { msys: { message_event: { type: 'bounce', bounce_class: '10', rcpt_to: email, event_id: 'sp-1' } } },
  ]),
  standard_webhooks: [0, 300].map((wait) => () => {
    const body = JSON.stringify({ type: 'email.bounced', data: { recipient: email } });
    return withStandardWebhook('webhook', body, { timestamp: String(now / 1000 + wait) });
  }),
  sweego: sameAgain(() =>
    withSweegoSignature(
      JSON.stringify({
        event_type: 'hard_bounce',
        recipient: email,
        swg_uid: 'sw-1',
        timestamp: '2026-11-20T11:59:00Z',
      }),
    ),
  ),
  unisender_go: sameAgain(samples['unisender_go']!.sign),
  zeptomail: sameAgain(samples['zeptomail']!.sign),
};

function recorder() {
  const { database } = openDatabase(':memory:');
  const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));
  const feedback = createFeedback({
    repository: createEventRepository(database),
    hasher,
    suppressionList: createSuppressionList({
      repository: createSuppressionRepository(database),
      hasher,
      now: () => now,
    }),
    now: () => now,
    together: true,
  });
  return async (provider: string, { request, secrets, certificates = noCertificates }: Signed) => {
    const outcome = await receiveWebhook(espAdapterNamed(provider)!, request, secrets, certificates);
    if (outcome.kind !== 'events') throw new Error(outcome.kind);
    const recorded = await feedback.record(outcome.events);
    return outcome.events.flatMap(({ recipient }, index) =>
      recipient === email ? [recorded[index]!.isNew] : [],
    );
  };
}

test('every provider has attempts here', () => {
  expect(Object.keys(attempts).toSorted()).toEqual(espAdapters.map(({ name }) => name).toSorted());
});

test.each(Object.entries(attempts))('%s: one event, however often it comes', async (provider, sent) => {
  const record = recorder();
  expect(sent.length).toBeGreaterThan(1);
  for (const [index, attempt] of sent.entries())
    expect(await record(provider, await attempt()), `attempt ${index + 1}`).toEqual([index === 0]);
});

test('the old form of Mailgun has another token in each attempt', async () => {
  const record = recorder();
  const fields = [
    ['event', 'bounced'],
    ['recipient', email],
    ['Message-Id', '<1@example.org>'],
    ['code', '550'],
  ] as const;
  expect(await record('mailgun', await withMailgunForm(fields))).toEqual([true]);
  const other = await withMailgunForm([...fields, ['attempt', '2']]);
  expect(await record('mailgun', other)).toEqual([false]);
});

test('one bounce that SES publishes to two topics is one event', async () => {
  const record = recorder();
  const bounce = {
    eventType: 'Bounce',
    bounce: { feedbackId: 'f-1', bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: email }] },
    mail: { messageId: 'ses-1', destination: [email] },
  };
  const first = await withSnsSignature(bounce, { fields: { MessageId: 'sns-1' } });
  expect(await record('amazon_ses', first)).toEqual([true]);
  expect(
    await record('amazon_ses', await withSnsSignature(bounce, { fields: { MessageId: 'sns-2' } })),
  ).toEqual([false]);
});

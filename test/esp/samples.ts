// One genuine request of every provider, signed as that provider does.

import { md5Hex } from '../../src/webhooks/crypto.ts';
import {
  bytes,
  request,
  type Signed,
  secret,
  withEd25519Signature,
  withHexHmac,
  withMailgunSeal,
  withMandrillSignature,
  withPostalSignature,
  withSendgridSignature,
  withSharedSecret,
  withSnsSignature,
  withStandardWebhook,
  withSweegoSignature,
  withZeptomailSignature,
} from './signing.ts';

interface Sample {
  readonly sign: () => Promise<Signed>;
  /** The header, or the field of the body, that vouches for the request. */
  readonly seal: { readonly header: string } | { readonly bodyField: string };
  /** False for the providers that vouch for the sender only, by a secret that travels along. */
  readonly coversBody: boolean;
}

const recipient = 'jane@example.net';

const byHeader = (header: string, sign: () => Promise<Signed>): Sample => ({
  sign,
  seal: { header },
  coversBody: true,
});

const bySecret = (body: unknown): Sample => ({
  sign: async () => withSharedSecret(JSON.stringify(body)),
  seal: { header: 'authorization' },
  coversBody: false,
});

const sesBounce = {
  eventType: 'Bounce',
  bounce: {
    feedbackId: 'feedback-1',
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [{ emailAddress: recipient, diagnosticCode: 'smtp; 550 5.1.1 no such user' }],
  },
  mail: { messageId: 'ses-1', destination: [recipient] },
};

async function withUnisenderAuth(): Promise<Signed> {
  const body = (auth: string) =>
    JSON.stringify({
      auth,
      events_by_user: [
        {
          user_id: 1,
          events: [
            {
              event_name: 'transactional_email_status',
              event_data: {
                job_id: 'job-1',
                email: recipient,
                status: 'hard_bounced',
                event_time: '2026-11-20 11:59:00',
                delivery_info: {
                  delivery_status: 'err_user_unknown',
                  destination_response: '550 no such user',
                },
              },
            },
          ],
        },
      ],
    });
  return { request: request(body(md5Hex(bytes(body(secret))))), secrets: { signingKeys: [secret] } };
}

export const samples: Readonly<Record<string, Sample>> = {
  amazon_ses: {
    sign: () => withSnsSignature(sesBounce),
    seal: { bodyField: 'Signature' },
    coversBody: true,
  },
  azure_communication: bySecret([
    {
      id: 'az-1',
      eventType: 'Microsoft.Communication.EmailDeliveryReportReceived',
      data: { recipient, messageId: 'az-m-1', status: 'Bounced' },
    },
  ]),
  brevo: bySecret({ event: 'hard_bounce', email: recipient, 'message-id': '<1@example.org>', ts_epoch: 1 }),
  elastic_email: {
    sign: async () =>
      withSharedSecret(
        new URLSearchParams({
          to: recipient,
          status: 'Error',
          category: 'NoMailbox',
          messageid: 'ee-1',
        }).toString(),
      ),
    seal: { header: 'authorization' },
    coversBody: false,
  },
  mailersend: byHeader('signature', () =>
    withHexHmac(
      'signature',
      JSON.stringify({
        type: 'activity.hard_bounced',
        data: { id: 'ms-1', type: 'hard_bounced', recipient },
      }),
    ),
  ),
  mailgun: {
    sign: () => withMailgunSeal({ event: 'failed', severity: 'permanent', reason: 'bounce', recipient }),
    seal: { bodyField: 'signature' },
    coversBody: false,
  },
  mailjet: bySecret([
    { event: 'bounce', email: recipient, hard_bounce: true, error: 'user unknown', time: 1 },
  ]),
  mailpace: byHeader('x-mailpace-signature', () =>
    withEd25519Signature(
      'x-mailpace-signature',
      JSON.stringify({ event: 'email.bounced', payload: { id: 1, message_id: 'mp-1', to: recipient } }),
    ),
  ),
  mailtrap: byHeader('mailtrap-signature', () =>
    withHexHmac(
      'mailtrap-signature',
      JSON.stringify({ events: [{ event: 'bounce', email: recipient, event_id: 'mt-1' }] }),
    ),
  ),
  mandrill: byHeader('x-mandrill-signature', () =>
    withMandrillSignature([{ event: 'hard_bounce', _id: 'md-1', ts: 1, msg: { email: recipient } }]),
  ),
  postal: byHeader('x-postal-signature-256', () =>
    withPostalSignature(
      JSON.stringify({
        event: 'MessageBounced',
        timestamp: Date.UTC(2026, 10, 20, 11, 59) / 1000,
        uuid: 'p-1',
        payload: { original_message: { to: recipient, direction: 'outgoing' }, bounce: {} },
      }),
    ),
  ),
  postmark: bySecret({ RecordType: 'Bounce', Type: 'HardBounce', Email: recipient, MessageID: 'pm-1' }),
  resend: byHeader('svix-signature', () =>
    withStandardWebhook(
      'svix',
      JSON.stringify({ type: 'email.bounced', data: { email_id: 're-1', to: [recipient] } }),
    ),
  ),
  sendgrid: byHeader('x-twilio-email-event-webhook-signature', () =>
    withSendgridSignature(
      JSON.stringify([{ event: 'bounce', email: recipient, sg_event_id: 'sg-1', timestamp: 1 }]),
    ),
  ),
  smtp2go: bySecret({ event: 'bounce', bounce: 'hard', rcpt: recipient, email_id: 's2-1', time: '1' }),
  socketlabs: {
    sign: async () => ({
      request: request(
        JSON.stringify({
          ...{ Type: 'Failed', FailureType: 'Permanent', FailureCode: 2001, SecretKey: secret },
          ...{ Address: recipient, MessageId: 'sl-1' },
        }),
      ),
      secrets: { sharedSecrets: [secret] },
    }),
    seal: { bodyField: 'SecretKey' },
    coversBody: false,
  },
  sparkpost: bySecret([
    { msys: { message_event: { type: 'bounce', bounce_class: '10', rcpt_to: recipient, event_id: 'sp-1' } } },
  ]),
  standard_webhooks: byHeader('webhook-signature', () =>
    withStandardWebhook('webhook', JSON.stringify({ type: 'email.bounced', data: { recipient } })),
  ),
  sweego: byHeader('webhook-signature', () =>
    withSweegoSignature(
      JSON.stringify({ event_type: 'hard_bounce', recipient, event_id: 'sw-1', swg_uid: 'sw-m-1' }),
    ),
  ),
  unisender_go: { sign: withUnisenderAuth, seal: { bodyField: 'auth' }, coversBody: true },
  zeptomail: byHeader('producer-signature', () =>
    withZeptomailSignature(
      JSON.stringify({
        event_name: ['hardbounce'],
        event_message: [
          {
            request_id: 'ze-1',
            event_data: [{ object: 'hardbounce', details: [{ bounced_recipient: recipient }] }],
          },
        ],
      }),
    ),
  ),
};

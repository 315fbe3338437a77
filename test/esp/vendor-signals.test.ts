// Signals against a recipient that vendors send under unusual names or in unusual forms.

import { describe, expect, test } from 'vitest';
import { amazonSes } from '../../src/esp/amazon-ses.ts';
import type { EspAdapter } from '../../src/esp/esp-adapter.ts';
import { mailjet } from '../../src/esp/mailjet.ts';
import { mandrill } from '../../src/esp/mandrill.ts';
import { postmark } from '../../src/esp/postmark.ts';
import { resend } from '../../src/esp/resend.ts';
import { sendgrid } from '../../src/esp/sendgrid.ts';
import { sparkpost } from '../../src/esp/sparkpost.ts';
import { standardWebhooks } from '../../src/esp/standard-webhooks.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json, request } from './signing.ts';

const jane = 'jane@example.net';

const read = async (adapter: EspAdapter, body: unknown) => {
  const event = await eventIn(adapter, body);
  return [event.recipient, inShort(event)];
};

describe('Resend', () => {
  const added = (origin: string) => ({
    type: 'suppression.added',
    created_at: '2026-11-20T12:00:00.000Z',
    data: { id: 'sup-1', email: jane, origin, source_id: 're-1', created_at: '2026-11-20T12:00:00.000Z' },
  });
  const contact = (unsubscribed: boolean) => ({
    type: 'contact.updated',
    created_at: '2026-11-20T12:00:00.000Z',
    data: { id: 'c-1', audience_id: 'a-1', email: jane, first_name: 'Jane', last_name: null, unsubscribed },
  });

  test.each([
    [added('bounce'), 'rejected hard suppressed_by_provider, suppressed'],
    [added('complaint'), 'rejected complaint feedback, suppressed'],
    [added('manual'), 'suppressed none unknown, suppressed'],
    [{ ...added('manual'), type: 'suppression.removed' }, 'unsuppressed none unknown'],
    [contact(true), 'unsubscribed none unknown, suppressed'],
  ])('%j', async (body, expected) => {
    expect(await read(resend, body)).toEqual([jane, expected]);
  });

  test.each([contact(false), { type: 'domain.updated' }])('%j changes nothing', async (body) => {
    expect(await eventsIn(resend, json(body))).toEqual([]);
  });

  test('a transient bounce without a diagnostic is an automatic reply, and with one it is a bounce', async () => {
    const bounced = (bounce: object) => ({ type: 'email.bounced', data: { to: [jane], bounce } });
    const general = { type: 'Transient', subType: 'General' };
    expect(await read(resend, bounced(general))).toEqual([jane, 'autoreply autoreply auto_response']);
    const full = { ...general, diagnosticCode: ['smtp; 452 4.2.2 mailbox full'] };
    expect(await read(resend, bounced(full))).toEqual([jane, 'bounce soft mailbox_full']);
    expect(await read(resend, bounced({ ...general, diagnosticCode: 'smtp; 451 later' }))).toEqual([
      jane,
      expect.stringMatching(/^bounce soft/),
    ]);
  });
});

describe('Mandrill', () => {
  const sync = (type: string, action: string, reject: object) =>
    new URLSearchParams({
      mandrill_events: JSON.stringify([{ type, action, ts: 1763640000, reject: { email: jane, ...reject } }]),
    }).toString();

  test.each([
    [
      'blacklist',
      'add',
      { reason: 'hard-bounce', detail: '550 5.1.1 unknown' },
      'rejected hard mailbox_unknown, suppressed',
    ],
    ['denylist', 'change', { reason: 'hard-bounce' }, 'rejected hard suppressed_by_provider, suppressed'],
    [
      'blacklist',
      'add',
      { reason: 'hard-bounce', detail: '550 5.7.1 blocked' },
      'rejected policy policy_refused',
    ],
    ['blacklist', 'add', { reason: 'spam' }, 'rejected complaint feedback, suppressed'],
    ['blacklist', 'add', { reason: 'unsub' }, 'unsubscribed none unknown, suppressed'],
    ['blacklist', 'add', { reason: 'custom', detail: 'by hand' }, 'suppressed none unknown, suppressed'],
    ['blacklist', 'add', { reason: 'a word of tomorrow' }, 'suppressed none unknown, suppressed'],
    ['blacklist', 'add', { reason: 'soft-bounce' }, 'rejected none suppressed_by_provider, echo'],
    ['blacklist', 'remove', { reason: 'custom' }, 'unsuppressed none unknown'],
    ['blacklist', 'add', { reason: 'custom', expired: true }, 'unknown none unknown'],
    ['whitelist', 'add', { detail: 'by hand' }, 'unknown none unknown'],
  ])('%s %s %j', async (type, action, reject, expected) => {
    const [event] = await eventsIn(mandrill, request(sync(type, action, reject)));
    expect([event!.recipient, inShort(event!)]).toEqual([jane, expected]);
  });
});

describe('Postmark', () => {
  const change = (Origin: string, SuppressSending = true, SuppressionReason = 'ManualSuppression') => ({
    RecordType: 'SubscriptionChange',
    MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
    ServerID: 123456,
    MessageStream: 'outbound',
    ChangedAt: '2026-11-20T12:00:00Z',
    Recipient: jane,
    Origin,
    SuppressSending,
    SuppressionReason: SuppressSending ? SuppressionReason : null,
    Tag: 'my-tag',
    Metadata: { example: 'value' },
  });

  test.each([
    [change('Recipient'), 'unsubscribed none unknown, suppressed'],
    [change('Customer'), 'suppressed none unknown, suppressed'],
    [change('Admin'), 'suppressed none unknown, suppressed'],
    [change('Customer', false), 'subscribed none unknown'],
    [change('Admin', true, 'HardBounce'), 'bounce hard unknown, suppressed'],
  ])('%j', async (body, expected) => {
    expect(await read(postmark, body)).toEqual([jane, expected]);
  });
});

describe('Amazon SES', () => {
  const bounce = (...diagnostics: (string | undefined)[]) => ({
    eventType: 'Bounce',
    bounce: {
      bounceType: 'Transient',
      bounceSubType: 'General',
      bouncedRecipients: diagnostics.map((diagnosticCode) => ({ emailAddress: jane, diagnosticCode })),
    },
    mail: { messageId: 'ses-1', destination: [jane] },
  });
  const envelope = (event: object) => ({ Type: 'Notification', Message: JSON.stringify(event) });

  test('a transient bounce without a diagnostic is an out-of-office reply', async () => {
    expect(await read(amazonSes, envelope(bounce(undefined)))).toEqual([
      jane,
      'autoreply autoreply auto_response',
    ]);
  });

  test('a transient bounce with a diagnostic is a bounce', async () => {
    expect(await read(amazonSes, envelope(bounce('smtp; 451 4.3.0 later')))).toEqual([
      jane,
      expect.stringMatching(/^bounce soft/),
    ]);
  });
});

test.each([true, 'true', 'True', 1, '1'])('Mailjet: hard_bounce %j is hard', async (hard_bounce) => {
  const bounce = { event: 'bounce', email: jane, error: 'user unknown', hard_bounce, time: 1 };
  expect(await read(mailjet, bounce)).toEqual([jane, 'bounce hard mailbox_unknown, suppressed']);
});

test.each([false, 'false', 0, '0', null, undefined, {}])(
  'Mailjet: hard_bounce %j is not hard',
  async (hard_bounce) => {
    const bounce = { event: 'bounce', email: jane, error: 'user unknown', hard_bounce, time: 1 };
    expect(await read(mailjet, bounce)).toEqual([jane, 'bounce soft mailbox_unknown']);
  },
);

test('SparkPost: class 26 is its own suppression', async () => {
  const event = { type: 'bounce', bounce_class: '26', rcpt_to: jane, event_id: 'sp-1' };
  expect(await read(sparkpost, [{ msys: { message_event: event } }])).toEqual([
    jane,
    'rejected none suppressed_by_provider, echo',
  ]);
});

describe('a reply of 4xx is never hard, whatever the vendor calls it', () => {
  const replies = [
    '450 4.1.1 user unknown',
    '450 No such user here',
    '421 4.2.1 account is disabled',
    '4.1.1',
  ];
  const bodies: readonly [string, EspAdapter, (reply: string) => unknown][] = [
    ['SendGrid bounce', sendgrid, (reason) => [{ event: 'bounce', type: 'bounce', email: jane, reason }]],
    ['SendGrid blocked', sendgrid, (reason) => [{ event: 'bounce', type: 'blocked', email: jane, reason }]],
    [
      'Postmark SoftBounce',
      postmark,
      (Details) => ({ RecordType: 'Bounce', Type: 'SoftBounce', Email: jane, Details }),
    ],
    [
      'Postmark HardBounce',
      postmark,
      (Details) => ({ RecordType: 'Bounce', Type: 'HardBounce', Email: jane, Details }),
    ],
    [
      'Standard Webhooks',
      standardWebhooks,
      (reply) => ({ type: 'email.bounced', data: { recipient: jane, reply } }),
    ],
  ];

  test.each(
    bodies.flatMap(([name, adapter, body]) => replies.map((reply) => [name, reply, adapter, body] as const)),
  )('%s: %s', async (_, reply, adapter, body) => {
    const event = await eventIn(adapter, body(reply));
    expect(event.class).not.toBe('hard');
    expect(inShort(event)).not.toContain('suppressed');
  });
});

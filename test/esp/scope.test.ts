// The list, group, stream or topic that an unsubscribe or a resubscribe of a provider is about.

import { describe, expect, test } from 'vitest';
import { amazonSes } from '../../src/esp/amazon-ses.ts';
import { brevo } from '../../src/esp/brevo.ts';
import type { EspAdapter } from '../../src/esp/esp-adapter.ts';
import { mailgun } from '../../src/esp/mailgun.ts';
import { mailjet } from '../../src/esp/mailjet.ts';
import { mandrill } from '../../src/esp/mandrill.ts';
import { postmark } from '../../src/esp/postmark.ts';
import { sendgrid } from '../../src/esp/sendgrid.ts';
import { sparkpost } from '../../src/esp/sparkpost.ts';
import { standardWebhooks } from '../../src/esp/standard-webhooks.ts';
import { unsubscribedScope } from '../../src/suppression/rules.ts';
import { eventsIn } from './reading.ts';
import { json, request } from './signing.ts';

const jane = 'jane@example.net';

/** Such as `unsubscribed list:17`. */
const read = async (adapter: EspAdapter, body: unknown, headers: Record<string, string> = {}) =>
  (await eventsIn(adapter, json(body, headers))).map(
    ({ kind, list, recipient }) => `${kind} ${unsubscribedScope(list ?? null)} ${recipient}`,
  );

describe.each([
  [
    'SendGrid: a group',
    sendgrid,
    [{ event: 'group_unsubscribe', email: jane, timestamp: 1, sg_event_id: 'e', asm_group_id: 17 }],
    `unsubscribed list:17 ${jane}`,
  ],
  [
    'SendGrid: a group again',
    sendgrid,
    [{ event: 'group_resubscribe', email: jane, timestamp: 1, sg_event_id: 'e', asm_group_id: 17 }],
    `subscribed list:17 ${jane}`,
  ],
  [
    'SendGrid: all mail, although the message belonged to a group',
    sendgrid,
    [{ event: 'unsubscribe', email: jane, timestamp: 1, sg_event_id: 'e', asm_group_id: 17 }],
    `unsubscribed marketing ${jane}`,
  ],
  [
    'Postmark: a stream',
    postmark,
    {
      RecordType: 'SubscriptionChange',
      MessageStream: 'broadcast',
      Recipient: jane,
      Origin: 'Recipient',
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
      ChangedAt: '2026-11-20T12:00:00Z',
    },
    `unsubscribed list:broadcast ${jane}`,
  ],
  [
    'Postmark: a stream again',
    postmark,
    {
      RecordType: 'SubscriptionChange',
      MessageStream: 'broadcast',
      Recipient: jane,
      Origin: 'Recipient',
      SuppressSending: false,
      SuppressionReason: null,
      ChangedAt: '2026-11-20T12:00:00Z',
    },
    `subscribed list:broadcast ${jane}`,
  ],
  [
    'Mailjet: a contact list',
    mailjet,
    { event: 'unsub', time: 1763640000, email: jane, mj_list_id: 1, mj_campaign_id: 7 },
    `unsubscribed list:1 ${jane}`,
  ],
  [
    'Mailjet: a transactional message without a list',
    mailjet,
    { event: 'unsub', time: 1763640000, email: jane, mj_list_id: '' },
    `unsubscribed marketing ${jane}`,
  ],
  [
    'Brevo: an unsubscribe is about all campaigns',
    brevo,
    { event: 'unsubscribe', email: jane, list_id: [3], ts_event: 1763640000 },
    `unsubscribed marketing ${jane}`,
  ],
  [
    'Brevo: an addition to a list brings back the list alone',
    brevo,
    { event: 'list_addition', email: [jane], list_id: [3], ts: 1763640000 },
    `subscribed list:3 ${jane}`,
  ],
  [
    'SparkPost: the list in the sender’s metadata of the recipient',
    sparkpost,
    [
      {
        msys: {
          unsubscribe_event: {
            type: 'link_unsubscribe',
            rcpt_to: jane,
            event_id: '2',
            rcpt_meta: { list: 'news' },
          },
        },
      },
    ],
    `unsubscribed list:news ${jane}`,
  ],
  [
    'SparkPost names no list',
    sparkpost,
    [{ msys: { unsubscribe_event: { type: 'list_unsubscribe', rcpt_to: jane, event_id: '1' } } }],
    `unsubscribed marketing ${jane}`,
  ],
  [
    'your own server: the list that it names',
    standardWebhooks,
    {
      type: 'email.unsubscribed',
      timestamp: '2026-11-20T12:00:00Z',
      data: { recipient: jane, list: 'news' },
    },
    `unsubscribed list:news ${jane}`,
  ],
  [
    'Mailgun: the mailing list to which the message was sent',
    mailgun,
    {
      'event-data': {
        event: 'unsubscribed',
        recipient: jane,
        'mailing-list': { address: 'news@lists.example.org', 'list-id': 'news.lists.example.org' },
        timestamp: 1,
      },
    },
    `unsubscribed list:news ${jane}`,
  ],
  [
    'Mailgun: the list in the sender’s variables',
    mailgun,
    {
      'event-data': {
        event: 'unsubscribed',
        recipient: jane,
        'user-variables': { list: 'offers' },
        timestamp: 1,
      },
    },
    `unsubscribed list:offers ${jane}`,
  ],
  [
    'Mailgun does not say which of its links was used',
    mailgun,
    { 'event-data': { event: 'unsubscribed', recipient: jane, tags: ['news'], timestamp: 1 } },
    `unsubscribed marketing ${jane}`,
  ],
] as const)('%s', (_, adapter, body, expected) => {
  test(`is ${expected}`, async () => {
    expect(await read(adapter, body)).toEqual([expected]);
  });
});

test('Brevo: each contact and each list of an addition is an event', async () => {
  const body = { event: 'list_addition', email: [jane, 'john@example.net'], list_id: [3, 4], ts: 1 };
  expect(await read(brevo, body)).toEqual([
    `subscribed list:3 ${jane}`,
    `subscribed list:4 ${jane}`,
    'subscribed list:3 john@example.net',
    'subscribed list:4 john@example.net',
  ]);
  const events = await eventsIn(brevo, json(body));
  expect(new Set(events.map(({ id }) => id)).size).toBe(4);
  expect(await read(brevo, { event: 'list_addition', email: [jane] })).toEqual([]);
});

describe('Mandrill', () => {
  const sync = async (reject: object) => {
    const mandrill_events = JSON.stringify([
      { type: 'blacklist', action: 'add', ts: 1763640000, reject: { email: jane, ...reject } },
    ]);
    const body = new URLSearchParams({ mandrill_events }).toString();
    const [event] = await eventsIn(mandrill, request(body));
    return { kind: event!.kind, class: event!.class, list: event!.list, echo: event!.echo };
  };

  test('an entry of the deny list is about its subaccount, if it has one', async () => {
    expect(await sync({ reason: 'unsub', subaccount: 'shop' })).toMatchObject({
      kind: 'unsubscribed',
      list: 'shop',
    });
    expect(await sync({ reason: 'unsub', subaccount: null })).toMatchObject({ list: null });
  });

  test('an entry that has expired stops nothing', async () => {
    expect(await sync({ reason: 'hard-bounce', expired: false })).toMatchObject({ class: 'hard' });
    expect(await sync({ reason: 'hard-bounce', expired: true })).toMatchObject({ kind: 'unknown' });
  });
});

describe('Amazon SES', () => {
  const subscription = (oldTopics: object, newTopics: object) => ({
    Type: 'Notification',
    MessageId: 'm',
    Message: JSON.stringify({
      eventType: 'Subscription',
      mail: { messageId: '1', destination: [jane] },
      subscription: {
        contactList: 'shop',
        timestamp: '2026-11-20T12:00:00.000Z',
        source: 'UnsubscribeHeader',
        oldTopicPreferences: oldTopics,
        newTopicPreferences: newTopics,
      },
    }),
  });
  const topics = (statuses: Record<string, string>, unsubscribeAll = false) => ({
    unsubscribeAll,
    topicSubscriptionStatus: Object.entries(statuses).map(([topicName, subscriptionStatus]) => ({
      topicName,
      subscriptionStatus,
    })),
  });

  test.each([
    [
      'the topics that changed',
      topics({ news: 'OptIn', offers: 'OptIn', tips: 'OptOut' }),
      topics({ news: 'OptOut', offers: 'OptIn', tips: 'OptIn' }),
      [`unsubscribed list:news ${jane}`, `subscribed list:tips ${jane}`],
    ],
    ['everything', topics({ news: 'OptIn' }), topics({}, true), [`unsubscribed marketing ${jane}`]],
    ['everything again', topics({}, true), topics({}), [`subscribed marketing ${jane}`]],
    ['nothing', topics({ news: 'OptIn' }), topics({ news: 'OptIn' }), [`unknown marketing ${jane}`]],
  ])('reports %s', async (_, before, after, expected) => {
    expect(await read(amazonSes, subscription(before, after))).toEqual(expected);
    const events = await eventsIn(amazonSes, json(subscription(before, after)));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });
});

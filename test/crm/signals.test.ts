// What CRMs report about mail to a contact: recorded as delivery events before the verdict is made.

import { describe, expect, test } from 'vitest';
import { createHookHandler } from '../../src/crm/answer-hook.ts';
import type { CrmAdapter, CrmSettings } from '../../src/crm/crm-adapter.ts';
import { customerIo } from '../../src/crm/customer-io.ts';
import { hubspot } from '../../src/crm/hubspot.ts';
import { klaviyo } from '../../src/crm/klaviyo.ts';
import { mailchimp } from '../../src/crm/mailchimp.ts';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { unsubscribedScope } from '../../src/suppression/rules.ts';
import { bytesOf } from '../../src/webhooks/crypto.ts';
import { inShort } from '../esp/reading.ts';

const jane = 'jane@example.net';

const settings: CrmSettings = {
  signingKeys: ['key'],
  sharedSecrets: [],
  webhookUrl: null,
  organizations: [],
  emailField: null,
  apiToken: 'token',
  writeBack: false,
};

async function eventsOf(adapter: CrmAdapter, body: unknown, more: Partial<CrmSettings> = {}) {
  const events: DeliveryEvent[] = [];
  const receive = createHookHandler(
    { ...adapter, verify: async () => ({ kind: 'verified' }) },
    { ...settings, ...more },
    {
      validate: async (emails) => {
        for (const email of emails) expect(email).toBe(jane);
        return [];
      },
      record: async (recorded) => events.push(...recorded),
      onContacts: () => {},
      fetch: async () =>
        Response.json({
          results: [{ id: '7', properties: { email: jane } }],
          data: [{ id: 'P7', attributes: { email: jane } }],
        }),
      now: () => 0,
      onApiFailure: () => {},
    },
  );
  // The validator of this test answers nothing: only what is recorded before it counts.
  await receive({
    url: 'https://hooks.example.net/',
    headers: new Headers(),
    body: bytesOf(typeof body === 'string' ? body : JSON.stringify(body)),
    now: 0,
  }).catch(() => {});
  return events;
}

const read = async (adapter: CrmAdapter, body: unknown, more: Partial<CrmSettings> = {}) =>
  (await eventsOf(adapter, body, more)).map((event) => [event.recipient, inShort(event)]);

describe('Mailchimp', () => {
  const form = (fields: Record<string, string>) =>
    new URLSearchParams({
      fired_at: '2026-11-20 12:00:00',
      'data[email]': jane,
      'data[list_id]': 'l',
      ...fields,
    }).toString();

  test.each([
    [
      { type: 'cleaned', 'data[reason]': 'hard', 'data[campaign_id]': 'c' },
      'bounce hard unknown, suppressed',
    ],
    [
      { type: 'cleaned', 'data[reason]': 'abuse', 'data[campaign_id]': 'c' },
      'complaint complaint feedback, suppressed',
    ],
    [
      { type: 'unsubscribe', 'data[action]': 'unsub', 'data[reason]': 'manual' },
      'unsubscribed none unknown, suppressed',
    ],
    [
      { type: 'unsubscribe', 'data[action]': 'unsub', 'data[reason]': 'abuse' },
      'complaint complaint feedback, suppressed',
    ],
    [
      { type: 'unsubscribe', 'data[action]': 'delete', 'data[reason]': 'manual' },
      'suppressed none unknown, suppressed',
    ],
    [
      { type: 'unsubscribe', 'data[action]': 'archive', 'data[reason]': 'manual' },
      'suppressed none unknown, suppressed',
    ],
    [
      { type: 'unsubscribe', 'data[action]': 'delete', 'data[reason]': 'abuse' },
      'complaint complaint feedback, suppressed',
    ],
    [{ type: 'subscribe' }, 'subscribed none unknown'],
  ])('%j', async (fields, expected) => {
    expect(await read(mailchimp, form(fields))).toEqual([[jane, expected]]);
  });

  test('a profile update is not a mail event', async () => {
    expect(await read(mailchimp, form({ type: 'profile' }))).toEqual([]);
  });

  test('the event has its time and campaign, and the same id if it is repeated', async () => {
    const body = form({ type: 'cleaned', 'data[reason]': 'hard', 'data[campaign_id]': 'c' });
    const [first] = await eventsOf(mailchimp, body);
    const [again] = await eventsOf(mailchimp, body);
    const [other] = await eventsOf(mailchimp, body.replace('jane', 'john')).catch(() => []);
    expect(first).toMatchObject({ at: Date.UTC(2026, 10, 20, 12), campaign: 'c', provider: 'mailchimp' });
    expect(again!.id).toBe(first!.id);
    expect(other!.id).not.toBe(first!.id);
  });
});

describe('Customer.io', () => {
  const event = (object_type: string, metric: string, data: object = {}) => ({
    event_id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
    object_type,
    metric,
    timestamp: 1763640000,
    data: { customer_id: '42', identifiers: { id: '42', email: jane }, delivery_id: 'd-1', ...data },
  });

  test.each([
    [
      event('email', 'bounced', { recipient: jane, failure_message: '550 5.1.1 No such user' }),
      'bounce hard mailbox_unknown, suppressed',
    ],
    [
      event('email', 'bounced', { recipient: jane, failure_message: '450 4.1.1 user unknown' }),
      'bounce soft system_error',
    ],
    [event('email', 'bounced', { recipient: jane }), 'bounce hard unknown, suppressed'],
    [event('email', 'deferred', { recipient: jane }), 'deferred soft unknown'],
    [event('email', 'spammed', { recipient: jane }), 'complaint complaint feedback, suppressed'],
    [event('email', 'unsubscribed', { recipient: jane }), 'unsubscribed none unknown, suppressed'],
    [event('email', 'dropped', { recipient: jane }), 'rejected none suppressed_by_provider, echo'],
    [event('email', 'delivered', { recipient: jane }), 'delivered none delivered'],
    [event('customer', 'unsubscribed', { email_address: jane }), 'unsubscribed none unknown, suppressed'],
  ])('%j', async (body, expected) => {
    expect(await read(customerIo, body)).toEqual([[jane, expected]]);
  });

  test.each(['email', 'customer'])('an event about a %s bears the vendor’s words for it', async (kind) => {
    const body = bytesOf(JSON.stringify(event(kind, 'unsubscribed')));
    const request = { url: 'https://hooks.example.net/', headers: new Headers(), body, now: 0 };
    expect(customerIo.parse(request, settings)).toMatchObject({
      records: [{ id: '42', email: jane, signal: { label: `${kind} unsubscribed` } }],
    });
  });

  test.each([event('email', 'converted'), event('customer', 'bounced'), event('sms', 'bounced')])(
    '%j says nothing about mail',
    async (body) => {
      expect(await read(customerIo, body)).toEqual([]);
    },
  );
});

describe('Klaviyo', () => {
  const event = (topic: string, event_properties: object = {}, profile = 'P7') => ({
    data: [
      {
        external_id: '4L3cwQae2TX',
        topic: `event:klaviyo.${topic}`,
        payload: {
          data: {
            id: '4L3cwQae2TX',
            attributes: { datetime: '2026-11-20T12:00:00+00:00', event_properties },
            relationships: { profile: { data: { type: 'profile', id: profile } } },
          },
        },
      },
    ],
  });

  test.each([
    ['bounced_email', { 'Bounce Type': 'Hard' }, 'bounce hard unknown, suppressed'],
    ['bounced_email', { 'Bounce Type': 'Soft' }, 'bounce soft unknown'],
    ['marked_email_as_spam', {}, 'complaint complaint feedback, suppressed'],
    ['unsubscribed_from_email_marketing', {}, 'unsubscribed none unknown, suppressed'],
    ['manually_suppressed_from_email_marketing', {}, 'suppressed none unknown, suppressed'],
    ['manually_unsuppressed_from_email_marketing', {}, 'unsuppressed none unknown'],
    ['dropped_email', {}, 'rejected none suppressed_by_provider, echo'],
    ['subscribed_to_email_marketing', {}, 'subscribed none unknown'],
  ])('%s %j', async (topic, properties, expected) => {
    expect(await read(klaviyo, event(topic, properties))).toEqual([[jane, expected]]);
  });

  test('an event without an address is recorded and suppresses no one', async () => {
    const complaint = event('marked_email_as_spam');
    for (const found of [
      await read(klaviyo, complaint, { apiToken: null }),
      await read(klaviyo, event('marked_email_as_spam', {}, 'another')),
    ])
      expect(found).toEqual([[null, 'complaint complaint feedback']]);
  });

  test('another topic is not a mail event', async () => {
    expect(await read(klaviyo, event('sent_sms'))).toEqual([]);
  });
});

describe('HubSpot', () => {
  const change = (propertyName: string, propertyValue: string, occurredAt = 1763640000000) => ({
    subscriptionId: 1,
    eventId: 2,
    objectId: 7,
    occurredAt,
    subscriptionType: 'contact.propertyChange',
    propertyName,
    propertyValue,
  });

  test.each([
    ['hs_email_optout', 'true', 'unsubscribed none unknown, suppressed'],
    ['hs_email_hard_bounce_reason_enum', 'UNKNOWN_USER', 'bounce hard mailbox_unknown, suppressed'],
    ['hs_email_hard_bounce_reason_enum', 'OTHER', 'bounce hard unknown, suppressed'],
    ['hs_email_hard_bounce_reason_enum', 'SPAM', 'bounce policy spam_content'],
    ['hs_email_hard_bounce_reason_enum', 'MAILBOX_FULL', 'bounce soft mailbox_full'],
  ])('%s %s', async (name, value, expected) => {
    expect(await read(hubspot, [change(name, value)])).toEqual([[jane, expected]]);
  });

  test.each([
    ['hs_email_optout', ''],
    ['hs_email_hard_bounce_reason_enum', ''],
    ['email', jane],
  ])('%s %j says nothing about mail', async (name, value) => {
    expect(await read(hubspot, [change(name, value)])).toEqual([]);
  });

  test('the event carries the id of the contact', async () => {
    const [hubspotEvent] = await eventsOf(hubspot, [change('hs_email_optout', 'true')]);
    expect(hubspotEvent).toMatchObject({ contact: '7' });
    const form = 'type=cleaned&data[email]=jane%40example.net';
    expect((await eventsOf(mailchimp, `${form}&data[id]=8a25ff1d98`))[0]).toMatchObject({
      contact: '8a25ff1d98',
    });
    expect((await eventsOf(mailchimp, form))[0]).not.toHaveProperty('contact');
  });

  test('a later change of the same contact does not hide the signal', async () => {
    const events = [change('hs_email_optout', 'true'), change('email', jane, 1763640001000)];
    expect(await read(hubspot, events)).toEqual([[jane, 'unsubscribed none unknown, suppressed']]);
  });
});

describe('the list of an unsubscribe or resubscribe', () => {
  const scopes = async (adapter: CrmAdapter, body: unknown) =>
    (await eventsOf(adapter, body)).map(
      ({ kind, list, recipient }) => `${kind} ${unsubscribedScope(list ?? null)} ${recipient}`,
    );
  const optOut = (property: string, propertyValue: string) => [
    {
      subscriptionId: 1,
      eventId: 2,
      objectId: 7,
      occurredAt: 1763640000000,
      subscriptionType: 'contact.propertyChange',
      propertyName: property,
      propertyValue,
    },
  ];
  const listEvent = (topic: string, event_properties: object) => ({
    data: [
      {
        external_id: '4L3cwQae2TX',
        topic: `event:klaviyo.${topic}`,
        payload: {
          data: {
            id: '4L3cwQae2TX',
            attributes: { datetime: '2026-11-20T12:00:00+00:00', event_properties },
            relationships: { profile: { data: { type: 'profile', id: 'P7' } } },
          },
        },
      },
    ],
  });
  const audience = (type: string) =>
    new URLSearchParams({ type, 'data[email]': jane, 'data[list_id]': 'a6b5da1054' }).toString();
  const preferences = (content: unknown) => ({
    event_id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
    object_type: 'customer',
    metric: 'cio_subscription_preferences_changed',
    timestamp: 1613063089,
    data: { content, customer_id: '42', email_address: jane, identifiers: { id: '42', email: jane } },
  });

  test.each([
    [hubspot, optOut('hs_email_optout', 'true'), [`unsubscribed marketing ${jane}`]],
    [hubspot, optOut('hs_email_optout', 'false'), [`subscribed marketing ${jane}`]],
    [hubspot, optOut('hs_email_optout_8123', 'true'), [`unsubscribed list:8123 ${jane}`]],
    [hubspot, optOut('hs_email_optout_8123', 'false'), [`subscribed list:8123 ${jane}`]],
    [hubspot, optOut('hs_email_optout_survey', 'true'), []],
    [mailchimp, audience('unsubscribe'), [`unsubscribed list:a6b5da1054 ${jane}`]],
    [mailchimp, audience('subscribe'), [`subscribed list:a6b5da1054 ${jane}`]],
    [
      customerIo,
      preferences(JSON.stringify({ topics: { topic_7: false, topic_8: true, topic_9: 'x' } })),
      [`unsubscribed list:topic_7 ${jane}`, `subscribed list:topic_8 ${jane}`],
    ],
    [customerIo, preferences({ topics: { topic_7: false } }), [`unsubscribed list:topic_7 ${jane}`]],
    [klaviyo, listEvent('subscribed_to_list', { List: 'News' }), [`subscribed list:News ${jane}`]],
    [klaviyo, listEvent('unsubscribed_from_list', { List: 'News' }), [`unsubscribed list:News ${jane}`]],
    [klaviyo, listEvent('unsubscribed_from_list', {}), [`unsubscribed marketing ${jane}`]],
    [
      klaviyo,
      listEvent('unsubscribed_from_email_marketing', { List: 'News' }),
      [`unsubscribed marketing ${jane}`],
    ],
    [customerIo, preferences('{"channels":{"email":false}}'), []],
    [customerIo, preferences('no JSON'), []],
  ] as const)('%#', async (adapter, body, expected) => {
    expect(await scopes(adapter, body)).toEqual(expected);
  });

  test('each topic of one event is an event', async () => {
    const events = await eventsOf(customerIo, preferences('{"topics":{"topic_7":false,"topic_8":false}}'));
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });
});

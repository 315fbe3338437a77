// One genuine request of each vendor, as it signs and shapes it.

import { bytesOf, concat, sha256, toHex } from '../../src/webhooks/crypto.ts';

export interface Contact {
  readonly id: string;
  readonly email: string | null;
}

export interface Hook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Sample {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Contacts that the vendor puts into one request at most. */
  readonly most: number;
  /** Milliseconds that the vendor waits. */
  readonly waitsMs: number;
  /** A request about these contacts. `now`: epoch milliseconds. */
  make(contacts: readonly Contact[], now: number): Promise<Hook>;
  /** The same with what vouches for it spoilt, in each way that there is. */
  readonly spoilt: Readonly<Record<string, (hook: Hook) => Hook>>;
  /** The flat fields out of a reply, by id where the vendor's reply has them; null where it tells none. */
  readonly told: ((body: string) => Record<string, unknown>[]) | null;
  /** Nothing in it tells how old it is. */
  readonly undated?: true;
}

const origin = 'https://hooks.example.net';

export const clientSecret = 'client-secret-of-a-hubspot-app';
const hookSecret = 'a-secret-of-our-own-making';
export const sessionId = '00D000000000001!SESSION.NEVER.KEPT';

async function hmac(secret: string, data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey(
    'raw',
    bytesOf(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, data));
}

const json = { 'content-type': 'application/json' };

const without =
  (name: string) =>
  (hook: Hook): Hook => ({
    ...hook,
    headers: Object.fromEntries(Object.entries(hook.headers).filter(([header]) => header !== name)),
  });

const withHeader =
  (name: string, change: (value: string) => string) =>
  (hook: Hook): Hook => ({ ...hook, headers: { ...hook.headers, [name]: change(hook.headers[name]!) } });

const withBody =
  (change: (body: string) => string) =>
  (hook: Hook): Hook => ({ ...hook, body: change(hook.body) });

const another = (value: string) => (value.startsWith('a') ? 'b' : 'a') + value.slice(1);

const records = (body: string) => JSON.parse(body).records as Record<string, unknown>[];

export async function signV3(path: string, body: string, now: number, url = origin + path) {
  const timestamp = String(now);
  const signature = await hmac(clientSecret, bytesOf(`POST${url}${body}${timestamp}`));
  return {
    ...json,
    'x-hubspot-signature-v3': btoa(String.fromCharCode(...signature)),
    'x-hubspot-request-timestamp': timestamp,
  };
}

/** Events of different tests may fall into one millisecond, and must not be taken for one event. */
let nextEventId = 7000;

export const hubspotEvent = ({ id, email }: Contact, now: number) => ({
  eventId: nextEventId++,
  subscriptionId: 12345,
  portalId: 62515,
  appId: 54321,
  occurredAt: now,
  attemptNumber: 0,
  objectId: Number(id),
  changeSource: 'CRM',
  ...(email === null
    ? { subscriptionType: 'contact.creation', changeFlag: 'NEW' }
    : { subscriptionType: 'contact.propertyChange', propertyName: 'email', propertyValue: email }),
});

export const soap = (contacts: readonly Contact[], field = 'Email') =>
  `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>00D000000000001EAA</OrganizationId>
   <ActionId>04k000000000001AAA</ActionId>
   <SessionId>${sessionId}</SessionId>
   <EnterpriseUrl>https://example.my.salesforce.com/services/Soap/c/62.0/00D000000000001</EnterpriseUrl>
   <PartnerUrl>https://example.my.salesforce.com/services/Soap/u/62.0/00D000000000001</PartnerUrl>
${contacts
  .map(
    ({ id, email }) => `   <Notification>
    <Id>04l${id.padStart(12, '0')}AAA</Id>
    <sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>${id}</sf:Id>
     ${email === null ? '' : `<sf:${field}>${email.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</sf:${field}>`}
    </sObject>
   </Notification>`,
  )
  .join('\n')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;

const salesforcePath = '/v1/hooks/crm/salesforce';
const mailchimpPath = '/v1/hooks/crm/mailchimp';
const withSecret = (path: string, secret: string) => `${path}?secret=${secret}`;

const inUrl = (path: string): Sample['spoilt'] => ({
  'no secret': (hook) => ({ ...hook, path }),
  'another secret': (hook) => ({ ...hook, path: withSecret(path, another(hookSecret)) }),
  'an empty secret': (hook) => ({ ...hook, path: withSecret(path, '') }),
});

export const samples: readonly Sample[] = [
  {
    name: 'hubspot',
    settings: {
      CRM_HUBSPOT_SIGNING_KEYS: clientSecret,
      CRM_HUBSPOT_WEBHOOK_URL: `${origin}/v1/hooks/crm/hubspot`,
      CRM_HUBSPOT_API_TOKEN: 'pat-token-never-logged',
      CRM_HUBSPOT_WRITE_BACK: 'true',
    },
    most: 100,
    waitsMs: 5000,
    async make(contacts, now) {
      const path = '/v1/hooks/crm/hubspot';
      const body = JSON.stringify(contacts.map((contact) => hubspotEvent(contact, now)));
      return { path, body, headers: await signV3(path, body, now) };
    },
    spoilt: {
      'no signature': without('x-hubspot-signature-v3'),
      'another signature': withHeader('x-hubspot-signature-v3', another),
      'no time': without('x-hubspot-request-timestamp'),
      'another time': withHeader('x-hubspot-request-timestamp', (time) => String(Number(time) + 1)),
      'another body': withBody((body) => `${body} `),
    },
    told: records,
  },
  {
    name: 'hubspot_action',
    settings: {
      CRM_HUBSPOT_ACTION_SIGNING_KEYS: clientSecret,
      CRM_HUBSPOT_ACTION_WEBHOOK_URL: `${origin}/v1/hooks/crm/hubspot_action`,
    },
    most: 1,
    waitsMs: 5000,
    undated: true,
    async make([contact]) {
      const path = '/v1/hooks/crm/hubspot_action';
      const body = JSON.stringify({
        callbackId: `ap-62515-${contact!.id}-11-0`,
        origin: { portalId: 62515, actionDefinitionId: 10860211, actionDefinitionVersion: 1 },
        context: { source: 'WORKFLOWS', workflowId: 192814114 },
        object: { objectId: Number(contact!.id), objectType: 'CONTACT' },
        inputFields: contact!.email === null ? {} : { email: contact!.email },
      });
      const digest = await sha256(bytesOf(`${clientSecret}POST${origin}${path}${body}`));
      const signature = { 'x-hubspot-signature': toHex(digest), 'x-hubspot-signature-version': 'v2' };
      return { path, body, headers: { ...json, ...signature } };
    },
    spoilt: {
      'no signature': without('x-hubspot-signature'),
      'another signature': withHeader('x-hubspot-signature', another),
      'version 1': withHeader('x-hubspot-signature-version', () => 'v1'),
      'another body': withBody((body) => `${body} `),
    },
    told: (body) => [JSON.parse(body).outputFields],
  },
  {
    name: 'salesforce',
    settings: {
      CRM_SALESFORCE_SHARED_SECRETS: hookSecret,
      CRM_SALESFORCE_ORGANIZATIONS: '00D000000000002EAA, 00D000000000001EAA',
    },
    most: 100,
    waitsMs: 10_000,
    undated: true,
    make: async (contacts) => ({
      path: withSecret(salesforcePath, hookSecret),
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' },
      body: soap(contacts),
    }),
    spoilt: {
      ...inUrl(salesforcePath),
      'another organisation': withBody((body) => body.replace('00D000000000001EAA', '00D000000000009EAA')),
    },
    told: null,
  },
  {
    name: 'pipedrive',
    settings: { CRM_PIPEDRIVE_SHARED_SECRETS: hookSecret },
    most: 1,
    waitsMs: 10_000,
    undated: true,
    make: async ([contact], now) => ({
      path: '/v1/hooks/crm/pipedrive',
      headers: { ...json, authorization: `Basic ${btoa(`presend:${hookSecret}`)}` },
      body: JSON.stringify({
        meta: {
          action: 'create',
          entity: 'person',
          entity_id: contact!.id,
          id: `c0ffee00-0000-4000-8000-${contact!.id.padStart(12, '0')}`,
          attempt: 1,
          company_id: '12345',
          user_id: '1',
          webhook_id: '99',
          timestamp: new Date(now).toISOString(),
          version: '2.0',
        },
        data: {
          id: Number(contact!.id),
          name: 'Jane Doe',
          emails:
            contact!.email === null
              ? []
              : [
                  { label: 'home', value: 'other@presend.test', primary: false },
                  { label: 'work', value: contact!.email, primary: true },
                ],
        },
        previous: null,
      }),
    }),
    spoilt: {
      'no credentials': without('authorization'),
      'another password': withHeader('authorization', () => `Basic ${btoa('presend:another')}`),
      'no Basic': withHeader('authorization', () => 'Basic !'),
    },
    told: records,
  },
  {
    name: 'mailchimp',
    settings: { CRM_MAILCHIMP_SHARED_SECRETS: `an-older-secret-of-ours,${hookSecret}` },
    most: 1,
    waitsMs: 10_000,
    undated: true,
    make: async ([contact]) => ({
      path: withSecret(mailchimpPath, hookSecret),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        type: 'subscribe',
        fired_at: '2026-11-20 12:00:00',
        'data[id]': contact!.id,
        'data[list_id]': 'a6b5da1054',
        ...(contact!.email === null ? {} : { 'data[email]': contact!.email }),
        'data[email_type]': 'html',
        'data[merges][FNAME]': 'Jane',
      }).toString(),
    }),
    spoilt: inUrl(mailchimpPath),
    told: records,
  },
  {
    name: 'klaviyo',
    settings: { CRM_KLAVIYO_SIGNING_KEYS: hookSecret, CRM_KLAVIYO_API_TOKEN: 'pk_token-never-logged' },
    most: 1000,
    waitsMs: 5000,
    async make(contacts, now) {
      const timestamp = new Date(now).toUTCString();
      const body = JSON.stringify({
        meta: {
          timestamp: new Date(now).toISOString(),
          klaviyo_webhook_id: '01J0000000000000000000HOOK',
          klaviyo_account_id: 'AbC123',
          version: '2026-01-15',
        },
        data: contacts.map(({ id, email }) => ({
          topic: 'event:klaviyo.subscribed_to_email_marketing',
          external_id: `event-${id}`,
          payload: {
            data: {
              type: 'event',
              id: `event-${id}`,
              attributes: {
                timestamp: Math.floor(now / 1000),
                event_properties: { method: 'FORM', ...(email !== null && { email_address: email }) },
              },
              relationships: { profile: { data: { type: 'profile', id } } },
            },
          },
        })),
      });
      const signature = toHex(await hmac(hookSecret, bytesOf(body + timestamp)));
      return {
        path: '/v1/hooks/crm/klaviyo',
        body,
        headers: {
          ...json,
          'klaviyo-signature': signature,
          'klaviyo-timestamp': timestamp,
          'klaviyo-webhook-id': '01J0000000000000000000HOOK',
        },
      };
    },
    spoilt: {
      'no signature': without('klaviyo-signature'),
      'another signature': withHeader('klaviyo-signature', another),
      'no time': without('klaviyo-timestamp'),
      'another time': withHeader('klaviyo-timestamp', () => new Date(0).toUTCString()),
      'another webhook': withHeader('klaviyo-webhook-id', another),
      'another body': withBody((body) => `${body} `),
    },
    told: records,
  },
  {
    name: 'customer_io',
    settings: { CRM_CUSTOMER_IO_SIGNING_KEYS: hookSecret },
    most: 1,
    waitsMs: 4000,
    async make([contact], now) {
      const timestamp = String(Math.floor(now / 1000));
      const { id, email } = contact!;
      const body = JSON.stringify({
        event_id: `01E4C4CT6YDC7Y5M7FE1GWWPQJ-${id}`,
        object_type: 'customer',
        metric: 'subscribed',
        timestamp: Number(timestamp),
        data: {
          customer_id: id,
          identifiers: { id, email, cio_id: 'd9c106000001' },
          ...(email !== null && { email_address: email }),
        },
      });
      const signed = concat(bytesOf(`v0:${timestamp}:`), bytesOf(body));
      const signature = toHex(await hmac(hookSecret, signed));
      return {
        path: '/v1/hooks/crm/customer_io',
        body,
        headers: { ...json, 'x-cio-signature': signature, 'x-cio-timestamp': timestamp },
      };
    },
    spoilt: {
      'no signature': without('x-cio-signature'),
      'another signature': withHeader('x-cio-signature', another),
      'no time': without('x-cio-timestamp'),
      'another time': withHeader('x-cio-timestamp', (time) => String(Number(time) + 1)),
      'another body': withBody((body) => `${body} `),
    },
    told: records,
  },
];

export const sampleSettings: Readonly<Record<string, string>> = Object.assign(
  {},
  ...samples.map(({ settings }) => settings),
);

export const sampleNamed = (name: string): Sample => samples.find((sample) => sample.name === name)!;

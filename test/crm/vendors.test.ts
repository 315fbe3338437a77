// What is particular to the shapes that each vendor sends.

import { expect, test } from 'vitest';
import type { CrmSettings } from '../../src/crm/crm-adapter.ts';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { bytesOf } from '../../src/webhooks/crypto.ts';
import { clientSecret, signV3, soap } from './samples.ts';

const nothingSet: CrmSettings = {
  signingKeys: [],
  sharedSecrets: [],
  webhookUrl: null,
  organizations: [],
  emailField: null,
  apiToken: null,
  writeBack: false,
};

const request = (body: unknown, url = 'https://hooks.example.net/') => ({
  url,
  headers: new Headers(),
  body: bytesOf(typeof body === 'string' ? body : JSON.stringify(body)),
  now: 0,
});

const adapterNamed = (name: string) => crmAdapters.find((adapter) => adapter.name === name)!;

async function records(vendor: string, body: unknown, settings: Partial<CrmSettings> = {}) {
  const parsed = await adapterNamed(vendor).parse(request(body), { ...nothingSet, ...settings });
  if (parsed.kind === 'malformed') return parsed.kind;
  return parsed.records.map(({ id, email }) => [id, email]);
}

test.each([
  [{ type: 'subscribe', 'data[id]': '8a', 'data[email]': 'jane@example.net' }, [['8a', 'jane@example.net']]],
  [{ type: 'profile', 'data[id]': '8a', 'data[email]': 'jane@example.net' }, [['8a', 'jane@example.net']]],
  [
    {
      type: 'upemail',
      'data[new_id]': '51',
      'data[new_email]': 'new@example.net',
      'data[old_email]': 'old@example.net',
    },
    [['51', 'new@example.net']],
  ],
  [
    { type: 'unsubscribe', 'data[id]': '8a', 'data[email]': 'jane@example.net' },
    [['8a', 'jane@example.net']],
  ],
  [
    { type: 'cleaned', 'data[email]': 'jane@example.net', 'data[reason]': 'hard' },
    [['', 'jane@example.net']],
  ],
  [{ type: 'campaign', 'data[id]': '5a' }, []],
  [{ type: 'constructor' }, []],
])('Mailchimp: %o', async (form, expected) => {
  expect(await records('mailchimp', new URLSearchParams(form).toString())).toEqual(expected);
});

test.each([
  ['the primary address', { emails: [{ value: 'a@b.c' }, { value: 'd@e.f', primary: true }] }, 'd@e.f'],
  ['the first, where none is primary', { emails: [{ value: ' ' }, { value: 'a@b.c' }] }, 'a@b.c'],
  ['the field of the older API', { email: [{ value: 'a@b.c', primary: true }] }, 'a@b.c'],
  ['none', { emails: [] }, null],
])('Pipedrive: %s', async (_, data, email) => {
  const meta = { entity: 'person', action: 'change', entity_id: '7' };
  expect(await records('pipedrive', { meta, data })).toEqual([['7', email]]);
  expect(await records('pipedrive', { meta: { ...meta, entity: 'deal' }, data })).toEqual([]);
  expect(await records('pipedrive', { meta: { ...meta, action: 'delete' }, data: null })).toEqual([]);
});

test.each([
  [
    'a person',
    { object_type: 'customer', data: { customer_id: 'u1', email_address: 'a@b.c' } },
    [['u1', 'a@b.c']],
  ],
  [
    'a message',
    { object_type: 'email', data: { identifiers: { id: 'u1' }, recipient: 'a@b.c' } },
    [['u1', 'a@b.c']],
  ],
  ['a text message', { object_type: 'sms', data: { recipient: '+15550100' } }, []],
])('Customer.io: %s', async (_, body, expected) => {
  expect(await records('customer_io', body)).toEqual(expected);
});

test('Klaviyo: reads the included profile, or the event itself', async () => {
  const included = [
    { type: 'metric', id: 'm' },
    { type: 'profile', id: 'p', attributes: { email: 'a@b.c' } },
  ];
  const data = [
    { external_id: 'e1', payload: { data: { id: 'e1' }, included } },
    { external_id: 'e2', payload: { data: { attributes: { event_properties: { email: 'd@e.f' } } } } },
    { external_id: 'e3', payload: { data: { id: 'e3' } } },
  ];
  expect(await records('klaviyo', { data })).toEqual([
    ['p', 'a@b.c'],
    ['e2', 'd@e.f'],
    ['e3', null],
  ]);
});

test('Salesforce: reads the named field and decodes XML entities', async () => {
  const body = soap([{ id: '003', email: '"j&j"@example.net' }], 'Work_Email__c');
  expect(await records('salesforce', body)).toEqual([['003', null]]);
  expect(await records('salesforce', body, { emailField: 'Work_Email__c' })).toEqual([
    ['003', '"j&j"@example.net'],
  ]);
});

test('Salesforce: a notification without an object, or whose object has no id, is left out', async () => {
  const body = soap([
    { id: '003', email: 'a@b.c' },
    { id: '004', email: 'd@e.f' },
  ]);
  expect(await records('salesforce', body.replace('<sf:Id>003</sf:Id>', ''))).toEqual([['004', 'd@e.f']]);
  expect(await records('salesforce', body.replace(/<sObject.*?<\/sObject>/s, ''))).toEqual([
    ['004', 'd@e.f'],
  ]);
});

test('Salesforce: any namespace prefix is accepted; other messages are refused', async () => {
  const prefixed = soap([{ id: '003', email: 'a@b.c' }])
    .replaceAll('soapenv', 'S')
    .replace('<notifications xmlns', '<o:notifications xmlns:o')
    .replace('</notifications', '</o:notifications');
  expect(await records('salesforce', prefixed)).toEqual([['003', 'a@b.c']]);
  expect(await records('salesforce', '<Envelope><Body><other/></Body></Envelope>')).toBe('malformed');
  expect(await records('salesforce', '<notifications/>')).toBe('malformed');
});

test('Salesforce: refuses a document type and endless nesting', async () => {
  const declared = soap([{ id: '003', email: '&e;' }]).replace(
    '?>',
    '?><!DOCTYPE soapenv:Envelope [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
  );
  for (const body of [declared, '<a>'.repeat(300_000), `${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}`])
    expect(await records('salesforce', body)).toBe('malformed');
});

test('HubSpot: without a configured URL, the signature covers the request URL with some characters decoded', async () => {
  const settings = { ...nothingSet, signingKeys: ['another-secret', clientSecret] };
  const verify = async (url: string, signedUrl: string) => {
    const headers = new Headers(await signV3('', '[]', 0, signedUrl));
    return (await adapterNamed('hubspot').verify({ ...request('[]', url), headers }, settings)).kind;
  };
  const url = 'https://hooks.example.net/v1/hooks/crm/hubspot';
  expect(await verify(url, url)).toBe('verified');
  expect(await verify(url, url.replace('https', 'http'))).toBe('refused');
  expect(await verify(`${url}?to=a%3Ab%20c`, `${url}?to=a:b%20c`)).toBe('verified');
});

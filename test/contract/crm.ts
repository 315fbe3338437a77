// What the CRM hooks and POST /v1/annotate promise, on whatever runtime they run.

import { safeParse } from 'valibot';
import { beforeEach, describe, expect, test } from 'vitest';
import { AnnotationAnswer } from '../../src/http/routes/annotate.ts';
import {
  type Contact,
  clientSecret,
  type Hook,
  hubspotEvent,
  type Sample,
  sampleNamed,
  samples,
  sessionId,
  signV3,
  soap,
} from '../crm/samples.ts';
import type { VendorsStandIn } from '../crm/vendors-stand-in.ts';
import type { Send } from './http.ts';

export interface CrmContract {
  /** Reaches a service with an ADMIN_KEY and the settings of all samples. */
  readonly send: Send;
  readonly adminKey: string;
  readonly vendors: VendorsStandIn;
}

const typo = 'domain-typo@presend.test';
const minute = 60_000;

export function crmContract({ send, adminKey, vendors }: CrmContract): void {
  const deliver = ({ path, headers, body }: Hook) => send(path, { method: 'POST', headers, body });
  const make = (sample: Sample, email: string | null, age = 0) =>
    sample.make([{ id: '101', email }], Date.now() - age);
  // biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
  const json = async (response: Promise<Response>): Promise<any> => (await response).json();
  const annotate = (body: unknown, authorization = `Bearer ${adminKey}`) =>
    send('/v1/annotate', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(body),
    });

  beforeEach(() => {
    vendors.fault = null;
    vendors.calls.length = 0;
    vendors.contacts.clear();
    vendors.contacts.set('101', { email: typo });
  });

  describe.each(samples)('$name', (sample) => {
    test('a genuine request is answered as the vendor expects', async () => {
      const response = await deliver(await make(sample, typo));
      expect(response.status).toBe(200);
      const body = await response.text();
      if (sample.told === null) expect(body).toContain('<Ack>true</Ack>');
      else
        expect(sample.told(body)).toMatchObject([
          {
            presend_result: 'undeliverable',
            presend_reason: 'domain_typo',
            presend_action: 'confirm',
            presend_did_you_mean: 'domain-typo@example.com',
            presend_bounce_status: '5.1.2',
          },
        ]);
    });

    test('an unsigned request is refused before any lookup', async () => {
      for (const [what, spoil] of Object.entries(sample.spoilt)) {
        const response = await deliver(spoil(await make(sample, typo)));
        const body = await response.text();
        expect(response.status, what).toBe(401);
        expect(body, what).toContain('urn:presend:problem:webhook-refused');
        expect(body).not.toMatch(/presend\.test|presend_result/);
      }
      expect(vendors.calls).toEqual([]);
    });

    test('the same request again gets the same answer, and changes nothing', async () => {
      const hook = await make(sample, typo);
      const first = await (await deliver(hook)).text();
      const contacts = structuredClone([...vendors.contacts]);
      const again = await (await deliver(hook)).text();
      const timeless = (body: string) => body.replace(/"presend_(checked|expires)_at":"[^"]+"/g, '');
      expect(timeless(again)).toBe(timeless(first));
      expect([...vendors.contacts]).toEqual(contacts);
    });

    if (!sample.undated)
      test('a request that is older than five minutes, or ahead of time, is refused', async () => {
        for (const age of [6 * minute, -6 * minute]) {
          const response = await deliver(await make(sample, typo, age));
          expect(response.status).toBe(401);
        }
        expect((await deliver(await make(sample, typo, 4 * minute))).status).toBe(200);
      });

    test('a record without an address is answered as such', async () => {
      vendors.contacts.set('101', { email: null });
      const response = await deliver(await make(sample, null));
      expect(response.status).toBe(200);
      if (sample.told) {
        const [told] = sample.told(await response.text());
        expect(told).toMatchObject({ presend_result: 'no_address' });
      }
    });

    test('a genuine body that is too large is not read', async () => {
      const hook = await make(sample, typo);
      const response = await deliver({ ...hook, body: hook.body + ' '.repeat(9 * 1024 * 1024) });
      expect(response.status).toBe(413);
    });
  });

  test('no vendor of that name', async () => {
    for (const method of ['GET', 'POST'])
      expect((await send('/v1/hooks/crm/constructor', { method })).status).toBe(404);
  });

  test('only the hooks need no key', async () => {
    for (const path of ['/v1/annotate', '/v1/hooks', '/v1/hook/crm/hubspot'])
      expect((await send(path, { method: 'POST', body: '{}' })).status, path).not.toBe(200);
    expect((await annotate({ email: typo }, 'Bearer another-key-for-tests')).status).toBe(401);
    expect((await send('/v1/hooks/crm/hubspot/contacts', { method: 'POST' })).status).toBe(401);
  });

  test('only Mailchimp checks the URL with GET', async () => {
    const probe = await send(`/v1/hooks/crm/mailchimp?secret=unknown`);
    expect([probe.status, await probe.text()]).toEqual([200, '']);
    const other = await send('/v1/hooks/crm/hubspot');
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST']);
  });

  describe('HubSpot webhooks', () => {
    const sample = sampleNamed('hubspot');
    const events = async (list: readonly unknown[]) => {
      const body = JSON.stringify(list);
      return deliver({
        path: '/v1/hooks/crm/hubspot',
        body,
        headers: await signV3('/v1/hooks/crm/hubspot', body, Date.now()),
      });
    };

    test('reads an address that the event lacks, and writes the verdict back', async () => {
      const response = await deliver(await make(sample, null));
      expect(vendors.calls).toEqual(['read', 'update']);
      expect(sample.told!(await response.text())).toMatchObject([
        { id: '101', presend_reason: 'domain_typo' },
      ]);
      expect(vendors.contacts.get('101')).toEqual({
        email: typo,
        presend_result: 'undeliverable',
        presend_reason: 'domain_typo',
        presend_action: 'confirm',
        presend_did_you_mean: 'domain-typo@example.com',
        presend_bounce_status: '5.1.2',
        presend_bounce_probability: '0.98',
        presend_checked_at: expect.stringMatching(/^20\d\d-/),
      });
    });

    test('writes each event only once', async () => {
      const hook = await make(sample, typo);
      await deliver(hook);
      await deliver(hook);
      expect(vendors.calls).toEqual(['read', 'update', 'read']);
    });

    test('writes the verdict on the contact’s current address, regardless of older events', async () => {
      vendors.contacts.set('101', { email: 'null-mx@presend.test', presend_did_you_mean: typo });
      const now = Date.now();
      const at = (time: number, email: string | null) => hubspotEvent({ id: '101', email }, time);
      await events([at(now, 'deliverable@presend.test'), at(now - 5, typo), at(now - 9, null)]);
      expect(vendors.calls).toEqual(['read', 'update']);
      expect(vendors.contacts.get('101')).toMatchObject({
        presend_reason: 'null_mx',
        presend_did_you_mean: '',
      });
    });

    test('reads the newer subscriptions and ignores other objects, properties and events', async () => {
      const event = hubspotEvent({ id: '101', email: null }, Date.now());
      const others = [
        { ...event, subscriptionType: 'company.creation' },
        { ...event, subscriptionType: 'object.creation', objectTypeId: '0-2' },
        { ...event, subscriptionType: 'contact.deletion' },
        {
          ...event,
          subscriptionType: 'contact.propertyChange',
          propertyName: 'presend_result',
          propertyValue: 'risky',
        },
      ];
      expect(await json(events(others))).toEqual({ records: [] });
      expect(vendors.calls).toEqual([]);
      const contact = { ...event, subscriptionType: 'object.creation', objectTypeId: '0-1' };
      expect(await json(events([contact]))).toMatchObject({ records: [{ id: '101' }] });
    });

    test('skips a deleted contact and writes the others', async () => {
      const now = Date.now();
      const gone = [hubspotEvent({ id: '7', email: null }, now), hubspotEvent({ id: '8', email: typo }, now)];
      const here = hubspotEvent({ id: '101', email: null }, now);
      expect(await json(events([...gone, here]))).toMatchObject({ records: [{ id: '101' }] });
      expect(vendors.contacts.get('101')).toMatchObject({ presend_reason: 'domain_typo' });
    });

    test.each([
      ['fails', () => new Response('jane@example.com', { status: 500 }), '10'],
      ['refuses the token', () => new Response(null, { status: 401 }), '10'],
      [
        'sends us elsewhere',
        () => new Response(null, { status: 302, headers: { location: 'https://example.net/' } }),
        '10',
      ],
      ['answers no JSON', () => new Response('<html>'), '10'],
    ])('HubSpot is asked to come again when its API %s', async (_, fault, wait) => {
      vendors.fault = fault;
      const response = await deliver(await make(sample, null));
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, wait]);
      vendors.fault = null;
      expect((await deliver(await make(sample, null))).status).toBe(200);
    });

    test('a failed write succeeds when the event is sent again', async () => {
      const hook = await make(sample, typo);
      vendors.fault = (what) => (what === 'update' ? new Response(null, { status: 502 }) : null);
      expect((await deliver(hook)).status).toBe(503);
      vendors.fault = null;
      expect((await deliver(hook)).status).toBe(200);
      expect(vendors.contacts.get('101')).toMatchObject({ presend_reason: 'domain_typo' });
    });
  });

  describe('Klaviyo', () => {
    const sample = sampleNamed('klaviyo');
    const people = (count: number, email: string | null) =>
      Array.from({ length: count }, (_, index) => ({ id: `P${index}`, email }));

    test('the address of a profile is read, a hundred at a time', async () => {
      for (const { id } of people(250, null)) vendors.contacts.set(id, { email: typo });
      const told = sample.told!(
        await (await deliver(await sample.make(people(250, null), Date.now()))).text(),
      );
      expect(told.map(({ presend_reason }) => presend_reason)).toEqual(new Array(250).fill('domain_typo'));
      expect(vendors.calls).toEqual(new Array(3).fill('/api/profiles'));
    });

    test('does not request what the event contains', async () => {
      await deliver(await sample.make(people(3, typo), Date.now()));
      expect(vendors.calls).toEqual([]);
    });

    test('answers with a retry if the vendor’s API fails', async () => {
      vendors.fault = () => new Response(null, { status: 500 });
      expect((await deliver(await sample.make(people(1000, null), Date.now()))).status).toBe(503);
      expect(vendors.calls.length).toBeLessThanOrEqual(4);
    });
  });

  describe('HubSpot workflow actions', () => {
    const sample = sampleNamed('hubspot_action');

    test('every output is text, next to the execution state', async () => {
      const { outputFields } = await json(deliver(await make(sample, typo)));
      expect(outputFields).toMatchObject({
        hs_execution_state: 'SUCCESS',
        presend_bounce_probability: '0.98',
      });
      expect(Object.values(outputFields).every((value) => typeof value === 'string')).toBe(true);
    });

    test('without an address, the step fails and the workflow continues', async () => {
      const { outputFields } = await json(deliver(await make(sample, null)));
      expect(outputFields).toMatchObject({
        hs_execution_state: 'FAIL_CONTINUE',
        presend_result: 'no_address',
      });
    });

    test('the v3 signature counts before the v2 signature', async () => {
      const { path, body, headers } = await make(sample, typo);
      const v3 = await signV3(path, body, Date.now());
      expect((await deliver({ path, body, headers: v3 })).status).toBe(200);
      const both = { ...headers, ...v3, 'x-hubspot-signature-v3': btoa(clientSecret) };
      expect((await deliver({ path, body, headers: both })).status).toBe(401);
    });
  });

  describe('Salesforce', () => {
    const sample = sampleNamed('salesforce');
    const withXml = async (body: string) => deliver({ ...(await sample.make([], 0)), body });

    test('a hundred notifications and their duplicates are acknowledged, in SOAP', async () => {
      const contacts = Array.from({ length: 50 }, (_, index) => ({ id: `003${index}`, email: typo }));
      const response = await withXml(soap([...contacts, ...contacts]));
      expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
      expect(await response.text()).toMatch(
        /^<\?xml .*<soapenv:Envelope .*<notificationsResponse xmlns="http:\/\/soap\.sforce\.com\/2005\/09\/outbound"><Ack>true/,
      );
    });

    test('no response contains the SessionId', async () => {
      const answers = [await withXml(soap([{ id: '1', email: typo }])), await withXml(`${soap([])}<`)];
      for (const answer of answers) expect(await answer.text()).not.toContain(sessionId);
    });

    const entity = (declaration: string) =>
      soap([])
        .replace('?>', `?><!DOCTYPE soapenv:Envelope [${declaration}]>`)
        .replace('00D000000000001EAA', '&e;');
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join(
      '',
    );

    // The organisation cannot be read out of them, so that they are refused before they are called malformed.
    test.each([
      ['an entity of their own', entity('<!ENTITY e "00D000000000001EAA">')],
      ['a file of ours', entity('<!ENTITY e SYSTEM "file:///etc/passwd">')],
      ['a billion laughs', entity(`<!ENTITY e0 "ha">${laughs}<!ENTITY e "&e9;">`)],
      ['a reference to nothing', soap([]).replace('00D000000000001EAA', '&e;')],
      ['a tag that is not closed', soap([]).replace('</notifications>', '')],
      ['ten thousand levels', '<a>'.repeat(10_000) + '</a>'.repeat(10_000)],
      ['JSON', '{}'],
    ])('%s is no message', async (_, body) => {
      const response = await withXml(body);
      expect(response.status).toBe(401);
      expect(await response.text()).not.toMatch(/root:|haha/);
    });

    test('more than a hundred notifications are refused', async () => {
      const contacts = Array.from({ length: 101 }, (_, index) => ({ id: `003${index}`, email: typo }));
      expect((await withXml(soap(contacts))).status).toBe(400);
    });
  });

  describe('POST /v1/annotate', () => {
    const ids = ['a', 7, null, { nested: true }];

    test('keeps the ids and the order of records', async () => {
      const records = [
        { id: 'a', email: 'null-mx@presend.test' },
        { id: 7, email: ' ' },
        { email: 'deliverable@presend.test' },
        { id: { nested: true }, email: 17 },
        'deliverable@presend.test',
        null,
      ];
      const answer = await json(annotate({ records }));
      expect(answer.records.map(({ id }: Contact) => id)).toEqual([...ids, null, null]);
      expect(answer.records.map((record: Record<string, unknown>) => record['presend_reason'])).toEqual([
        'null_mx',
        'no_address',
        'no_known_obstacle',
        'no_address',
        'no_address',
        'no_address',
      ]);
      for (const record of answer.records) expect(safeParse(AnnotationAnswer, record).success).toBe(true);
      for (const record of answer.records)
        expect(Object.keys(record)).toEqual(Object.keys(AnnotationAnswer.entries));
      expect(await json(annotate(records))).toEqual(answer.records.map(withAnyTime));
    });

    test('answers one record with one record', async () => {
      expect(await json(annotate({ id: 3, email: typo }))).toMatchObject({
        id: 3,
        presend_action: 'confirm',
      });
      expect(await json(annotate({ email: 'jane@' }))).toMatchObject({
        id: null,
        presend_reason: 'syntax_error',
      });
    });

    test.each([
      ['properties.email', { properties: { email: typo } }],
      ['fields.Work Email', { fields: { 'Work Email': typo } }],
      ['emails.0.value', { emails: [{ value: typo }] }],
    ])('the field is found at %s', async (field, record) => {
      expect(await json(annotate({ records: [{ id: 1, ...record }], field }))).toMatchObject({
        records: [{ id: 1, presend_reason: 'domain_typo' }],
      });
    });

    test('a path through inherited properties finds nothing', async () => {
      for (const field of ['__proto__.email', 'constructor.name', 'email.length', ''])
        expect(await json(annotate({ records: [{ email: typo }], field: field || 'no.such' }))).toMatchObject(
          {
            records: [{ presend_result: 'no_address' }],
          },
        );
    });

    test('refuses 1,001 records, and items that are not records', async () => {
      for (const body of [{ records: new Array(1001).fill({}) }, new Array(1001).fill({}), 'jane', 7, null])
        expect((await annotate(body)).status).toBe(422);
    });
  });
}

const withAnyTime = (record: Record<string, unknown>) => ({
  ...record,
  presend_checked_at: expect.any(String),
  presend_expires_at: record['presend_expires_at'] && expect.any(String),
});

// GET /v1/hooks: what is configured, what is missing, and what came last.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const secret = 'correct horse battery staple';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: { ESP_POSTMARK_SHARED_SECRETS: secret, CRM_PIPEDRIVE_SHARED_SECRETS: secret },
  });
});
afterAll(() => service.stop());

interface Hook {
  readonly kind: string;
  readonly name: string;
  readonly [property: string]: unknown;
}

const hooks = async (): Promise<Hook[]> =>
  ((await (await fetch(`${service.url}/v1/hooks`)).json()) as { items: Hook[] }).items;
const hook = async (name: string) => (await hooks()).find((one) => one.name === name)!;

const complaint = (email: string | null) => ({
  RecordType: 'SpamComplaint',
  MessageID: `m ${email}`,
  Type: 'SpamComplaint',
  Email: email,
  BouncedAt: '2026-11-20T12:00:00Z',
});

const send = (body: object, password: string) =>
  fetch(`${service.url}/v1/hooks/esp/postmark`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`presend:${password}`)}` },
    body: JSON.stringify(body),
  });

test('every hook is listed, with the settings that it lacks', async () => {
  const items = await hooks();
  expect(items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    ...espAdapters.map(({ name }) => `esp ${name}`),
    ...crmAdapters.map(({ name }) => `crm ${name}`),
  ]);
  expect(await hook('mandrill')).toEqual({
    kind: 'esp',
    name: 'mandrill',
    path: '/v1/hooks/esp/mandrill',
    configured: false,
    missing: ['ESP_MANDRILL_SIGNING_KEYS', 'ESP_MANDRILL_WEBHOOK_URL'],
    events: 0,
    naming_nobody: 0,
    refused: 0,
    hours: [],
    last_event_at: null,
    last_refusal: null,
  });
  expect(await hook('hubspot')).toMatchObject({ configured: false, missing: ['CRM_HUBSPOT_SIGNING_KEYS'] });
  expect(await hook('postmark')).toMatchObject({ configured: true, missing: [] });
});

test('events are counted, those that name nobody apart, and the last refusal has its cause', async () => {
  for (const email of ['jane@example.com', null, 'undisclosed recipients'])
    expect((await send(complaint(email), secret)).status).toBe(200);
  expect((await send(complaint('john@example.com'), 'a wrong secret of some length')).status).toBe(401);
  const state = await hook('postmark');
  expect(state).toMatchObject({ events: 3, naming_nobody: 2, last_refusal: { why: expect.any(String) } });
  for (const at of [state['last_event_at'], (state['last_refusal'] as { at: string }).at])
    expect(Date.parse(at as string)).toBeGreaterThan(Date.now() - 600_000);
  expect(state).toMatchObject({
    hours: [{ hour: expect.stringMatching(/:00:00\.000Z$/), events: 3, refused: state['refused'] }],
  });
  expect(await hook('sparkpost')).toMatchObject({ events: 0, last_refusal: null, hours: [] });
});

test('what is lost is counted with its cause: unknown formats, large bodies, missing settings', async () => {
  const { refused } = await hook('postmark');
  const post = (name: string, body: string) =>
    fetch(`${service.url}/v1/hooks/${name}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`presend:${secret}`)}` },
      body,
    });
  expect((await post('esp/postmark', 'no JSON')).status).toBe(400);
  expect(await hook('postmark')).toMatchObject({ last_refusal: { why: 'malformed' } });
  expect((await post('esp/postmark', ' '.repeat(4_200_000))).status).toBe(413);
  expect(await hook('postmark')).toMatchObject({
    ...{ refused: Number(refused) + 2, last_refusal: { why: 'body_too_large' } },
  });
  expect((await post('esp/mandrill', 'mandrill_events=[]')).status).toBe(503);
  expect((await post('crm/klaviyo', '{}')).status).toBe(503);
  for (const name of ['mandrill', 'klaviyo'])
    expect(await hook(name)).toMatchObject({ refused: 1, last_refusal: { why: 'not_configured' } });
});

test('contacts of a CRM that report nothing count as events', async () => {
  const response = await fetch(`${service.url}/v1/hooks/crm/pipedrive`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`presend:${secret}`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      meta: { entity: 'person', action: 'change', id: 'e1' },
      data: { id: 7, emails: [{ value: 'jane@example.com', primary: true }] },
    }),
  });
  expect(response.status).toBe(200);
  const state = await hook('pipedrive');
  expect(state).toMatchObject({ events: 1, naming_nobody: 0, refused: 0, last_refusal: null });
  expect(Date.parse(state['last_event_at'] as string)).toBeGreaterThan(Date.now() - 600_000);
});

describe('the test of a hook', () => {
  const tried = async (path: string, body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${service.url}/v1/hooks/${path}/test`, { method: 'POST', body, headers });
    return { status: response.status, text: await response.text() };
  };
  const answerOf = async (...request: Parameters<typeof tried>) => JSON.parse((await tried(...request)).text);
  const body = JSON.stringify(complaint('jane.sample@example.com'));

  test('says what a request would do, and records nothing', async () => {
    const before = await hook('postmark');
    expect(await answerOf('esp/postmark', body, { 'x-webhook-token': secret })).toEqual({
      sample: null,
      response: { status: 200, problem: null },
      configured: true,
      missing: [],
      verification: 'verified',
      format: 'events',
      events: [
        {
          kind: 'complaint',
          label: 'SpamComplaint SpamComplaint',
          class: 'complaint',
          reason: 'feedback',
          status: null,
          list: null,
          names_recipient: true,
          suppresses: true,
        },
      ],
    });
    const check = await fetch(`${service.url}/v1/suppressions/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ emails: ['jane.sample@example.com'] }),
    });
    expect(await check.json()).toMatchObject({ results: [{ suppressed: false }] });
    expect(await hook('postmark')).toEqual(before);
  });

  test.each([
    ['esp/postmark', body, 'credentials_missing', 'events'],
    ['esp/postmark', 'no JSON', 'credentials_missing', 'malformed'],
    ['esp/sparkpost', '[]', 'not_configured', 'events'],
    ['crm/mailchimp', 'type=cleaned&data[email]=jane%40example.com', 'not_configured', 'events'],
    ['crm/klaviyo', '{}', 'not_configured', 'malformed'],
  ])('%s with %j is %s, %s', async (path, sample, verification, format) => {
    const answer = await answerOf(path, sample);
    expect(answer).toMatchObject({ verification, format, configured: verification !== 'not_configured' });
    expect(answer.missing.length > 0).toBe(!answer.configured);
  });

  test('an event that names nobody suppresses nobody', async () => {
    for (const email of [null, 'undisclosed recipients'])
      expect(await answerOf('esp/postmark', JSON.stringify(complaint(email)))).toMatchObject({
        events: [{ names_recipient: false, suppresses: false }],
      });
  });

  test('a contact of a CRM and its signals are read apart', async () => {
    const form = (type: string) => `type=${type}&data[email]=jane%40example.com&data[list_id]=l`;
    expect(await answerOf('crm/mailchimp', form('cleaned'))).toMatchObject({
      missing: ['CRM_MAILCHIMP_SHARED_SECRETS'],
      events: [{ kind: 'bounce', class: 'hard', list: 'l', names_recipient: true, suppresses: true }],
    });
    expect(await answerOf('crm/mailchimp', form('profile'))).toMatchObject({
      events: [{ kind: 'contact', class: null, names_recipient: true, suppresses: false }],
    });
  });

  test('without a body, the sample of the vendor goes through the route, and nothing is recorded', async () => {
    const before = await hooks();
    expect(await answerOf('esp/postmark', '')).toMatchObject({
      configured: true,
      sample: 'signed',
      response: { status: 200, problem: null },
      verification: 'verified',
      events: [{ kind: 'bounce', class: 'hard', names_recipient: true, suppresses: true }],
    });
    expect(await answerOf('crm/pipedrive', '')).toMatchObject({
      sample: 'signed',
      response: { status: 200, problem: null },
      verification: 'verified',
      events: [{ kind: 'contact', names_recipient: true }],
    });
    for (const path of ['esp/sendgrid', 'crm/klaviyo'])
      expect(await answerOf(path, '')).toMatchObject({
        configured: false,
        sample: 'unsigned',
        response: { status: 503, problem: 'not-configured' },
        verification: 'not_configured',
        events: [{ kind: 'bounce', class: 'hard' }],
      });
    expect(await hooks()).toEqual(before);
    const logged = service.log.filter((line) => /webhook_refused|crm_api_failed/.test(line)).length;
    for (let times = 0; times < 70; times++) await answerOf('esp/postmark', body);
    expect(await answerOf('esp/postmark', body)).toMatchObject({
      response: { status: 401, problem: 'webhook-refused' },
    });
    expect(service.log.filter((line) => /webhook_refused|crm_api_failed/.test(line))).toHaveLength(logged);
    expect((await send(complaint('after@example.com'), secret)).status).toBe(200);
  });

  test('the route answers a sample as it would answer the vendor', async () => {
    expect(await answerOf('esp/postmark', 'no JSON', { 'x-webhook-token': secret })).toMatchObject({
      response: { status: 400, problem: 'webhook-malformed' },
    });
    expect(await answerOf('crm/pipedrive', '[]', { 'x-webhook-token': secret })).toMatchObject({
      response: { status: 400, problem: 'webhook-malformed' },
    });
  });

  test('no answer repeats an address, and unknown hooks are not found', async () => {
    expect((await tried('esp/postmark', body)).text).not.toContain('jane');
    for (const path of ['esp/nobody', 'crm/postmark', 'fax/postmark'])
      expect((await tried(path, body)).status).toBe(404);
    expect((await tried('esp/postmark', ' '.repeat(300_000))).status).toBe(413);
  });
});

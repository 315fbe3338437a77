// GET /v1/hooks: what is configured, what is missing, and what came last.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const secret = 'correct horse battery staple';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: { ESP_POSTMARK_SHARED_SECRETS: secret } });
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
  expect(await hook('sparkpost')).toMatchObject({ events: 0, last_refusal: null });
});

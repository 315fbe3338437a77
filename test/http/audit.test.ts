// GET /v1/audit: what the routes record, who may read it, and how it is filtered.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const adminKey = 'an-admin-key-for-tests';
let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: { ADMIN_KEY: adminKey } });
});
afterAll(() => service?.stop());

interface Entry {
  readonly actor: string;
  readonly key_id: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly amount: number | null;
}

const call = (method: string, path: string, body?: unknown, key = adminKey, type = 'application/json') =>
  fetch(service.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': type },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const read = async (query = '', key = adminKey) =>
  (await (await call('GET', `/v1/audit${query}`, undefined, key)).json()) as {
    readonly items: readonly Entry[];
    readonly next_cursor: string | null;
  };
const make = async (scopes: readonly string[]) =>
  (await (await call('POST', '/v1/keys', { kind: 'secret', name: 'crm', scopes })).json()) as {
    readonly id: string;
    readonly key: string;
  };

test('every act that lets data out or cannot be undone is recorded with its actor', async () => {
  const { id, key } = await make(['suppressions:write', 'suppressions:read', 'events:read', 'domains']);
  const email = 'jane@example.com';
  await call('POST', '/v1/domains', { domain: 'example.net', word: 'deny' }, key);
  await call('POST', '/v1/domains/remove', { domain: 'example.net' }, key);
  await call('POST', '/v1/suppressions/import', 'address,reason\njohn@example.com,bounce\n', key, 'text/csv');
  await call('POST', '/v1/suppressions', { email, reason: 'bounce' }, key);
  const consent = { kind: 'double_opt_in', at: new Date().toISOString(), evidence: 'form 7' };
  await call('POST', '/v1/suppressions/remove', { email, consent }, key);
  const hour = 3_600_000;
  await call('POST', '/v1/suppressions', { email, reason: 'bounce' }, key);
  const period = {
    from: new Date(Date.now() - hour).toISOString(),
    to: new Date(Date.now() + hour).toISOString(),
  };
  await call('POST', '/v1/suppressions/lift', { ...period, dry_run: true }, key);
  await call('POST', '/v1/suppressions/lift', period, key);
  await (await call('GET', '/v1/suppressions/export', undefined, key)).text();
  await (await call('GET', '/v1/events?format=csv', undefined, key)).text();
  await call('GET', '/v1/events', undefined, key);
  await call('POST', '/v1/erasures', { email, keep_suppression: false }, key);
  await call('DELETE', `/v1/keys/${id}`);

  const { items } = await read();
  expect(items.map(({ action, actor, key_id, amount }) => [action, actor, key_id, amount])).toEqual([
    ['key_revoked', 'admin_key', null, null],
    ['person_erased', 'key', id, null],
    ['events_exported', 'key', id, null],
    ['suppressions_exported', 'key', id, null],
    ['incident_lifted', 'key', id, 2],
    ['suppression_lifted', 'key', id, 1],
    ['suppressions_imported', 'key', id, 1],
    ['override_removed', 'key', id, null],
    ['override_set', 'key', id, null],
    ['key_created', 'admin_key', null, null],
  ]);
  expect(JSON.stringify(items)).not.toMatch(/@|jane|john/);
});

test('needs the scope audit:read', async () => {
  const { key: without } = await make(['keys', 'reports:read']);
  expect((await call('GET', '/v1/audit', undefined, without)).status).toBe(403);
  const { key } = await make(['audit:read']);
  expect((await read('', key)).items.length).toBeGreaterThan(0);
});

test('has pages, and filters that must all match', async () => {
  const { id } = await make(['jobs']);
  await call('DELETE', `/v1/keys/${id}`);
  const of = (query: string) => read(`?subject=${id}${query}`);
  expect((await of('')).items.map(({ action }) => action)).toEqual(['key_revoked', 'key_created']);
  expect((await of('&action=key_created')).items).toHaveLength(1);
  expect((await of('&actor=key')).items).toEqual([]);
  expect((await of('&from=2020-01-01&to=2020-01-02')).items).toEqual([]);
  const first = await of('&limit=1');
  const second = await of(`&limit=1&cursor=${first.next_cursor}`);
  expect([first.items[0]!.action, second.items[0]!.action]).toEqual(['key_revoked', 'key_created']);
  expect(second.next_cursor).toBeNull();
});

test.each([
  'action=explode',
  'actor=me',
  'from=yesterday',
  'to=2026-02-30',
  'cursor=x',
  'limit=0',
  'limit=x',
])('refuses ?%s', async (query) => {
  expect((await call('GET', `/v1/audit?${query}`)).status).toBe(422);
});

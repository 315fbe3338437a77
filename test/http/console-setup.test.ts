// The pages of the console that set the service up, as HTTP: the first page, connections, keys, audit, overrides and health.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditActions } from '../../src/audit/audit.ts';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { vendorOf } from '../../src/http/pages/console/hook-steps.ts';
import { scopes } from '../../src/keys/key.ts';
import { escapedHtml } from '../../src/lists/report.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const adminKey = 'an-admin-key-for-tests';
const secret = 'a-secret-of-sixteen-or-more';
let service: NodeService;
let admin: string;

beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: {
      ADMIN_KEY: adminKey,
      ESP_POSTMARK_SHARED_SECRETS: secret,
      DNSBL_ZONES: 'a-customer-key.zen.example.net',
      CALLBACK_SECRET: `whsec_${btoa('a secret of the tests, thirty-two')}`,
      LIMITS: 'key_lookup_ip=2000/3600',
    },
  });
  admin = await sessionWith(adminKey);
});
afterAll(() => service?.stop());

const sameOrigin = { 'sec-fetch-site': 'same-origin' };
const formType = { 'content-type': 'application/x-www-form-urlencoded' };

async function sessionWith(key: string): Promise<string> {
  const response = await fetch(`${service.url}/console/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { ...formType, ...sameOrigin },
    body: new URLSearchParams({ key }).toString(),
  });
  return response.headers.get('set-cookie')!.split(';')[0]!;
}
const get = (path: string, cookie = admin) =>
  fetch(service.url + path, { redirect: 'manual', headers: { cookie } });
const page = async (path: string, cookie = admin) => (await get(path, cookie)).text();
const post = (path: string, fields: Record<string, string> | [string, string][] = {}, cookie = admin) =>
  fetch(service.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, ...formType, ...sameOrigin },
    body: new URLSearchParams(fields).toString(),
  });
const api = (method: string, path: string, body?: unknown) =>
  fetch(service.url + path, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const make = async (wanted: object): Promise<{ key: string; id: string }> =>
  (await api('POST', '/v1/keys', { kind: 'secret', name: 'for a test', ...wanted })).json() as never;

describe('connections', () => {
  const hooks = [
    ...espAdapters.map(({ name, settings }) => ['esp', name, settings[0]] as const),
    ...crmAdapters.map(({ name, settings }) => ['crm', name, settings[0]] as const),
  ];

  test('every provider and CRM is listed', async () => {
    const text = await page('/console/connections');
    for (const [kind, name] of hooks) expect(text).toContain(`href="/console/connections/${kind}/${name}"`);
  });

  test.each(hooks)(
    '%s %s has its URL, its settings, and steps that name them',
    async (kind, name, setting) => {
      const text = await page(`/console/connections/${kind}/${name}`);
      expect(text).toContain(`<code>${service.url}/v1/hooks/${kind}/${name}</code>`);
      const full = `${kind}_${name}_${setting}`.toUpperCase();
      expect(text).toContain(
        `<code>${full}</code> <span>is ${name === 'postmark' ? 'set' : 'missing'}</span>`,
      );
      const { title, steps } = vendorOf(name);
      expect(title).not.toBe(name);
      expect(steps.join(' ')).toContain(full);
      expect(text).not.toContain(secret);
    },
  );

  test('a test says that a signed sample is accepted, and records nothing', async () => {
    const response = await post('/console/connections/esp/postmark/test');
    expect(await response.text()).toContain(
      'It works: a bounce that is signed with your settings is accepted.',
    );
    expect(await page('/console/connections/esp/postmark')).toContain('None yet');
  });

  test.each([
    ['mailgun', 'The settings are missing.'],
    ['amazon_ses', 'Refused.'],
  ])('a test of %s says why it is refused', async (name, why) => {
    expect(await (await post(`/console/connections/esp/${name}/test`)).text()).toContain(why);
  });

  test('the last event, the last refusal with its cause, and the events per hour', async () => {
    const send = (token: string, body: object) =>
      fetch(`${service.url}/v1/hooks/esp/postmark`, {
        method: 'POST',
        headers: { 'x-webhook-token': token },
        body: JSON.stringify(body),
      });
    await send(secret, { RecordType: 'Bounce', Type: 'HardBounce', ID: 1, Email: 'jane@example.com' });
    await send('wrong', {});
    const text = await page('/console/connections/esp/postmark');
    expect(text).toContain('Receives events');
    expect(text).toContain('The password or token is wrong.');
    expect(text).toContain('aria-label="1 event in the last 72 hours"');
    expect(text).not.toContain('jane');
  });

  test.each([
    '/console/connections/esp/nobody',
    '/console/connections/x/postmark',
    '/console/connections/esp/__proto__',
  ])('%s does not exist', async (path) => {
    expect((await get(path)).status).toBe(404);
    expect((await post(`${path}/test`)).status).toBe(404);
  });
});

describe('keys', () => {
  const keyIn = (text: string) => /<code>([sp]k_[0-9A-Za-z]{38})<\/code>/.exec(text)?.[1] ?? null;
  const idOf = async (name: string) =>
    ((await (await api('GET', '/v1/keys')).json()) as { items: { id: string; name: string }[] }).items.find(
      (key) => key.name === name,
    )!.id;

  test('a key is made, shown once, and works', async () => {
    const made = await post('/console/keys', [
      ['name', 'CRM import'],
      ['kind', 'secret'],
      ['scopes', 'jobs'],
    ]);
    expect(made.headers.get('cache-control')).toBe('no-store');
    const key = keyIn(await made.text())!;
    expect(
      (await fetch(`${service.url}/v1/jobs`, { headers: { authorization: `Bearer ${key}` } })).status,
    ).toBe(200);
    expect(
      (await fetch(`${service.url}/v1/keys`, { headers: { authorization: `Bearer ${key}` } })).status,
    ).toBe(403);
    for (const path of ['/console/keys', `/console/keys/${await idOf('CRM import')}`])
      expect(await page(path)).not.toContain(key);
    expect(await page(`/console/keys/${await idOf('CRM import')}`)).toMatch(/1 call in the last 30 days/);
  });

  test('a key for a form needs an origin', async () => {
    const wrong = await post('/console/keys', { name: 'shop form', kind: 'publishable', origins: 'shop' });
    expect(wrong.status).toBe(422);
    const text = await wrong.text();
    expect(text).toContain('role="alert"');
    expect(text).toContain('value="shop form"');
    const made = await post('/console/keys', {
      name: 'shop form',
      kind: 'publishable',
      origins: 'https://shop.example/, https://www.shop.example',
    });
    expect(keyIn(await made.text())).toMatch(/^pk_/);
  });

  test.each([
    [{ name: ' ', kind: 'secret' }, 'must not be empty'],
    [{ name: 'jane@example.com', kind: 'secret' }, 'must not contain @'],
    [{ name: 'x', kind: 'other' }, ''],
    [{ name: 'x', kind: 'secret', scopes: 'everything' }, ''],
  ])('%j is refused on the same page', async (fields, why) => {
    const response = await post('/console/keys', fields as Record<string, string>);
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(why);
  });

  test('a key is rotated and revoked', async () => {
    const { id, key } = await make({ name: 'to be rotated' });
    const rotated = await (await post(`/console/keys/${id}/rotate`, { overlap: '0' })).text();
    expect(keyIn(rotated)).not.toBeNull();
    expect(
      (await fetch(`${service.url}/v1/jobs`, { headers: { authorization: `Bearer ${key}` } })).status,
    ).toBe(401);
    expect((await post(`/console/keys/${id}/rotate`, { overlap: '0' })).status).toBe(409);
    expect((await post(`/console/keys/${id}/rotate`, { overlap: 'x' })).status).toBe(409);
    const other = await make({ name: 'to be revoked' });
    expect(await (await post(`/console/keys/${other.id}/revoke`)).text()).toContain('Revoked to be revoked');
    expect(await page(`/console/keys/${other.id}`)).not.toContain('Revoke the key');
    expect((await post('/console/keys/key_unknown/revoke')).status).toBe(404);
  });

  test('a key makes no key with more rights than its own, and is not offered any', async () => {
    const { key } = await make({ scopes: ['keys', 'jobs'] });
    const cookie = await sessionWith(key);
    const shown = await page('/console/keys', cookie);
    expect([...shown.matchAll(/name="scopes" value="([\w:]+)"/g)].map(([, scope]) => scope)).toEqual([
      'jobs',
      'keys',
    ]);
    const more = await post('/console/keys', { name: 'more', kind: 'secret', scopes: 'domains' }, cookie);
    expect(more.status).toBe(403);
    const same = await post('/console/keys', { name: 'same', kind: 'secret' }, cookie);
    expect(same.status).toBe(200);
    const { items } = (await (await api('GET', '/v1/keys')).json()) as {
      items: { name: string; scopes: string[] }[];
    };
    expect(items.find(({ name }) => name === 'same')!.scopes).toEqual(['jobs', 'keys']);
    const powerful = await make({ name: 'powerful' });
    expect((await post(`/console/keys/${powerful.id}/rotate`, { overlap: '0' }, cookie)).status).toBe(403);
  });

  test('the first key of a service without keys signs its maker in', async () => {
    const keyless = await startNodeService({ zone });
    try {
      const send = (fields: Record<string, string>) =>
        fetch(`${keyless.url}/console/keys`, {
          method: 'POST',
          headers: { ...formType, ...sameOrigin },
          body: new URLSearchParams(fields).toString(),
        });
      const useless = await send({ name: 'first', kind: 'secret', scopes: 'jobs' });
      expect(useless.status).toBe(409);
      const made = await send({ name: 'first', kind: 'secret' });
      const cookie = made.headers.get('set-cookie')!.split(';')[0]!;
      expect(await made.text()).toContain('You are signed in with this one.');
      const list = await fetch(`${keyless.url}/console/keys`, { headers: { cookie } });
      expect(await list.text()).toContain('Signed in with <b>first</b>');
    } finally {
      await keyless.stop();
    }
  });
});

test('overrides are set, found and removed', async () => {
  expect((await post('/console/overrides', { domain: 'not a domain', word: 'deny' })).status).toBe(422);
  const set = await post('/console/overrides', { domain: '*.Example.net', word: 'deny', note: 'tests only' });
  expect(await set.text()).toContain('*.example.net is denied now.');
  await post('/console/overrides', { domain: 'acme.example', word: 'allow', note: '' });
  expect(await page('/console/overrides?search=acme')).not.toContain('Remove *.example.net');
  const verdict = await api('POST', '/v1/validate', { email: 'jane@mail.example.net' });
  expect(await verdict.json()).toMatchObject({ action: 'reject' });
  const removed = await post('/console/overrides/remove', { domain: '*.example.net' });
  expect(await removed.text()).toContain('Removed *.example.net.');
  expect((await post('/console/overrides/remove', { domain: '*.example.net' })).status).toBe(409);
});

test('many overrides have pages', async () => {
  for (let index = 0; index < 101; index++)
    await api('POST', '/v1/domains', {
      domain: `many${String(index).padStart(3, '0')}.example`,
      word: 'deny',
    });
  const first = await page('/console/overrides?search=many');
  const next = /href="(\/console\/overrides\?[^"]+cursor=[^"]+)"/.exec(first)![1]!.replaceAll('&amp;', '&');
  const second = await page(next);
  expect(first).not.toContain('many100.example');
  expect([...second.matchAll(/Remove (many\d+)/g)].map(([, name]) => name)).toContain('many100');
  expect(second).not.toContain('Remove many000.example');
});

describe('the audit', () => {
  test('shows acts with the names of keys, by filter and page', async () => {
    const { id } = await make({ name: 'in the audit' });
    const text = await page(`/console/audit?subject=${id}`);
    expect(text).toContain('Made a key');
    expect(text).toContain(`in the audit <code title="${id}">${id}</code>`);
    expect(await page(`/console/audit?subject=${id}&action=key_revoked`)).toContain('Nothing matches.');
    expect((await get('/console/audit?action=explode')).status).toBe(422);
    const all = await page('/console/audit?actor=admin_key');
    const next = /href="(\/console\/audit\?[^"]+)"/.exec(all)![1]!.replaceAll('&amp;', '&');
    expect(next).toMatch(/actor=admin_key&cursor=\d+/);
    expect(await page(next)).toContain('Latest entries');
  });

  test('has words for every action', async () => {
    const text = await page('/console/audit');
    for (const action of auditActions) expect(text).toMatch(new RegExp(`value="${action}">[A-Z]`));
  });
});

test('health shows what works and the settings, and no secret', async () => {
  const text = await page('/console/health');
  expect(text).toContain('<b>Storage</b> <span>works</span>');
  expect(text).toMatch(/<code>EVENT_RETENTION_DAYS<\/code><\/th><td[^>]*>400</);
  expect(text).toMatch(/<code>CALLBACK_SECRET<\/code><\/th><td[^>]*>set</);
  for (const hidden of [adminKey, secret, 'a-customer-key', 'whsec_']) expect(text).not.toContain(hidden);
});

test('the first page says what is left to set up', async () => {
  const text = await page('/console');
  expect(text).toMatch(/\d of 5 steps done/);
  expect(text).toMatch(/class="open"><b>A first list is verified<\/b>/);
  expect(text).toMatch(/class="done"><b>An API key is made<\/b>/);
  const { key } = await make({ scopes: ['jobs'] });
  const few = await page('/console', await sessionWith(key));
  expect(few).toMatch(/of 3 steps done/);
  expect(few).not.toContain('e-mail provider is connected');
  expect(few).not.toContain('href="/console/connections"');
});

describe('what a key may not do is neither shown nor done', () => {
  const pages: readonly (readonly [path: string, scope: string, method: 'GET' | 'POST'])[] = [
    ['/console/connections', 'reports:read', 'GET'],
    ['/console/connections/esp/postmark', 'reports:read', 'GET'],
    ['/console/connections/esp/postmark/test', 'reports:read', 'POST'],
    ['/console/health', 'reports:read', 'GET'],
    ['/console/keys', 'keys', 'GET'],
    ['/console/keys', 'keys', 'POST'],
    ['/console/keys/key_x', 'keys', 'GET'],
    ['/console/keys/key_x/rotate', 'keys', 'POST'],
    ['/console/keys/key_x/revoke', 'keys', 'POST'],
    ['/console/audit', 'audit:read', 'GET'],
    ['/console/overrides', 'domains', 'GET'],
    ['/console/overrides', 'domains', 'POST'],
    ['/console/overrides/remove', 'domains', 'POST'],
  ];
  test.each(scopes)('with %s alone', async (scope) => {
    const { key } = await make({ scopes: [scope] });
    const cookie = await sessionWith(key);
    for (const [path, needed, method] of pages) {
      const { status } = await (method === 'GET' ? get(path, cookie) : post(path, {}, cookie));
      expect([path, status === 403]).toEqual([path, scope !== needed]);
    }
  });

  test('and nothing is done for a page of another origin', async () => {
    for (const [path, , method] of pages) {
      const { status } = await fetch(service.url + path, {
        method,
        headers: { cookie: admin, ...formType, 'sec-fetch-site': 'cross-site' },
      });
      expect([path, status]).toEqual([path, 403]);
    }
  });
});

test('names and notes are text, whatever they contain', async () => {
  const hostile = '"><img src=x onerror=alert(1)><script>1</script>';
  const { id } = await make({ name: hostile, scopes: ['keys'] });
  await post('/console/overrides', { domain: 'hostile.example', word: 'deny', note: hostile });
  const texts = [
    await page('/console/keys'),
    await page(`/console/keys/${id}`),
    await page('/console/overrides?search=hostile'),
    await page(`/console/audit?subject=${id}`),
    await page(`/console/audit?subject=${encodeURIComponent(hostile)}`),
    await page(`/console/overrides?search=${encodeURIComponent(hostile)}`),
    await (await post('/console/overrides', { domain: hostile, word: hostile, note: hostile })).text(),
    await (await post('/console/keys', { name: hostile, kind: hostile, origins: hostile })).text(),
    await (await post(`/console/keys/${id}/rotate`, { overlap: '0' })).text(),
  ];
  for (const text of texts) {
    expect(text).not.toContain('<img');
    expect(text).not.toContain('<script>1');
  }
  expect(texts[0]).toContain(escapedHtml(hostile));
});

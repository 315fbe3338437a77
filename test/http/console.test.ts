// The console as HTTP: who gets in, what a session may do, and what other pages cannot do with it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consolePages } from '../../src/http/pages/console/pages.ts';
import { sessionLifetimeMs } from '../../src/keys/console-session.ts';
import { type Scope, scopes } from '../../src/keys/key.ts';
import { makeSessionText } from '../../src/keys/key-text.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const adminKey = 'an-admin-key-for-tests';
let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: { ADMIN_KEY: adminKey, LIMITS: 'key_lookup_ip=2000/3600' },
  });
});
afterAll(() => service?.stop());

const sameOrigin = { 'sec-fetch-site': 'same-origin' };

const send = (path: string, init: RequestInit = {}) =>
  fetch(service.url + path, { redirect: 'manual', ...init });

const get = (path: string, cookie?: string, headers: Record<string, string> = {}) =>
  send(path, { headers: { ...(cookie && { cookie }), ...headers } });

const post = (path: string, cookie: string, headers: Record<string, string> = sameOrigin) =>
  send(path, { method: 'POST', headers: { cookie, ...headers } });

const signIn = (key: string, { next = '/console', headers = sameOrigin as Record<string, string> } = {}) =>
  send('/console/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ key, next }).toString(),
  });

const cookieOf = (response: Response): string => response.headers.get('set-cookie')!.split(';')[0]!;

const make = async (wanted: object): Promise<{ key: string; id: string }> => {
  const response = await send('/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    body: JSON.stringify({ kind: 'secret', name: 'for a test', ...wanted }),
  });
  return response.json() as never;
};
const sessionOf = async (wanted: object = {}) => cookieOf(await signIn((await make(wanted)).key));

const upload = (cookie: string, content: string, fields: Record<string, string> = {}, type = 'text/csv') => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new File([content], 'list.csv', { type }));
  return send('/console/lists', { method: 'POST', headers: { cookie, ...sameOrigin }, body: form });
};
const list = 'email\njane@brisk-otter.com\njane@no-mail-please.org\n';

/** Uploads a list and settles with the path of its page when it is verified. */
async function verified(cookie: string, fields: Record<string, string> = {}): Promise<string> {
  const path = (await upload(cookie, list, fields)).headers.get('location')!;
  await post(`${path}/start`, cookie);
  await (await get(path.replace('/console/lists', '/v1/jobs').concat('/events'), cookie)).text();
  return path;
}

describe('signing in', () => {
  test('sets a cookie that no script can read and no other site can send', async () => {
    const response = await signIn(adminKey);
    expect([response.status, response.headers.get('location')]).toEqual([303, '/console']);
    expect(response.headers.get('set-cookie')).toMatch(
      /^presend=ses_[0-9A-Za-z]{40}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
  });

  test('behind TLS, the cookie is secure and bound to the host', async () => {
    const tls = { 'x-forwarded-proto': 'https' };
    const response = await signIn(adminKey, { headers: { ...sameOrigin, ...tls } });
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-presend=ses_[0-9A-Za-z]{40}; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
    );
    const cookie = cookieOf(response);
    expect((await get('/console/lists', cookie, tls)).status).toBe(200);
    // A cookie that was set without TLS opens nothing behind TLS.
    expect((await get('/console/lists', cookie.replace('__Host-', ''), tls)).status).toBe(303);
  });

  test.each([
    ['a wrong key', 'sk_wrong', 'Unknown key'],
    ['no key', '', 'Unknown key'],
  ])('with %s, the page says why not, and sets no cookie', async (_, key, why) => {
    const response = await signIn(key);
    expect([response.status, response.headers.get('set-cookie')]).toEqual([401, null]);
    expect(await response.text()).toContain(why);
  });

  test('with a publishable key, the page says which key it takes', async () => {
    const { key } = await make({ kind: 'publishable', origins: ['https://shop.example'] });
    expect(await (await signIn(key)).text()).toContain('Sign in with a secret key (sk_…)');
  });

  test('each time begins a new session and ends the one before', async () => {
    const first = cookieOf(await signIn(adminKey));
    const second = cookieOf(await signIn(adminKey, { headers: { ...sameOrigin, cookie: first } }));
    expect(second).not.toBe(first);
    expect((await get('/console/lists', first)).status).toBe(303);
    expect((await get('/console/lists', second)).status).toBe(200);
  });

  test("a session text of somebody else's choice is not accepted", async () => {
    const fixed = `presend=${makeSessionText()}`;
    const given = cookieOf(await signIn(adminKey, { headers: { ...sameOrigin, cookie: fixed } }));
    expect(given).not.toBe(fixed);
    expect((await get('/console/lists', fixed)).status).toBe(303);
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/v1/keys',
    '/console/../v1',
    '',
  ])('never leads to %j', async (next) => {
    expect((await signIn(adminKey, { next })).headers.get('location')).toBe('/console');
  });

  test('leads back to the page that was asked for', async () => {
    const asked = await get('/console/lists/job_kC5iGm0Jq8Yw2Zx7Vb3N4A');
    const page = await (await get(asked.headers.get('location')!)).text();
    const next = /name="next" value="([^"]+)"/.exec(page)![1]!;
    expect((await signIn(adminKey, { next })).headers.get('location')).toBe(
      '/console/lists/job_kC5iGm0Jq8Yw2Zx7Vb3N4A',
    );
  });

  test('is limited for each client', async () => {
    const limited = await startNodeService({
      zone,
      settings: { ADMIN_KEY: adminKey, LIMITS: 'key_lookup_ip=3/3600' },
    });
    try {
      const statuses = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const response = await fetch(`${limited.url}/console/sign-in`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...sameOrigin },
          // The fifth attempt has the right key: even that is not compared any more.
          body: new URLSearchParams({ key: attempt === 4 ? adminKey : 'guess' }).toString(),
        });
        statuses.push(response.status);
      }
      expect(statuses).toEqual([401, 401, 401, 429, 429]);
    } finally {
      await limited.stop();
    }
  });
});

describe('a session', () => {
  test('opens the pages that a browser could not open with a key', async () => {
    const cookie = await sessionOf();
    const job = (await verified(cookie)).replace('/console/lists', '/v1/jobs');
    for (const path of ['/reports', `${job}/report`, `${job}/result?action=accept`, '/v1/jobs'])
      expect([path, (await get(path, cookie)).status]).toEqual([path, 200]);
  });

  test('ends when its key is revoked, and when the person signs out', async () => {
    const { key, id } = await make({});
    const [revoked, left] = [cookieOf(await signIn(key)), cookieOf(await signIn(adminKey))];
    await send(`/v1/keys/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${adminKey}` } });
    expect((await get('/console/lists', revoked)).status).toBe(303);
    const response = await post('/console/sign-out', left);
    expect(response.headers.get('set-cookie')).toMatch(
      /^presend=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await get('/console/lists', left)).status).toBe(303);
  });

  test('lasts 12 hours', () => {
    expect(sessionLifetimeMs).toBe(12 * 3_600_000);
  });

  /** The first page that a key with one scope opens. */
  const firstPageOf = (scope: Scope) =>
    consolePages.find((page) => page.scopes.includes(scope))?.path ?? null;

  test.each(scopes)('with the scope %s alone sees and opens no more than that', async (scope) => {
    const cookie = await sessionOf({ scopes: [scope] });
    const mayList = scope === 'jobs';
    const mayReport = scope === 'reports:read';
    const status = async (path: string) => (await get(path, cookie)).status;
    expect(await status('/console/lists')).toBe(mayList ? 200 : 403);
    expect(await status('/v1/jobs')).toBe(mayList ? 200 : 403);
    expect(await status('/reports')).toBe(mayReport ? 200 : 403);
    expect((await post('/console/lists/job_kC5iGm0Jq8Yw2Zx7Vb3N4A/cancel', cookie)).status).toBe(
      mayList ? 404 : 403,
    );
    const first = await get('/console', cookie);
    expect(first.status).toBe(200);
    const page = firstPageOf(scope);
    const texts = [await first.text()];
    if (page !== null) texts.push(await (await fetch(service.url + page, { headers: { cookie } })).text());
    for (const shown of texts)
      for (const { path, scopes } of consolePages)
        expect([path, shown.includes(`href="${path}"`)]).toEqual([path, scopes.includes(scope)]);
  });

  test('does not outrank a key that the request names', async () => {
    const cookie = await sessionOf();
    const { key } = await make({ scopes: ['validate'] });
    expect((await get('/v1/jobs', cookie, { authorization: `Bearer ${key}` })).status).toBe(403);
    expect((await get('/v1/jobs', cookie, { authorization: 'Bearer wrong' })).status).toBe(401);
  });
});

describe('a page of another origin', () => {
  const elsewhere: readonly Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    {},
  ];
  test.each(elsewhere)('cannot act with the session of a visitor: %j', async (headers) => {
    const cookie = await sessionOf();
    const path = await verified(cookie);
    for (const target of [`${path}/delete`, `${path}/cancel`, '/console/lists', '/console/sign-out']) {
      const response = await post(target, cookie, headers);
      expect([target, response.status]).toEqual([target, 403]);
    }
    const remove = await send(path.replace('/console/lists', '/v1/jobs'), {
      method: 'DELETE',
      headers: { cookie, ...headers },
    });
    expect(remove.status).toBe(403);
    expect((await get(path, cookie)).status).toBe(200);
  });

  test.each(elsewhere)('cannot sign a visitor in: %j', async (headers) => {
    const response = await signIn(adminKey, { headers });
    expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null]);
  });

  test('cannot read with the session of a visitor', async () => {
    const cookie = await sessionOf();
    expect((await get('/v1/jobs', cookie, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await get('/v1/jobs', cookie, { origin: 'https://evil.example' })).status).toBe(403);
  });

  test('cannot show the console in a frame, and its pages run no other script', async () => {
    const cookie = await sessionOf();
    for (const path of ['/console/sign-in', '/console/lists']) {
      const { headers } = await get(path, cookie);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).not.toContain('unsafe-inline');
      expect([
        headers.get('x-frame-options'),
        headers.get('cache-control'),
        headers.get('referrer-policy'),
      ]).toEqual(['DENY', 'no-store', 'same-origin']);
    }
  });
});

test('neither a key nor a session is logged', async () => {
  const { key } = await make({});
  const cookie = cookieOf(await signIn(key));
  await get('/console/lists', cookie);
  const lines = service.log.join('\n');
  expect(lines).toContain('/console/sign-in');
  for (const secret of [key, cookie.split('=')[1]!, adminKey]) expect(lines).not.toContain(secret);
});

test('a service without keys shows its console on loopback to whoever opens it there', async () => {
  const keyless = await startNodeService({ zone });
  try {
    const page = await fetch(`${keyless.url}/console`);
    expect(page.url).toMatch(/\/console$/);
    expect(await page.text()).not.toContain('Sign out');
    const evil = await fetch(`${keyless.url}/console/lists`, { headers: { origin: 'https://evil.example' } });
    expect(evil.status).toBe(403);
    // A page without a Referer sends its forms with `Origin: null`, as a page in a sandbox does.
    const statusOf = async (site: string) => {
      const headers = { origin: 'null', 'sec-fetch-site': site };
      const path = '/console/lists/job_kC5iGm0Jq8Yw2Zx7Vb3N4A/cancel';
      return (await fetch(keyless.url + path, { method: 'POST', headers })).status;
    };
    expect([await statusOf('same-origin'), await statusOf('cross-site')]).toEqual([404, 403]);
  } finally {
    await keyless.stop();
  }
});

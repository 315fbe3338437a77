// The console in workerd: a session in D1 opens its pages, and the same request without the cookie does not.

import { applyD1Migrations, env } from 'cloudflare:test';
import { beforeAll, expect, test } from 'vitest';
import worker from '../../src/platform/worker.ts';

type Environment = Parameters<(typeof worker)['fetch']>[1];

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

const adminKey = 'an-admin-key-for-tests';
const environment = { ...env, ADMIN_KEY: adminKey, KEYLESS: '' } as unknown as Environment;
const send = (path: string, init: RequestInit = {}) =>
  worker.fetch(new Request(`https://presend.example${path}`, { redirect: 'manual', ...init }), environment, {
    waitUntil: (work) => void work,
  });
const sameOrigin = { 'sec-fetch-site': 'same-origin' };

test('signing in, a list and signing out', async () => {
  const signedIn = await send('/console/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...sameOrigin },
    body: new URLSearchParams({ key: adminKey }).toString(),
  });
  const [cookie] = signedIn.headers.get('set-cookie')!.split(';');
  expect(cookie).toMatch(/^__Host-presend=ses_/);

  const form = new FormData();
  form.append('name', 'From a Worker');
  form.append('file', new File(['email\njane@brisk-otter.com\n'], 'list.csv', { type: 'text/csv' }));
  const headers = { cookie: cookie!, ...sameOrigin };
  const uploaded = await send('/console/lists', { method: 'POST', headers, body: form });
  const path = uploaded.headers.get('location')!;
  const page = await (await send(path, { headers })).text();
  expect(page).toContain('<h1>From a Worker</h1>');
  expect(page).toContain('<td class="used">jane@brisk-otter.com</td>');
  const steps = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  const body = 'options=yes&source_column=1';
  expect((await send(`${path}/columns`, { method: 'POST', headers: steps, body })).status).toBe(303);
  expect(await (await send(path, { headers })).text()).toContain('value="1" selected');
  const sample = await send(`${path}/sample`, { method: 'POST', headers: steps, body });
  expect(await (await send(sample.headers.get('location')!, { headers })).text()).toContain('(sample)');
  await send(`${path}/start`, { method: 'POST', headers: steps, body });
  expect(await (await send(path, { headers })).text()).toContain('data-events');
  expect((await send(path)).headers.get('location')).toContain('/console/sign-in');

  await send('/console/sign-out', { method: 'POST', headers });
  expect((await send(path, { headers })).status).toBe(303);
});

test('the pages for setting up: a key, a test of a connection, and what the audit has of it', async () => {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const form = (path: string, fields: Record<string, string>, cookie = '') =>
    send(path, {
      method: 'POST',
      headers: { ...type, ...sameOrigin, cookie },
      body: new URLSearchParams(fields).toString(),
    });
  const signedIn = await form('/console/sign-in', { key: adminKey });
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  const page = async (path: string) => (await send(path, { headers: { ...sameOrigin, cookie } })).text();

  expect(await page('/console')).toMatch(/of 5 steps done/);
  const made = await form('/console/keys', { name: 'From a Worker', kind: 'secret', scopes: 'jobs' }, cookie);
  expect(await made.text()).toMatch(/<code>sk_[0-9A-Za-z]{38}<\/code>/);
  expect(await page('/console/keys')).toContain('From a Worker');
  expect(await page('/console/audit?action=key_created')).toContain('From a Worker');
  expect(await page('/console/connections/esp/postmark')).toContain(
    '<code>https://presend.example/v1/hooks/esp/postmark</code>',
  );
  const tested = async (vendor: string) =>
    (await form(`/console/connections/esp/${vendor}/test`, {}, cookie)).text();
  expect(await tested('postmark')).toContain(
    'It works: a bounce that is signed with your settings is accepted.',
  );
  expect(await tested('mailgun')).toContain('The settings are missing.');
  expect(
    await (await form('/console/overrides', { domain: 'a.example', word: 'deny' }, cookie)).text(),
  ).toContain('a.example is denied now.');
  expect(await page('/console/health')).toContain('<b>Storage</b> <span>works</span>');
});

// The console in workerd: suppressions, bounces and sending domains over D1.

import { applyD1Migrations, env } from 'cloudflare:test';
import { beforeAll, expect, test } from 'vitest';
import worker from '../../src/platform/worker.ts';

type Environment = Parameters<(typeof worker)['fetch']>[1];

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

const adminKey = 'an-admin-key-for-tests';
const environment = { ...env, ADMIN_KEY: adminKey, KEYLESS: '' } as unknown as Environment;
const sameOrigin = { 'sec-fetch-site': 'same-origin' };
const send = (path: string, init: RequestInit = {}) =>
  worker.fetch(new Request(`https://presend.example${path}`, { redirect: 'manual', ...init }), environment, {
    waitUntil: (work) => void work,
  });
const formOf = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...sameOrigin, ...headers },
  body: new URLSearchParams(fields).toString(),
});

test('suppressions, bounces and sending domains', async () => {
  const signedIn = await send('/console/sign-in', formOf({ key: adminKey }));
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  const get = async (path: string) => (await send(path, { headers: { cookie, ...sameOrigin } })).text();
  const post = async (path: string, fields: Record<string, string>) =>
    (await send(path, formOf(fields, { cookie }))).text();

  const jane = { email: 'jane@brisk-otter.com' };
  await post('/console/suppressions/add', { ...jane, reason: 'bounce', source: 'postmark' });
  expect(await post('/console/suppressions/find', jane)).toContain('Gets no mail');
  const form = new FormData();
  form.append('file', new File(['address,reason\njim@brisk-otter.com,bounce\n'], 'list.csv'));
  const headers = { cookie, ...sameOrigin };
  const imported = await send('/console/suppressions/import', { method: 'POST', headers, body: form });
  expect(await imported.text()).toContain('<b>1</b> added');
  const period = { from: '2026-01-01T00:00', to: '2099-01-01T00:00' };
  const counted = await post('/console/suppressions/incident', { ...period, step: 'count' });
  expect(counted).toContain('2 entries match');
  expect(await get('/console/suppressions/entries')).toContain('postmark');

  expect(await get('/console/bounces/report')).toContain('No delivery or bounce was reported');
  expect(await get('/console/bounces/incidents')).toContain('No open incident');
  expect(await get('/console/bounces/events')).toContain('No event yet.');
  expect(await post('/console/bounces/gate', { campaign: 'spring' })).toContain('id="answer">spring</h2>');
  expect(await get('/console/bounces/predictions')).toContain('Nothing to compare yet');
  expect(await get('/console/domains')).toContain('PREFLIGHT_DOMAINS');
});

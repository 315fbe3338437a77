// The plain page with the script tag, in Chromium.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserOfTests, enterEmail, expectVerdicts, serve } from './pages.ts';
import { exampleFolder, presendService } from './programs.ts';

const presend = presendService();
const openPage = browserOfTests();

const sent: URLSearchParams[] = [];
let page = '';
let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve(async (request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (request.method === 'GET') return response.end(request.url === '/' ? page : '');
    let body = '';
    for await (const chunk of request) body += chunk;
    sent.push(new URLSearchParams(body));
    return response.end('<!doctype html><title>Welcome</title><h1>Welcome</h1>');
  });
  page = readFileSync(join(exampleFolder('html'), 'index.html'), 'utf8')
    .replace('https://presend.example.com', presend.url)
    .replace('pk_your_key', await presend.publishableKey(site.origin));
});
afterAll(() => site?.close());

test('its widget gives verdicts', async () => {
  await expectVerdicts(await openPage(site.origin));
});

test('a good address is sent with its token, which the service confirms', async () => {
  const { page } = await openPage(site.origin);
  await enterEmail(page, 'jane@brisk-otter.com');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  const fields = Object.fromEntries(sent.at(-1)!);
  const confirm = { email: fields['email'], token: fields['presend_token'] };
  expect(await presend.call('/v1/tokens/confirm', confirm)).toMatchObject({
    confirmed: true,
    verdict: { email: 'jane@brisk-otter.com', action: 'accept' },
  });
});

test('an address that accepts no mail is not sent', async () => {
  const { page } = await openPage(site.origin);
  const before = sent.length;
  await page.getByLabel('E-mail').fill('jane@no-mail-please.org');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('This domain accepts no email.').waitFor();
  expect(sent).toHaveLength(before);
});

// The Next.js example, built with Turbopack and with webpack, in Chromium with and without JavaScript.

import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserOfTests, enterEmail, expectVerdicts } from './pages.ts';
import { exampleFolder, presendService, reservePort, run, type Server, startServer } from './programs.ts';

const presend = presendService();
const openPage = browserOfTests();

describe.each([
  ['Turbopack', '--turbopack'],
  ['webpack', '--webpack'],
])('%s', (bundler, option) => {
  let next: Server;
  beforeAll(async () => {
    const { port, release } = await reservePort();
    const url = `http://127.0.0.1:${port}`;
    const cwd = exampleFolder(`nextjs-${bundler}`);
    cpSync(exampleFolder('nextjs'), cwd, { recursive: true });
    const environment = {
      PRESEND_URL: presend.url,
      PRESEND_KEY: presend.secretKey,
      NEXT_PUBLIC_PRESEND_URL: presend.url,
      NEXT_PUBLIC_PRESEND_KEY: await presend.publishableKey(url),
    };
    await run(['npx', 'next', 'build', option], { cwd, environment });
    await release();
    next = await startServer(['npx', 'next', 'start', '--hostname', '127.0.0.1', '--port', String(port)], {
      cwd,
      environment,
      url,
      ready: /Ready in/,
    });
  });
  afterAll(() => next?.stop());

  test('the field gives verdicts', async () => {
    await expectVerdicts(await openPage(next.url));
  });

  test('the server takes a good address', async () => {
    const { page, complaints } = await openPage(next.url);
    await enterEmail(page, 'jane@brisk-otter.com');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText('Check your inbox.').waitFor();
    await next.printed(/mail to jane@brisk-otter\.com/);
    expect(complaints).toEqual([]);
  });

  describe('without JavaScript, the server action alone asks', () => {
    const signup = async (email: string) => {
      const { page } = await openPage(next.url, { javaScriptEnabled: false });
      await page.getByLabel('E-mail').fill(email);
      await page.getByRole('button', { name: 'Sign up' }).click();
      return page;
    };

    test.each([
      ['jane@brisk-otter.com', 'Check your inbox.'],
      ['jane@mailinator.com', 'Please enter an address that you will keep.'],
      ['jane@no-mail-please.org', 'We cannot send mail to this address.'],
      ['complained@presend.test', 'Check your inbox.'],
    ])('%s: %s', async (email, message) => {
      const page = await signup(email);
      await page.locator('output', { hasText: message }).waitFor();
    });

    test('a typo is taken when it is sent again', async () => {
      const page = await signup('jane@gmial.com');
      await page.locator('output', { hasText: 'Did you mean jane@gmail.com?' }).waitFor();
      await page.getByRole('button', { name: 'Sign up' }).click();
      await page.locator('output', { hasText: 'Check your inbox.' }).waitFor();
    });
  });
});

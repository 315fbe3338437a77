// The page at /preflight, in a real browser: a domain and a message, records to copy, the key, and what goes wrong.

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { Zone } from '../dns/zone.ts';
import { scene, skipWithoutBrowser } from './browser.ts';

const skipped = skipWithoutBrowser('the tests of the page at /preflight in Chromium');

const zone: Zone = {
  net: {},
  'sender.net': { TXT: ['v=spf1 mx ?all'], MX: [[10, 'mx.sender.net']] },
  'mx.sender.net': { A: ['198.41.0.4'] },
  '_dmarc.sender.net': { TXT: ['v=DMARC1; p=reject; rua=mailto:a@sender.net'] },
};

const adminKey = 'an-admin-key-for-tests';

const report = (page: Page) => page.getByRole('region', { name: 'Report' });

async function checkDomain(page: Page, domain = 'sender.net'): Promise<void> {
  await page.getByLabel('Domain in From').fill(domain);
  await page.keyboard.press('Enter');
}

const heading = (page: Page) => report(page).getByRole('heading', { name: 'sender.net: 1 warning, 1 note' });

/** What axe-core finds wrong, best practices included, as `rule: element`. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<import('axe-core').AxeResults>('axe.run()');
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

const overflowing = `[...document.body.querySelectorAll('*')].filter((element) =>
  !element.closest('.unseen') && element.getBoundingClientRect().right > innerWidth + 0.5).map(({ outerHTML }) => outerHTML.slice(0, 80))`;

describe.skipIf(skipped)('the page at /preflight', { timeout: 60_000 }, () => {
  const test = scene({}, zone);

  test('a domain, with the keyboard alone: the findings have the focus, and a record is copied', async ({
    page,
  }) => {
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto('/preflight?domain=sender.net');
    expect(await page.getByLabel('Domain in From').inputValue()).toBe('sender.net');
    await page.getByLabel('Domain in From').focus();
    await page.keyboard.press('Enter');
    await heading(page).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H2');
    expect(await page.locator('#spoken').textContent()).toMatch(/^sender\.net: 1 warning, 1 note\. /);
    const copy = report(page).getByRole('button', { name: 'Copy value: Value for sender.net' });
    await copy.focus();
    await page.keyboard.press('Enter');
    await page.getByText('Copied', { exact: true }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('v=spf1 mx ~all');
    expect(complaints).toEqual([]);
  });

  test('a message: what to change in it', async ({ page }) => {
    await page.goto('/preflight');
    await page.getByLabel('Message file').setInputFiles({
      name: 'newsletter.eml',
      mimeType: 'message/rfc822',
      buffer: Buffer.from(
        'From: a@sender.net\r\nList-Unsubscribe: <https://sender.net/u>\r\n\r\nhttps://bit.ly/3\r\n',
      ),
    });
    await page.getByRole('button', { name: 'Check the message' }).click();
    await report(page).getByText('List-Unsubscribe=One-Click').waitFor();
    expect(await report(page).textContent()).toContain(
      'These links lead to a link shortener: https://bit.ly/3.',
    );
  });

  test('a mistake, a failure and no connection are said, and prove no fault', async ({ page }) => {
    await page.goto('/preflight');
    await checkDomain(page, 'nonsense');
    await report(page).getByText('domain must be a domain such as example.com').waitFor();
    await page.route('**/v1/preflight', (route) => route.fulfill({ status: 500, body: 'no' }));
    await checkDomain(page);
    await report(page).getByText('HTTP status 500').waitFor();
    await page.unrouteAll();
    await page.route('**/v1/preflight', (route) => route.abort());
    await checkDomain(page);
    await report(page).getByText('The service is unreachable.').waitFor();
    await page.context().setOffline(true);
    await checkDomain(page);
    await report(page).getByText('You are offline.').waitFor();
    await page.context().setOffline(false);
  });

  test('while it waits, it says so and takes no second request', async ({ page }) => {
    await page.goto('/preflight');
    const answer = Promise.withResolvers<void>();
    await page.route('**/v1/preflight', async (route) => {
      await answer.promise;
      await route.continue();
    });
    await checkDomain(page);
    await report(page).getByText('Checking sender.net.').waitFor();
    expect(await page.getByRole('button', { name: 'Check the domain' }).isDisabled()).toBe(true);
    answer.resolve();
    await heading(page).waitFor();
    expect(await page.getByRole('button', { name: 'Check the domain' }).isDisabled()).toBe(false);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [320, 1280]) {
      const sized = test.extend({ options: { colorScheme, viewport: { width, height: 800 } } });
      sized(`accessible and within ${width} pixels, ${colorScheme}`, async ({ page }) => {
        await page.goto('/preflight');
        expect(await violations(page)).toEqual([]);
        await checkDomain(page);
        await heading(page).waitFor();
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate(overflowing)).toEqual([]);
      });
    }

  test('on paper there are the findings alone', async ({ page }) => {
    await page.goto('/preflight');
    await checkDomain(page);
    await heading(page).waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByLabel('Domain in From').isVisible()).toBe(false);
    expect(await report(page).getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
    expect(await report(page).getByText('v=spf1 mx ~all').isVisible()).toBe(true);
    await page.emulateMedia({ media: null });
  });
});

describe.skipIf(skipped)('the page at /preflight of a service with keys', { timeout: 60_000 }, () => {
  const test = scene({ ADMIN_KEY: adminKey }, zone);

  test('asks for the key, and checks again with it', async ({ page }) => {
    await page.goto('/preflight');
    await checkDomain(page);
    await page.getByLabel('API key').fill(adminKey);
    await page.keyboard.press('Enter');
    await heading(page).waitFor();
  });
});

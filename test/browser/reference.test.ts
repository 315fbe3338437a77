// The page /docs in a real browser: snippets, "Try it", the keyboard, small screens, both color schemes.

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';

const skipped = skipWithoutBrowser('the tests of the page /docs in Chromium');

const key = 'an-admin-key-for-tests';

/**
 * What axe-core finds wrong, best practices included, as `rule: element`: on the whole page, and for colors, which take long, on
 * one operation of each kind, since all are made alike.
 */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<import('axe-core').AxeResults>(`(async () => {
    const whole = await axe.run({ rules: { 'color-contrast': { enabled: false } } });
    const include = ['.top', 'nav', '.intro', '#validate', '#createJob', '#revokeKey', '#driftFoundWebhook'];
    const colors = await axe.run({ include }, { runOnly: ['color-contrast'] });
    return { violations: [...whole.violations, ...colors.violations] };
  })()`);
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** Elements that reach beyond the width of the window, unless they are in a box that scrolls. */
const overflowing = `[...document.body.querySelectorAll('*')].filter((element) => {
  const { right, width } = element.getBoundingClientRect();
  return width > 0 && right > innerWidth + 0.5 && !element.closest('.scroll, pre, .unseen, .skip');
}).map((element) => element.outerHTML.slice(0, 100))`;

const article = (page: Page, id: string) => page.locator(`article#${id}`);

/** Opens the form "Try it" of an operation. */
async function openTry(page: Page, id: string) {
  const form = article(page, id).locator('form');
  await article(page, id).getByText('Try it', { exact: true }).click();
  await form.waitFor();
  return form;
}

describe.skipIf(skipped)('the page /docs', { timeout: 120_000 }, () => {
  const test = scene({ ADMIN_KEY: key });

  test('shows the snippets of one language, with the origin of the service', async ({ page }) => {
    await page.goto('/docs');
    const { origin } = new URL(page.url());
    const snippet = article(page, 'validate').locator('.snippet:visible code');
    expect(await snippet.textContent()).toContain(`curl -s '${origin}/v1/validate'`);
    await page.getByRole('radio', { name: 'Python' }).check();
    expect(await snippet.textContent()).toContain(`"${origin}/v1/validate"`);
    expect(await page.locator('.snippet:visible figcaption', { hasText: 'curl' }).count()).toBe(0);
  });

  const withClipboard = test.extend({ options: { permissions: ['clipboard-read', 'clipboard-write'] } });
  withClipboard('copies a snippet and says so', async ({ page }) => {
    await page.goto('/docs');
    await article(page, 'validate')
      .getByRole('button', { name: /^Copy curl/ })
      .click();
    await page.locator('#spoken', { hasText: 'Copied' }).waitFor({ state: 'attached' });
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      await article(page, 'validate').locator('.snippet:visible code').textContent(),
    );
  });

  test('sends a request with the keyboard alone, and asks for the key first', async ({ page }) => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto('/docs#validate');
    const form = article(page, 'validate').locator('form');
    await article(page, 'validate').locator('.try > summary').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await form.getByText('401 after').waitFor();
    await form.getByRole('link', { name: 'Enter a key' }).click();
    expect(await page.evaluate('document.activeElement.id')).toBe('key');
    await page.keyboard.type(key);
    await form.getByRole('button', { name: 'Send POST' }).focus();
    await page.keyboard.press('Enter');
    await form.getByText('200 after').waitFor();
    expect(await form.locator('pre').textContent()).toContain('"did_you_mean": "jane@gmail.com"');

    // The key is in the memory of the page only.
    expect(requests.join('\n')).not.toContain(key);
    expect(page.url()).not.toContain(key);
    expect(
      await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'),
    ).toBe('[{},{},""]');
    await page.reload();
    expect(await page.getByLabel('API key').inputValue()).toBe('');
  });

  test('uploads a list, fills in its id, and streams its progress', async ({ page }) => {
    await page.goto('/docs');
    await page.getByLabel('API key').fill(key);
    const upload = await openTry(page, 'createJob');
    await upload.locator('select.type').selectOption('multipart/form-data');
    await upload.getByLabel('File file').fill('email\njane@gmail.com\n');
    await upload.getByRole('button', { name: 'Send POST' }).click();
    await upload.getByText('202 after').waitFor();
    const id = /job_[\w-]{22}/.exec((await upload.locator('pre').textContent())!)![0];

    const events = await openTry(page, 'jobEvents');
    expect(await events.locator('[name=id]').inputValue()).toBe(id);
    await events.getByRole('button', { name: 'Send GET' }).click();
    await events.locator('pre', { hasText: 'event: completed' }).waitFor();

    const result = await openTry(page, 'jobResult');
    await result.locator('[name=action]').selectOption('not sent');
    await result.getByRole('button', { name: 'Send GET' }).click();
    await result.locator('pre', { hasText: 'ps_result' }).waitFor();
    expect(await result.locator('pre').textContent()).toContain('jane@gmail.com,deliverable');
  });

  test('says what is missing, and shows problems as such', async ({ page }) => {
    await page.goto('/docs');
    await page.getByLabel('API key').fill(key);
    const form = await openTry(page, 'job');
    await form.getByRole('button', { name: 'Send GET' }).click();
    await form.getByText('Fill in “id” first.').waitFor();
    expect(await form.locator('[aria-invalid]').count()).toBe(1);
    await form.locator('[name=id]').fill('job_0');
    await form.getByRole('button', { name: 'Send GET' }).click();
    await form.getByText('404 after').waitFor();
    expect(await form.locator('.outcome').getAttribute('class')).toContain('bad');
    await page.route('**/v1/jobs/*', (route) => route.abort());
    await form.getByRole('button', { name: 'Send GET' }).click();
    await form.getByText(/^Not sent: /).waitFor();
  });

  test('a request that lasts can be stopped', async ({ page }) => {
    await page.goto('/docs');
    await page.route('**/v1/keys', () => {});
    const form = await openTry(page, 'listKeys');
    await form.getByRole('button', { name: 'Send GET' }).click();
    await form.getByRole('button', { name: 'Stop' }).click();
    await form.getByText('Stopped.').waitFor();
    expect(await form.getByRole('button', { name: 'Stop' }).isVisible()).toBe(false);
  });

  test('warns before requests that change data', async ({ page }) => {
    await page.goto('/docs');
    const warning = 'This sends a real request';
    expect(await (await openTry(page, 'erase')).textContent()).toContain(warning);
    expect(await (await openTry(page, 'revokeKey')).textContent()).toContain(warning);
    expect(await (await openTry(page, 'validate')).textContent()).not.toContain(warning);
    expect(await (await openTry(page, 'listKeys')).textContent()).not.toContain(warning);
  });

  test('loads nothing from other origins, and its policy stops nothing of its own', async ({ page }) => {
    const origins = new Set<string>();
    const complaints: string[] = [];
    page.on('request', (request) => origins.add(new URL(request.url()).origin));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto('/docs');
    await page.getByRole('radio', { name: 'JavaScript' }).check();
    expect([...origins]).toEqual([new URL(page.url()).origin]);
    expect(complaints).toEqual([]);
  });

  const withoutScript = test.extend({ options: { javaScriptEnabled: false } });
  withoutScript('shows every snippet, and no form, without its script', async ({ page }) => {
    await page.goto('/docs');
    expect(await article(page, 'validate').locator('.snippet:visible').count()).toBe(3);
    for (const hidden of ['.try', '.copy', '.tools'])
      expect(await page.locator(hidden).first().isVisible(), hidden).toBe(false);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    test.extend({ options: { colorScheme, reducedMotion: 'reduce' } })(
      `axe finds no violation: ${colorScheme}`,
      async ({ page }) => {
        await page.goto('/docs');
        await openTry(page, 'createJob');
        const form = await openTry(page, 'validate');
        await form.getByRole('button', { name: 'Send POST' }).click();
        await form.getByText('401 after').waitFor();
        await article(page, 'validate').getByText('Fields', { exact: true }).click();
        expect(await violations(page)).toEqual([]);
      },
    );

  for (const [width, height] of [
    [320, 640],
    [1024, 800],
    [1440, 900],
  ] as const)
    test.extend({ options: { viewport: { width, height } } })(
      `fits a window of ${width} by ${height} pixels`,
      async ({ page }) => {
        await page.goto('/docs');
        await openTry(page, 'createJob');
        await openTry(page, 'backtest');
        expect(await page.evaluate(overflowing)).toEqual([]);
      },
    );

  test.extend({ options: { viewport: { width: 320, height: 640 } } })(
    'the menu is closed on a small screen, and closes after a choice',
    async ({ page }) => {
      await page.goto('/docs');
      const menu = page.getByRole('navigation', { name: 'Operations' });
      const link = menu.getByRole('link', { name: 'GET /healthz' });
      expect(await link.isVisible()).toBe(false);
      await menu.getByText('Operations', { exact: true }).click();
      await link.click();
      expect(await link.isVisible()).toBe(false);
      expect(new URL(page.url()).hash).toBe('#healthz');
    },
  );
});

// The page at /, in a real browser: what it tells of a verdict, the keyboard, small screens, both colour schemes.

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';
import { emailInput, joinForm, openSite } from './site.ts';

const skipped = skipWithoutBrowser('the tests of the page at / in Chromium');

const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' });

/** Tries an example, until its verdict stands there. */
async function tryExample(page: Page, name: string): Promise<void> {
  const chip = page.getByRole('button', { name, exact: true });
  const address = await chip.getAttribute('value');
  await chip.click();
  await verdict(page)
    .locator('pre', { hasText: `"email": "${address}"` })
    .waitFor({ state: 'attached' });
}

/** What axe-core finds wrong, best practices included, as `rule: element`. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  // What fades in is judged when it has.
  await page.evaluate('Promise.all(document.getAnimations().map(({ finished }) => finished))');
  const { violations: found } = await page.evaluate<import('axe-core').AxeResults>('axe.run()');
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Elements that reach beyond the width of the window, or that cut their own words off. */
const overflowing = `[...document.body.querySelectorAll('*')].filter((element) => {
  const box = element.getBoundingClientRect();
  const cut = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline';
  return !element.closest('.unseen') && (box.right > innerWidth + 0.5 || (cut && !element.matches('input, svg, svg *')));
}).map((element) => element.outerHTML.slice(0, 80))`;

/** Buttons, chips and names of checks whose words do not stand on one line. */
const broken = `[...document.querySelectorAll('button[type=submit], .chip, .checks b')].filter((element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
}).map((element) => element.textContent)`;

describe.skipIf(skipped)('the page at /', { concurrent: true, timeout: 60_000 }, () => {
  const test = scene();

  test('works with the keyboard alone, from the address to the suggestion', async ({ page }) => {
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto('/');
    await page.getByLabel('E-mail address').focus();
    await page.keyboard.type('jane@gmial.com');
    await page.keyboard.press('Enter');
    await verdict(page).getByRole('heading', { name: 'Undeliverable' }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('email');
    expect(await page.locator('#spoken').textContent()).toBe(
      'Undeliverable. The domain looks misspelled and accepts no mail.',
    );
    const text = await verdict(page).textContent();
    expect(text).toContain('Mail to this address would hard-bounce with status 5.1.2 (no such mail domain).');
    expect(text).toContain('“gmial.com” looks like a misspelling of “gmail.com”.');
    expect(text).toContain('The domain does not exist (NXDOMAIN).');

    const meant = verdict(page).getByRole('button', { name: 'Did you mean jane@gmail.com?' });
    await meant.focus();
    await page.keyboard.press('Enter');
    await verdict(page).getByRole('heading', { name: 'Deliverable', exact: true }).waitFor();
    expect(await verdict(page).textContent()).toContain('Mail goes to gmail-smtp-in.l.google.com.');
    await page.getByText('JSON answer').click();
    await verdict(page).getByText('"normalized": "jane@gmail.com"').waitFor();
    expect(complaints).toEqual([]);
  });

  test('one click tries an example and marks it', async ({ page }) => {
    await page.goto('/');
    for (const name of ['Takes no mail', 'Privacy alias']) {
      await tryExample(page, name);
      expect(await page.locator('.chip[aria-pressed=true]').allTextContents()).toEqual([name]);
    }
  });

  test('the widget works in its form, and nothing is sent', async ({ page }) => {
    await page.goto('/');
    const input = page.getByLabel('E-mail', { exact: true });
    await input.fill('you@gmial.com');
    await input.press('Enter');
    await page.getByRole('button', { name: 'Did you mean you@gmail.com?' }).click();
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByText('A real form would be submitted now.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await page.locator('#snippet').textContent()).toContain('/presend.js"');
  });

  test('loads nothing from other origins, and its policy forbids it', async ({ page }) => {
    const origins = new Set<string>();
    page.on('request', (request) => origins.add(new URL(request.url()).origin));
    const response = await page.goto('/');
    await page.getByRole('button', { name: 'No obstacle' }).click();
    await verdict(page).getByRole('heading').waitFor();
    expect([...origins]).toEqual([new URL(page.url()).origin]);
    const policy = (await response!.allHeaders())['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  test('an unreachable service says nothing about the address', async ({ page }) => {
    await page.goto('/');
    await page.route('**/v1/validate', (route) => route.abort());
    await page.getByRole('button', { name: 'No obstacle' }).click();
    await verdict(page).getByText('The service is unreachable.').waitFor();
  });

  test('an error shows what the person can do', async ({ page }) => {
    await page.goto('/');
    for (const [status, problem, text] of [
      [
        403,
        { detail: 'Use a key for this page.' },
        'The service refused the request: Use a key for this page.',
      ],
      [
        422,
        { errors: [{ pointer: '/email', detail: 'must be a text' }] },
        'The service refused the request: the address must be a text',
      ],
      [413, null, 'The service could not answer (HTTP status 413). Try again later.'],
      [503, { detail: 'No storage.' }, 'The service could not answer (HTTP status 503). Try again later.'],
    ] as const) {
      const body = problem === null ? '' : JSON.stringify(problem);
      await page.route('**/v1/validate', (route) => route.fulfill({ status, body }), { times: 1 });
      await page.getByRole('button', { name: 'No obstacle' }).click();
      await verdict(page).getByText(text, { exact: true }).waitFor();
    }
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    const inScheme = test.extend({ options: { colorScheme, reducedMotion: 'reduce' } });

    inScheme(`axe finds no violation: ${colorScheme}`, async ({ page }) => {
      await page.goto('/');
      await page.getByLabel('E-mail', { exact: true }).fill('you@gmial.com');
      await page.getByLabel('Name').focus();
      await page.getByRole('button', { name: 'Did you mean you@gmail.com?' }).waitFor();
      expect(await violations(page)).toEqual([]);
      for (const name of ['Misspelled domain', 'No obstacle', 'DNS is down', 'Role']) {
        await tryExample(page, name);
        expect(await violations(page)).toEqual([]);
      }
    });

    inScheme(`axe finds no violation in the form of a site: ${colorScheme}`, async ({ page }) => {
      await openSite(page, `<meta name="color-scheme" content="light dark">${joinForm(emailInput)}`);
      await page.getByLabel('E-mail').focus();
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('E-mail').fill('jane@gmial.com');
      await page.getByLabel('E-mail').blur();
      await page.getByRole('button', { name: /^Did you mean/ }).waitFor();
      expect(await violations(page)).toEqual([]);
    });
  }

  for (const [width, height] of [
    [320, 640],
    [1280, 900],
  ] as const)
    test.extend({ options: { viewport: { width, height } } })(
      `fits a window of ${width} by ${height} pixels`,
      async ({ page }) => {
        await page.goto('/');
        for (const name of ['Misspelled domain', 'Unreachable server']) {
          await tryExample(page, name);
          expect(await page.evaluate(overflowing)).toEqual([]);
          expect(await page.evaluate(broken)).toEqual([]);
        }
      },
    );
});

describe.skipIf(skipped)('the page at / of a service with a key', { timeout: 60_000 }, () => {
  const key = 'an-admin-key-for-tests';
  const test = scene({ ADMIN_KEY: key });

  test('asks for the key when it is needed, for both forms', async ({ page }) => {
    await page.goto('/');
    expect(await page.getByLabel('API key').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'No obstacle' }).click();
    await page.getByLabel('API key').fill('a-wrong-key-for-tests');
    await page.keyboard.press('Enter');
    await verdict(page).getByText('Unknown key. Check that it was copied in full.').waitFor();
    await page.getByLabel('API key').fill(key);
    await page.keyboard.press('Enter');
    await verdict(page).getByRole('heading', { name: 'Deliverable', exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);

    await page.getByLabel('E-mail', { exact: true }).fill('you@gmial.com');
    await page.getByLabel('Name').focus();
    await page.getByRole('button', { name: 'Did you mean you@gmail.com?' }).waitFor();
  });
});

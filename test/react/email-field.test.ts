// <EmailField> and useEmailVerdict in a real browser before the real service.

import axe from 'axe-core';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from '../browser/browser.ts';
import { openSite, questions, type Site, slowService, withTokens } from '../browser/site.ts';

const app = new URL('./app/', import.meta.url).pathname;

/** The script of the site, with the checks that React makes in development. */
let script: string;

const email = (page: Page) => page.getByLabel('E-mail');
const join = (page: Page) => page.getByRole('button', { name: 'Join' });
const suggestion = (page: Page) => page.getByRole('button', { name: /^Did you mean/ });
const arrived = (page: Page) => page.getByRole('heading', { name: 'Welcome' }).waitFor();
const token = (page: Page) => page.locator('input[type=hidden]');
const noAnswer = 'This domain accepts no email.';

async function enter(page: Page, address: string): Promise<void> {
  await email(page).fill(address);
  await email(page).blur();
}

const notes = (page: Page): Promise<string[]> => page.evaluate('notes');

async function openForm(page: Page, form: string, { inside = '', attributes = '' } = {}): Promise<Site> {
  const { origin } = new URL(page.url());
  const main = `<main data-form="${form}" data-endpoint="${origin}" ${attributes}>${inside}</main>`;
  const site = await openSite(page, main, { script: null });
  await page.addScriptTag({ content: script });
  await email(page).waitFor();
  return site;
}

describe.skipIf(skipWithoutBrowser('the tests of presend/react in Chromium'))(
  'in React',
  { timeout: 60_000 },
  () => {
    beforeAll(async () => {
      const { outputFiles } = await build({
        entryPoints: [`${app}page.tsx`],
        bundle: true,
        write: false,
        jsx: 'automatic',
        format: 'iife',
        define: { 'process.env.NODE_ENV': '"development"' },
        logOverride: { 'empty-import-meta': 'silent' },
      });
      script = outputFiles[0]!.text;
    });

    const test = scene().extend<{ atSite: Page }>({
      atSite: async ({ page }, use) => {
        await page.goto('/healthz');
        await use(page);
      },
    });

    test.for(['Uncontrolled', 'Strict', 'Controlled'])(
      '%s: a suggestion is a button that corrects the address, and the form is sent',
      async (form, { atSite: page }) => {
        const site = await openForm(page, form);
        const asked = questions(page);
        await enter(page, 'jane@gmial.com');
        await suggestion(page).click();
        expect(await email(page).inputValue()).toBe('jane@gmail.com');
        await suggestion(page).waitFor({ state: 'detached' });
        await join(page).click();
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40gmail.com']);
        expect(asked.map((request) => request.postDataJSON().email)).toEqual([
          'jane@gmial.com',
          'jane@gmail.com',
        ]);
        expect(site.complaints).toEqual([]);
      },
    );

    test('a blocked address is invalid, is announced, and stops the form until it changes', async ({
      atSite: page,
    }) => {
      const site = await openForm(page, 'Uncontrolled');
      await enter(page, 'jane@no-mail-please.org');
      const alert = page.getByRole('alert');
      await alert.getByText(noAnswer).waitFor();
      expect(await email(page).getAttribute('aria-invalid')).toBe('true');
      const described = await email(page).getAttribute('aria-describedby');
      expect(described).toBe(`hint ${await alert.getAttribute('id')}`);
      expect(await page.evaluate('document.querySelector("input").validationMessage')).toBe(noAnswer);
      await join(page).click();
      expect(site.sent).toEqual([]);
      expect(await notes(page)).toEqual(['null_mx: block']);
      await email(page).fill('jane@brisk-otter.com');
      expect(await email(page).getAttribute('aria-invalid')).toBe(null);
      expect(await page.evaluate('document.querySelector("input").validationMessage')).toBe('');
      expect(await page.getByRole('status').textContent()).toBe('');
      await join(page).click();
      await arrived(page);
      expect(site.sent.map(String)).toEqual(['email=jane%40brisk-otter.com']);
    });

    test('the page’s own listener sees a submit only when the address is checked', async ({
      atSite: page,
    }) => {
      const site = await openForm(page, 'Controlled');
      await email(page).fill('jane@no-mail-please.org');
      await email(page).press('Enter');
      await page.getByText(noAnswer).waitFor();
      await page.evaluate('document.querySelector("form").noValidate = true');
      await join(page).click();
      expect(await notes(page)).toEqual([]);
      expect(await page.evaluate('document.activeElement.id')).toBe('email');
      await email(page).fill('jane@hotmial.com');
      await email(page).press('Enter');
      await suggestion(page).waitFor();
      expect([await notes(page), site.sent]).toEqual([[], []]);
      const sent = page.waitForRequest('**/join');
      await join(page).click();
      await sent;
      await arrived(page);
      expect(site.sent.map(String)).toEqual(['email=jane%40hotmial.com']);
    });

    test('policy and texts are those of the page, and may name a reason', async ({ atSite: page }) => {
      await openForm(page, 'Controlled');
      await enter(page, 'info@brisk-otter.com');
      await page.getByRole('status').getByText('Personal addresses only.').waitFor();
      expect(await email(page).getAttribute('aria-invalid')).toBe(null);
    });

    test('a form that is submitted during the check waits, and takes the token along', async ({
      atSite: page,
    }) => {
      const site = await openForm(page, 'Uncontrolled');
      await withTokens(page);
      await email(page).fill('jane@brisk-otter.com');
      await email(page).press('Enter');
      await arrived(page);
      expect(site.sent.map(String)).toEqual([
        'email=jane%40brisk-otter.com&presend_token=token+of+jane%40brisk-otter.com',
      ]);
    });

    test('while it waits it says so, and impatience changes nothing', async ({ atSite: page }) => {
      const site = await openForm(page, 'Strict');
      const service = await slowService(page);
      await email(page).fill('jane@brisk-otter.com');
      await email(page).press('Enter');
      await page.getByRole('status').getByText('Checking…').waitFor();
      await email(page).press('Enter');
      expect(site.sent).toEqual([]);
      await service.answer();
      await arrived(page);
      expect(site.sent).toHaveLength(1);
    });

    test('a service that fails lets the form through', async ({ atSite: page }) => {
      const site = await openForm(page, 'Uncontrolled');
      await page.route('**/v1/validate', (route) => route.abort());
      await email(page).fill('jane@no-mail-please.org');
      await email(page).press('Enter');
      await arrived(page);
      expect(site.sent.map(String)).toEqual(['email=jane%40no-mail-please.org']);
    });

    test('no token outlives its address: after typing, a change by the page, a reset', async ({
      atSite: page,
    }) => {
      await openForm(page, 'Strict');
      await withTokens(page);
      const checked = async () => {
        await enter(page, 'jane@brisk-otter.com');
        await token(page).waitFor({ state: 'attached' });
        expect(await token(page).count()).toBe(1);
      };
      await checked();
      await email(page).fill('jane@brisk-otter.co');
      expect(await token(page).count()).toBe(0);
      await checked();
      await page.getByRole('button', { name: 'Reset' }).click();
      await token(page).waitFor({ state: 'detached' });
      expect(await email(page).inputValue()).toBe('');
    });

    test('nor an input that the page removed or set', async ({ atSite: page }) => {
      const site = await openForm(page, 'Controlled');
      await withTokens(page);
      await enter(page, 'jane@hotmial.com');
      await token(page).waitFor({ state: 'attached' });
      expect(await token(page).getAttribute('name')).toBe('token');
      await page.getByRole('button', { name: 'Fill' }).click();
      await page.getByText(noAnswer).waitFor();
      expect(await token(page).getAttribute('value')).toBe('token of jane@no-mail-please.org');
      for (let round = 0; round < 2; round++) {
        await page.getByRole('button', { name: 'Toggle' }).click();
        await page.locator('#email').waitFor({ state: 'detached' });
        expect(await page.locator('.presend, input[type=hidden]').count()).toBe(0);
        await page.getByRole('button', { name: 'Toggle' }).click();
        await page.locator('#email').waitFor();
      }
      await email(page).fill('jane@brisk-otter.com');
      await email(page).press('Enter');
      await arrived(page);
      expect(site.sent.map((form) => form.getAll('token'))).toEqual([['token of jane@brisk-otter.com']]);
    });

    test('a value that a script set without an event is checked before the form is sent', async ({
      atSite: page,
    }) => {
      const site = await openForm(page, 'Uncontrolled');
      await page.evaluate('document.querySelector("input").value = "jane@no-mail-please.org"');
      await join(page).click();
      await page.getByText(noAnswer).waitFor();
      expect(site.sent).toEqual([]);
    });

    test('an answer that is known is shown again without a question', async ({ atSite: page }) => {
      await openForm(page, 'Strict');
      const asked = questions(page);
      await enter(page, 'jane@no-mail-please.org');
      await page.getByText(noAnswer).waitFor();
      await email(page).fill('jane');
      await page.getByText(noAnswer).waitFor({ state: 'detached' });
      await enter(page, 'jane@no-mail-please.org');
      await page.getByText(noAnswer).waitFor();
      expect(asked).toHaveLength(1);
    });

    test('a widget that is attached to the page leaves the field alone', async ({ atSite: page }) => {
      await openForm(page, 'Uncontrolled', { attributes: 'data-widget="on"' });
      const asked = questions(page);
      await enter(page, 'jane@no-mail-please.org');
      await page.getByText(noAnswer).waitFor();
      expect(asked).toHaveLength(1);
      expect(await page.locator('.presend').count()).toBe(1);
    });

    test('the language is that of the page', async ({ atSite: page }) => {
      await openForm(page, 'Uncontrolled');
      await page.evaluate('document.documentElement.lang = "de-AT"');
      await enter(page, 'jane@gmial.com');
      await page.getByRole('button', { name: 'Meinten Sie jane@gmail.com?' }).waitFor();
      expect(await page.getByRole('alert').getAttribute('lang')).toBe('de');
    });

    test('axe finds no violation, before and after', async ({ atSite: page }) => {
      await openForm(page, 'Uncontrolled');
      await page.evaluate(
        'document.querySelector("main").prepend(Object.assign(document.createElement("h1"), { textContent: "Join" }))',
      );
      await page.evaluate(axe.source);
      const violations = async () =>
        (await page.evaluate<import('axe-core').AxeResults>('axe.run()')).violations.map(({ id }) => id);
      expect(await violations()).toEqual([]);
      await enter(page, 'jane@gmial.com');
      await suggestion(page).waitFor();
      expect(await violations()).toEqual([]);
    });

    test('what the server rendered is taken over without a complaint', async ({ atSite: page }) => {
      const { rendered } = await import(`${app}server.tsx`);
      const { origin } = new URL(page.url());
      for (const form of ['Uncontrolled', 'Controlled', 'Hooked']) {
        const inside: string = rendered(form, origin);
        expect(inside).toMatch(/<label for="[^"]+">E-mail<\/label>/);
        const site = await openForm(page, form, { inside });
        await enter(page, 'jane@gmial.com');
        await page.getByText('Did you mean jane@gmail.com?').waitFor();
        expect(site.complaints).toEqual([]);
        page.removeAllListeners();
      }
    });

    describe('the hook', () => {
      const state = async (page: Page) => JSON.parse((await page.locator('output').textContent())!);
      const idle = {
        status: 'idle',
        decision: 'allow',
        message: '',
        suggestion: null,
        suggestionText: '',
        token: null,
      };

      test('goes from idle to checking to the answer, and back with the next key', async ({
        atSite: page,
      }) => {
        await openForm(page, 'Hooked');
        const service = await slowService(page);
        expect(await state(page)).toEqual(idle);
        await email(page).fill('jane@gmial.com');
        await expect.poll(() => state(page)).toEqual({ ...idle, status: 'checking' });
        await service.answer();
        await expect
          .poll(() => state(page))
          .toEqual({
            status: 'answered',
            decision: 'block',
            message: noAnswer,
            suggestion: 'jane@gmail.com',
            suggestionText: 'Did you mean jane@gmail.com?',
            token: null,
            reason: 'domain_typo',
          });
        await email(page).fill('jane@gmial.co');
        expect(await state(page)).toMatchObject({ decision: 'allow', message: '', suggestion: null });
      });

      test('an answer that allows has nothing to say', async ({ atSite: page }) => {
        await openForm(page, 'Hooked');
        await withTokens(page);
        await email(page).fill(' info@brisk-otter.com ');
        await expect
          .poll(() => state(page))
          .toEqual({
            ...idle,
            status: 'answered',
            reason: 'role_account',
            token: 'token of info@brisk-otter.com',
          });
      });

      test('without an answer it is unavailable, and allows', async ({ atSite: page }) => {
        await openForm(page, 'Hooked');
        await page.route('**/v1/validate', (route) => route.abort());
        await email(page).fill('jane@gmial.com');
        await expect.poll(() => state(page)).toEqual({ ...idle, status: 'unavailable' });
      });

      test('a half typed address is checked when the form asks for it', async ({ atSite: page }) => {
        await openForm(page, 'Hooked');
        const asked = questions(page);
        await email(page).fill('jane');
        await join(page).click();
        await expect.poll(() => notes(page)).toEqual(['submit block']);
        expect(await state(page)).toMatchObject({ reason: 'syntax_error' });
        expect(asked).toHaveLength(1);
      });

      test('while it is off it asks nothing', async ({ atSite: page }) => {
        await openForm(page, 'Hooked');
        const asked = questions(page);
        await page.getByRole('button', { name: 'Switch' }).click();
        await email(page).fill('jane@gmial.com');
        await page.getByRole('button', { name: 'Switch' }).click();
        await expect.poll(() => state(page)).toMatchObject({ reason: 'domain_typo' });
        expect(asked).toHaveLength(1);
      });
    });
  },
);

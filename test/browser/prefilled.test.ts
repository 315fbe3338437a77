// The widget and addresses that nobody typed: prefilled by the page, a script or the browser, and inputs that come and go.

import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';
import { bundled, joinForm, openSite, questions, withTokens } from './site.ts';

const dead = 'jane@no-mail-please.org';
const input = (value = '') =>
  `<label for="email">E-mail</label> <input id="email" name="email" type="email" value="${value}"><label>Name <input id="name" name="name"></label>`;
const set = (more = '') =>
  `{ const input = document.querySelector('#email'); input.value = '${dead}'; ${more} }`;
/** A widget that waits longer than a busy machine takes to answer. */
const patient = { script: 'data-timeout="60000"' };
const join = (page: Page) => page.getByRole('button', { name: 'Join' }).click();

describe.skipIf(skipWithoutBrowser('the tests of prefilled forms in Chromium'))(
  'an address that nobody typed is checked before the form is sent',
  { concurrent: true, timeout: 60_000 },
  () => {
    const test = scene();

    test.for<[string, string, (page: Page) => Promise<unknown>]>([
      ['prefilled by the page, sent with the button', input(dead), join],
      [
        'prefilled by the page, sent with Enter in another field',
        input(dead),
        (page) => page.press('#name', 'Enter'),
      ],
      ['prefilled by a script before the widget loads', `${input()}<script>${set()}</script>`, join],
      [
        'set by a script without an event',
        input(),
        async (page) => {
          await page.evaluate(set());
          await join(page);
        },
      ],
      ['set and sent by a script', input(), (page) => page.evaluate(set('input.form.requestSubmit();'))],
      [
        'filled in by the browser, without focus',
        input(),
        async (page) => {
          await page.evaluate(set(`input.dispatchEvent(new Event('change', { bubbles: true }));`));
          await join(page);
        },
      ],
      [
        'in a shadow root that nobody entered',
        `<div><template shadowrootmode="open">${joinForm(input(dead))}</template></div>`,
        join,
      ],
    ])('%s', async ([, body, send], { page }) => {
      const site = await openSite(page, body.includes('<form') ? body : joinForm(body), patient);
      const asked = questions(page);
      await send(page);
      await page.getByText('This domain accepts no email.').waitFor();
      expect(asked.map((request) => request.postDataJSON())).toEqual([{ email: dead }]);
      expect(site.sent).toEqual([]);
    });

    test('a field of that name does not disturb the widget', async ({ page }) => {
      const site = await openSite(page, joinForm(`${input(dead)}<input name="elements" value="x">`), patient);
      await join(page);
      await page.getByText('This domain accepts no email.').waitFor();
      expect([site.sent, site.complaints]).toEqual([[], []]);
    });

    test('an input that React removes takes its token and its message along', async ({ page }) => {
      const source = `
      import { createElement as h, useState } from 'react';
      import { createRoot } from 'react-dom/client';
      function Join() {
        const [shown, setShown] = useState(true);
        const [email, setEmail] = useState('jane@hotmial.com');
        return h('form', { method: 'post', action: '/join' },
          shown && h('input', { id: 'email', name: 'email', type: 'email', value: email, onChange: (event) => setEmail(event.target.value) }),
          h('button', { type: 'button', onClick: () => setShown(!shown) }, 'Toggle'), h('button', null, 'Join'));
      }
      createRoot(document.querySelector('main')).render(h(Join));`;
      const content = await bundled(source);
      const site = await openSite(page, '<main></main>', patient);
      await withTokens(page);
      await page.addScriptTag({ content });
      const token = page.locator('input[name=presend_token]');
      const toggle = () => page.getByRole('button', { name: 'Toggle' }).click();
      for (let round = 0; round < 2; round++) {
        await page.locator('#email').focus();
        await page.locator('#email').blur();
        await token.waitFor({ state: 'attached' });
        await page.getByText('Did you mean').waitFor();
        await toggle();
        await token.waitFor({ state: 'detached' });
        expect(await page.locator('.presend').count()).toBe(0);
        await toggle();
      }
      await page.fill('#email', 'jane@brisk-otter.com');
      await page.press('#email', 'Enter');
      await page.getByRole('heading', { name: 'Welcome' }).waitFor();
      expect(site.sent.map((form) => form.getAll('presend_token'))).toEqual([
        ['token of jane@brisk-otter.com'],
      ]);
    });
  },
);

describe.skipIf(skipWithoutBrowser('the tests of the widget’s warnings in Chromium'))(
  'a mistake of the site',
  { timeout: 60_000 },
  () => {
    const test = scene();
    const warnings = (page: Page): string[] => {
      const found: string[] = [];
      page.on('console', (message) => message.type() === 'warning' && found.push(message.text()));
      return found;
    };

    test('in a policy is named in the console, once', async ({ page }) => {
      const found = warnings(page);
      await openSite(
        page,
        joinForm('<label>E-mail <input type="email" data-presend-policy="null_mx=stop"></label>'),
        {
          script: `${patient.script} data-policy="disposable=block role_account=warn"`,
        },
      );
      for (const address of ['jane@gmial.com', 'jane@hotmial.com']) {
        const answer = page.waitForResponse('**/v1/validate');
        await page.getByLabel('E-mail').fill(address);
        await page.getByLabel('E-mail').blur();
        await answer;
      }
      await page.getByText('Did you mean jane@hotmail.com?').waitFor();
      expect(found).toEqual([
        expect.stringMatching(
          /^presend: policy disposable=block: unknown reason\. Reasons: .*disposable_domain/,
        ),
        'presend: policy null_mx=stop: use allow, warn or block',
      ]);
    });

    test('a missing key on a page of another origin is named in the console', async ({ page, url }) => {
      const found = warnings(page);
      await openSite(page, joinForm('<label>E-mail <input type="email" name="email"></label>'), {
        script: `${patient.script} data-endpoint="${url.replace('127.0.0.1', 'localhost')}/v1/validate"`,
      });
      await page.getByLabel('E-mail').fill('jane@gmial.com');
      await page.getByLabel('E-mail').blur();
      await expect
        .poll(() => found)
        .toEqual(['presend: pages of another origin need a publishable key: set `key` or data-key']);
    });
  },
);

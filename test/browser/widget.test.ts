// The widget in the forms of somebody's site, in a real browser before the real service.

import type { Locator, Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';
import { bundled, emailInput, joinForm, openSite, questions, slowService, withTokens } from './site.ts';

const status = (page: Page): Locator => page.getByRole('status');
const email = (page: Page): Locator => page.getByLabel('E-mail');
const suggestion = (page: Page): Locator => page.getByRole('button', { name: /^Did you mean/ });
const arrived = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Welcome' }).waitFor();
const describedBy = (page: Page): Promise<string | null> => email(page).getAttribute('aria-describedby');

/** Types as a person does and leaves the field. */
async function enter(page: Page, address: string): Promise<void> {
  await email(page).fill(address);
  await email(page).blur();
}

/** From then on the page's time passes only when the test says so. */
async function stopClock(page: Page): Promise<void> {
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(3_600_000);
}

/** Until the widget has its answer for what stands in the field. */
const answered = async (page: Page, act: () => Promise<void>): Promise<void> => {
  const answer = page.waitForResponse('**/v1/validate');
  await act();
  await (await answer).finished();
};

describe.skipIf(skipWithoutBrowser('the tests of the form widget in Chromium'))(
  'the form widget',
  { concurrent: true, timeout: 60_000 },
  () => {
    const test = scene();
    const testAlone = test.extend({ alone: true });

    describe('with the keyboard alone', () => {
      test('a misspelling is shown, corrected with its button and submitted', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput));
        await page.keyboard.press('Tab');
        await page.keyboard.type('jane@gmial.com');
        await page.keyboard.press('Tab');
        await suggestion(page).waitFor();
        expect(await email(page).inputValue()).toBe('jane@gmial.com');
        expect(await email(page).getAttribute('aria-invalid')).toBe('true');
        expect(await status(page).textContent()).toBe(
          'This domain accepts no email. Did you mean jane@gmail.com?',
        );

        // The button comes behind the input and before the one that sends.
        await page.keyboard.press('Shift+Tab');
        expect(await page.evaluate('document.activeElement.textContent')).toBe(
          'Did you mean jane@gmail.com?',
        );
        await answered(page, () => page.keyboard.press('Enter'));
        expect(await email(page).inputValue()).toBe('jane@gmail.com');
        expect(await page.evaluate('document.activeElement.id')).toBe('email');
        expect(await email(page).getAttribute('aria-invalid')).toBe(null);
        expect(await status(page).textContent()).toBe('');

        await page.keyboard.press('Enter');
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40gmail.com']);
        expect(site.complaints).toEqual([]);
      });

      test('an address that accepts no mail blocks the form until it is changed', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput));
        await page.keyboard.press('Tab');
        await page.keyboard.type('jane@no-mail-please.org');
        await page.keyboard.press('Enter');
        await page.getByText('This domain accepts no email.').waitFor();
        const validity = 'document.querySelector("#email").validationMessage';
        expect(await page.evaluate(validity)).toBe('This domain accepts no email.');
        await page.keyboard.press('Enter');
        expect(site.sent).toEqual([]);

        await page.keyboard.press('ControlOrMeta+A');
        await page.keyboard.type('jane@brisk-otter.com');
        expect(await page.evaluate(validity)).toBe('');
        expect(await status(page).textContent()).toBe('');
        await page.keyboard.press('Enter');
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40brisk-otter.com']);
      });

      test('a warning that arrives while the form waits is shown once, and the next Enter submits', async ({
        page,
      }) => {
        const site = await openSite(page, joinForm(emailInput));
        await page.keyboard.press('Tab');
        await page.keyboard.type('jane@hotmial.com');
        await page.keyboard.press('Enter');
        await suggestion(page).waitFor();
        expect(await email(page).getAttribute('aria-invalid')).toBe(null);
        expect(site.sent).toEqual([]);
        await page.keyboard.press('Enter');
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40hotmial.com']);
      });
    });

    describe('the form is submitted when the service fails', () => {
      testAlone('slow: the form waits and says so', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput));
        // Otherwise a slow machine reaches the end of the form's patience.
        await stopClock(page);
        const service = await slowService(page);
        const asked = page.waitForRequest('**/v1/validate');
        await email(page).fill('jane@brisk-otter.com');
        await email(page).press('Enter');
        await asked;
        expect(await status(page).textContent()).toBe('Checking…');
        // Impatience changes nothing.
        await email(page).press('Enter');
        expect(site.sent).toEqual([]);
        await service.answer();
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40brisk-otter.com']);
      });

      testAlone('hanging: the form goes after two and a half seconds, and not before', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput));
        await stopClock(page);
        await slowService(page);
        const asked = page.waitForRequest('**/v1/validate');
        await email(page).fill('jane@gmial.com');
        await email(page).press('Enter');
        await asked;
        await page.clock.runFor(2499);
        expect(await status(page).textContent()).toBe('Checking…');
        expect(site.sent).toEqual([]);
        await page.clock.runFor(1);
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40gmial.com']);
      });

      testAlone(
        'hanging from the blur on: the submit waits for the rest of the time only',
        async ({ page }) => {
          const site = await openSite(page, joinForm(emailInput));
          await stopClock(page);
          await slowService(page);
          const asked = page.waitForRequest('**/v1/validate');
          await enter(page, 'jane@gmial.com');
          await asked;
          await page.clock.runFor(2500);
          await page.getByRole('button', { name: 'Join' }).click();
          await arrived(page);
          expect(site.sent.map(String)).toEqual(['email=jane%40gmial.com']);
        },
      );

      test.for([401, 403, 422, 429, 500, 503])('answering %i', async (code, { page }) => {
        const site = await openSite(page, joinForm(emailInput));
        await page.route('**/v1/validate', (route) =>
          route.fulfill({ status: code, json: { result: 'undeliverable', reason: 'null_mx' } }),
        );
        await email(page).fill('jane@no-mail-please.org');
        await email(page).press('Enter');
        await arrived(page);
        expect(site.sent).toHaveLength(1);
      });

      test.for([
        ['HTML instead of JSON', '<h1>Welcome to our Wi-Fi</h1>'],
        ['JSON that is no verdict', '{"ok":true}'],
        ['null', 'null'],
        ['half an answer', '{"result":"unde'],
      ])('answering %s', async ([, body], { page }) => {
        const site = await openSite(page, joinForm(emailInput));
        await page.route('**/v1/validate', (route) => route.fulfill({ body: body! }));
        await email(page).fill('jane@no-mail-please.org');
        await email(page).press('Enter');
        await arrived(page);
        expect(site.sent).toHaveLength(1);
      });

      test('unreachable service', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput));
        await page.route('**/v1/validate', (route) => route.abort());
        await email(page).fill('jane@no-mail-please.org');
        await email(page).press('Enter');
        await arrived(page);
        expect(site.sent).toHaveLength(1);
      });

      test('blocked by the page’s Content-Security-Policy', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput), {
          csp: "script-src 'self'; connect-src 'none'",
        });
        await email(page).fill('jane@no-mail-please.org');
        await email(page).press('Enter');
        await arrived(page);
        expect(site.sent).toHaveLength(1);
      });

      test('the script itself is missing', async ({ page }) => {
        await page.route('**/presend.js', (route) => route.abort());
        const site = await openSite(page, joinForm(emailInput));
        await email(page).fill('jane@no-mail-please.org');
        await email(page).press('Enter');
        await arrived(page);
        expect(site.sent).toHaveLength(1);
      });

      test.for(['', 'data-policy="dns_undetermined=block"'])(
        'what could not be determined goes, whatever the site asks: %s',
        async (script, { page }) => {
          const site = await openSite(page, joinForm(emailInput), { script });
          await answered(page, () => enter(page, 'jane@broken-zone.org'));
          expect(await email(page).getAttribute('aria-invalid')).toBe(null);
          await page.getByRole('button', { name: 'Join' }).click();
          await arrived(page);
          expect(site.sent).toHaveLength(1);
        },
      );
    });

    describe('asks', () => {
      testAlone(
        'after a pause in typing, about a whole address only, and about each once',
        async ({ page }) => {
          await openSite(page, joinForm(emailInput));
          await stopClock(page);
          const asked = questions(page);
          await email(page).pressSequentially('jane@gmial');
          await page.clock.runFor(10_000);
          expect(asked).toEqual([]);
          await email(page).pressSequentially('.com');
          await page.clock.runFor(699);
          await page.evaluate(`fetch('/healthz')`);
          expect(asked).toEqual([]);
          await page.clock.runFor(1);
          await suggestion(page).waitFor();
          await email(page).blur();
          await email(page).focus();
          await email(page).blur();
          expect(asked.map((request) => request.postDataJSON())).toEqual([{ email: 'jane@gmial.com' }]);
        },
      );

      testAlone('with the publishable key of the tag, and without cookies', async ({ page }) => {
        await openSite(page, joinForm(emailInput), { script: 'data-key="pk_of_this_site"' });
        await page.context().addCookies([{ name: 'session', value: 'secret', url: page.url() }]);
        const asked = page.waitForRequest('**/v1/validate');
        await enter(page, 'jane@brisk-otter.com');
        const headers = await (await asked).allHeaders();
        expect(headers['authorization']).toBe('Bearer pk_of_this_site');
        expect(headers['cookie']).toBeUndefined();
      });

      test('ignores a late answer if the address has changed', async ({ page }) => {
        await openSite(page, joinForm(emailInput));
        const service = await slowService(page);
        const asked = questions(page);
        const failed = page.waitForEvent('requestfailed');
        await enter(page, 'jane@no-mail-please.org');
        await expect.poll(() => asked.length).toBe(1);
        await enter(page, 'jane@gmial.com');
        expect((await failed).postDataJSON()).toEqual({ email: 'jane@no-mail-please.org' });
        await expect.poll(() => asked.length).toBe(2);
        await service.answer();
        await suggestion(page).waitFor();
        expect(await status(page).textContent()).toContain('jane@gmail.com');
      });

      test('does not submit an address that changed while the form waited', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput));
        const service = await slowService(page);
        const asked = questions(page);
        await email(page).fill('jane@brisk-otter.co');
        await email(page).press('Enter');
        await expect.poll(() => asked.length).toBe(1);
        await email(page).pressSequentially('m');
        await email(page).press('Enter');
        await expect.poll(() => asked.length).toBe(2);
        await service.answer();
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40brisk-otter.com']);
      });
    });

    describe('does not interfere with the page', () => {
      test('keeps the page’s description of the input', async ({ page }) => {
        await openSite(page, joinForm(emailInput.replace('aria-d', 'aria-invalid="false" aria-d')));
        await email(page).focus();
        const id = await status(page).getAttribute('id');
        expect(await describedBy(page)).toBe(`hint ${id}`);
        await enter(page, 'jane@gmial.com');
        await suggestion(page).waitFor();
        expect(await email(page).getAttribute('aria-invalid')).toBe('true');
        await email(page).fill('jane');
        expect(await email(page).getAttribute('aria-invalid')).toBe('false');
        expect(await describedBy(page)).toBe(`hint ${id}`);
      });

      test('keeps a custom validity that the page set', async ({ page }) => {
        await openSite(page, joinForm(emailInput));
        const input = 'document.querySelector("#email")';
        await enter(page, 'jane@gmial.com');
        await suggestion(page).waitFor();
        await page.evaluate(`${input}.setCustomValidity('Members only.')`);
        await email(page).fill('jane@brisk-otter.com');
        expect(await page.evaluate(`${input}.validationMessage`)).toBe('Members only.');
      });

      test('an input inside its label keeps its accessible name', async ({ page }) => {
        await openSite(page, joinForm('<label>E-mail <input name="email" type="email"></label>'));
        await enter(page, 'jane@gmial.com');
        await suggestion(page).waitFor();
        expect(await page.getByRole('textbox', { name: 'E-mail', exact: true }).count()).toBe(1);
      });

      test('shows messages in the element that the page names', async ({ page }) => {
        const input = emailInput.replace('type', 'data-presend-status="words" type');
        await openSite(page, `${joinForm(input)}<div id="words"></div>`);
        await enter(page, 'jane@gmial.com');
        await page.locator('#words button').waitFor();
      });

      test('a strict Content-Security-Policy with Trusted Types is not touched', async ({ page }) => {
        const csp =
          "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; " +
          "require-trusted-types-for 'script'; trusted-types 'none'";
        const site = await openSite(page, joinForm(emailInput), { csp });
        await enter(page, 'jane@gmial.com');
        await suggestion(page).waitFor();
        const decoration = 'getComputedStyle(document.querySelector(".presend button")).textDecorationLine';
        expect(await page.evaluate(decoration)).toBe('underline');
        await answered(page, () => suggestion(page).click());
        await page.getByRole('button', { name: 'Join' }).click();
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40gmail.com']);
        expect(site.complaints).toEqual([]);
      });

      test('submit listeners run once, when the form is submitted', async ({ page }) => {
        await openSite(page, joinForm(emailInput));
        await page.evaluate(`
          globalThis.heard = 0;
          document.querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); heard++; })`);
        const service = await slowService(page);
        const asked = page.waitForRequest('**/v1/validate');
        await email(page).fill('jane@brisk-otter.com');
        await email(page).press('Enter');
        await asked;
        expect(await page.evaluate('heard')).toBe(0);
        await service.answer();
        await page.waitForFunction('heard > 0');
        expect(await page.evaluate('heard')).toBe(1);
        expect(await status(page).textContent()).toBe('');
      });

      test('a form with novalidate is still blocked by a blocking verdict', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput, 'novalidate'));
        await email(page).fill('jane@no-mail-please.org');
        await email(page).press('Enter');
        await page.getByText('This domain accepts no email.').waitFor();
        await page.getByRole('button', { name: 'Join' }).click();
        expect(await page.evaluate('document.activeElement.id')).toBe('email');
        expect(site.sent).toEqual([]);
      });

      test('a button with formnovalidate submits at once', async ({ page }) => {
        const draft = '<button formnovalidate name="draft" value="yes">Save draft</button>';
        const site = await openSite(page, joinForm(emailInput + draft));
        await enter(page, 'jane@gmial.com');
        await suggestion(page).waitFor();
        await page.getByRole('button', { name: 'Save draft' }).click();
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40gmial.com&draft=yes']);
      });

      test('submits with the button that was pressed', async ({ page }) => {
        const plan =
          '<button name="plan" value="free">Free</button><button name="plan" value="team">Team</button>';
        const site = await openSite(page, joinForm(emailInput + plan));
        const service = await slowService(page);
        const asked = questions(page);
        await email(page).fill('jane@brisk-otter.com');
        await page.getByRole('button', { name: 'Team' }).click();
        await expect.poll(() => asked.length).toBe(1);
        await service.answer();
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40brisk-otter.com&plan=team']);
      });

      test('resetting a form clears all messages', async ({ page }) => {
        await openSite(page, joinForm(`${emailInput}<button type="reset">Clear</button>`));
        await enter(page, 'jane@gmial.com');
        await suggestion(page).waitFor();
        await page.getByRole('button', { name: 'Clear' }).click();
        expect(await status(page).textContent()).toBe('');
        expect(await email(page).getAttribute('aria-invalid')).toBe(null);
        await enter(page, 'jane@gmial.com');
        await suggestion(page).waitFor();
      });
    });

    describe('finds inputs', () => {
      const other = '<label for="other">Colleague</label> <input id="other" name="other" type="email">';

      test('several fields, each with its own message', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput + other));
        await enter(page, 'jane@gmial.com');
        await page.getByText('jane@gmail.com').waitFor();
        await page.getByLabel('Colleague').fill('joe@no-mail-please.org');
        await page.getByRole('button', { name: 'Join' }).focus();
        await page.getByText('This domain accepts no email.').nth(1).waitFor();
        expect(await status(page).allTextContents()).toEqual([
          'This domain accepts no email. Did you mean jane@gmail.com?',
          'This domain accepts no email.',
        ]);
        await answered(page, () => suggestion(page).click());
        await page.getByRole('button', { name: 'Join' }).click();
        expect(site.sent).toEqual([]);
        await page.getByLabel('Colleague').fill('joe@brisk-otter.com');
        await page.getByRole('button', { name: 'Join' }).click();
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40gmail.com&other=joe%40brisk-otter.com']);
      });

      test('fields added later, and text fields that opt in', async ({ page }) => {
        await openSite(page, '<main></main>');
        const markup = '<label>E-mail <input data-presend></label>';
        await page.evaluate(`document.querySelector('main').innerHTML = '${markup}'`);
        await enter(page, 'jane@gmial.com');
        await suggestion(page).waitFor();
      });

      test('no fields that opt out or accept several addresses', async ({ page }) => {
        const asked = questions(page);
        await openSite(
          page,
          joinForm(
            `<label>Off <input type="email" data-presend="off"></label>
           <label>Many <input type="email" multiple></label>${emailInput}`,
          ),
        );
        await page.getByLabel('Off').fill('jane@gmial.com');
        await page.getByLabel('Many').fill('joe@gmial.com');
        await enter(page, 'jim@gmial.com');
        await suggestion(page).waitFor();
        expect(asked.map((request) => request.postDataJSON())).toEqual([{ email: 'jim@gmial.com' }]);
      });

      test('the field that has the focus when the script loads', async ({ page }) => {
        await openSite(page, joinForm(emailInput.replace('type', 'autofocus type')));
        await expect.poll(() => describedBy(page)).toMatch(/^hint presend-/);
      });

      const shadowForm = (mode: string, attach: string): string =>
        `<div id="host"></div><script>
        const root = document.querySelector('#host').attachShadow({ mode: '${mode}' });
        root.innerHTML = ${JSON.stringify(joinForm(emailInput + other))};
        addEventListener('load', () => { ${attach} });
      </script>`;

      test('fields in an open shadow root', async ({ page }) => {
        const site = await openSite(page, shadowForm('open', ''), { script: 'data-pause="3600000"' });
        await email(page).focus();
        await email(page).fill('jane@brisk-otter.com');
        // This focus moves within the root, which is not heard of outside.
        await page.getByLabel('Colleague').focus();
        await page.getByLabel('Colleague').fill('joe@gmial.com');
        await page.getByRole('button', { name: 'Join' }).focus();
        await suggestion(page).waitFor();
        const decoration =
          'getComputedStyle(document.querySelector("#host").shadowRoot.querySelector(".presend button")).textDecorationLine';
        expect(await page.evaluate(decoration)).toBe('underline');
        await answered(page, () => suggestion(page).click());
        await page.getByRole('button', { name: 'Join' }).click();
        await arrived(page);
        expect(site.sent.map(String)).toEqual(['email=jane%40brisk-otter.com&other=joe%40gmail.com']);
      });

      test('fields in a closed shadow root that is passed to attach', async ({ page }) => {
        await openSite(
          page,
          shadowForm(
            'closed',
            'presend.attach(root); globalThis.words = () => root.querySelector(".presend")?.textContent',
          ),
        );
        await page.keyboard.press('Tab');
        await page.keyboard.type('jane@gmial.com');
        await page.keyboard.press('Tab');
        await page.waitForFunction('globalThis.words()?.includes("Did you mean jane@gmail.com?")');
      });

      test('an input that React controls, including its state after a suggestion', async ({ page }) => {
        const source = `
        import { createElement as h, useState } from 'react';
        import { createRoot } from 'react-dom/client';
        function Join() {
          const [email, setEmail] = useState('');
          const [sent, setSent] = useState('');
          return h('form', { onSubmit: (event) => { event.preventDefault(); setSent(email); } },
            h('label', { htmlFor: 'email' }, 'E-mail'),
            h('input', { id: 'email', type: 'email', value: email, onChange: (event) => setEmail(event.target.value) }),
            h('output', null, 'State: ' + email), h('p', null, 'Sent: ' + sent), h('button', null, 'Join'));
        }
        createRoot(document.querySelector('main')).render(h(Join));`;
        const content = await bundled(source);
        const site = await openSite(page, '<main></main>');
        await page.addScriptTag({ content });
        await enter(page, 'jane@gmial.com');
        await suggestion(page).click();
        await page.getByText('State: jane@gmail.com').waitFor();
        expect(await email(page).inputValue()).toBe('jane@gmail.com');
        await email(page).press('Enter');
        await page.getByText('Sent: jane@gmail.com').waitFor();
        expect(site.complaints).toEqual([]);
      });
    });

    describe('leaves the decision to the site', () => {
      test('reason by reason, for the page and for a field', async ({ page }) => {
        const mild = '<label>Mild <input type="email" data-presend-policy="null_mx=allow"></label>';
        await openSite(page, joinForm(emailInput + mild), {
          script: 'data-policy="role_account=block, null_mx=warn"',
        });
        await enter(page, 'info@brisk-otter.com');
        await page.getByText('Email may not arrive.').waitFor();
        expect(await email(page).getAttribute('aria-invalid')).toBe('true');
        await enter(page, 'jane@no-mail-please.org');
        await page.getByText('This domain accepts no email.').waitFor();
        expect(await email(page).getAttribute('aria-invalid')).toBe(null);
        await answered(page, async () => {
          await page.getByLabel('Mild').fill('joe@no-mail-please.org');
          await page.getByLabel('Mild').blur();
        });
        expect(await status(page).allTextContents()).toEqual(['This domain accepts no email.', '']);
      });

      test('with the event for each verdict, whose default can be prevented', async ({ page }) => {
        const site = await openSite(page, joinForm(emailInput));
        await page.evaluate(`
        globalThis.heard = [];
        document.addEventListener('presend:verdict', (event) => {
          heard.push([event.target.id, event.detail.verdict.reason, event.detail.decision]);
          event.preventDefault();
        })`);
        await answered(page, () => enter(page, 'jane@no-mail-please.org'));
        await page.waitForFunction('heard.length === 1');
        expect(await page.evaluate('heard')).toEqual([['email', 'null_mx', 'block']]);
        expect(await status(page).textContent()).toBe('');
        await page.getByRole('button', { name: 'Join' }).click();
        await arrived(page);
        expect(site.sent).toHaveLength(1);
      });

      test('with an event when there is no verdict', async ({ page }) => {
        await openSite(page, joinForm(emailInput));
        await page.route('**/v1/validate', (route) => route.abort());
        await page.evaluate(
          `addEventListener('presend:unavailable', ({ target }) => { globalThis.heard = target.id })`,
        );
        await enter(page, 'jane@brisk-otter.com');
        await page.waitForFunction('globalThis.heard === "email"');
      });
    });

    describe('shows texts and sends tokens', () => {
      test.for([
        ['de', 'Diese Domain nimmt keine E-Mails an. Meinten Sie jane@gmail.com?'],
        ['fr-CA', 'Ce domaine ne reçoit pas d’e-mails. Vouliez-vous dire jane@gmail.com ?'],
        ['ja', 'このドメインではメールを受信できません。 jane@gmail.com ではありませんか？'],
        ['tlh', 'This domain accepts no email. Did you mean jane@gmail.com?'],
      ] as const)('the language of the page: %s', async ([lang, words], { page }) => {
        await openSite(page, joinForm(emailInput), { lang });
        await enter(page, 'jane@gmial.com');
        await page.getByRole('button', { name: 'jane@gmail.com' }).waitFor();
        expect(await status(page).textContent()).toBe(words);
        expect(await status(page).getAttribute('lang')).toBe(lang === 'tlh' ? 'en' : lang.slice(0, 2));
      });

      test('the site’s own texts, by name and by reason, also in an unknown language', async ({ page }) => {
        await openSite(page, joinForm(emailInput), { lang: 'eo', script: 'data-manual' });
        await page.evaluate(`
        presend.texts.eo = { ...presend.texts.en, suggestion: 'Ĉu {}?' };
        presend.attach(document, { texts: { null_mx: 'Pick another, please.' } })`);
        await enter(page, 'jane@gmial.com');
        await page.getByRole('button', { name: 'Ĉu jane@gmail.com?' }).waitFor();
        await enter(page, 'jane@no-mail-please.org');
        await page.getByText('Pick another, please.').waitFor();
      });
    });

    test('puts the token into a hidden field, only with its own address', async ({ page }) => {
      const site = await openSite(page, joinForm(emailInput), { script: 'data-token="proof"' });
      await withTokens(page);
      const proof = page.locator('input[name=proof]');
      await enter(page, 'jane@brisk-otter.com');
      await proof.waitFor({ state: 'attached' });
      expect(await proof.inputValue()).toBe('token of jane@brisk-otter.com');
      await email(page).fill('joe@brisk-otter.com');
      expect(await proof.count()).toBe(0);
      await email(page).press('Enter');
      await arrived(page);
      expect(site.sent.map((form) => form.get('proof'))).toEqual(['token of joe@brisk-otter.com']);
    });

    test('works as a module, and detaches on request', async ({ page }) => {
      await openSite(page, joinForm(emailInput), { script: null });
      await page.evaluate(`import('/presend.mjs').then((presend) => { globalThis.end = presend.attach() })`);
      await enter(page, 'jane@gmial.com');
      await suggestion(page).waitFor();
      await page.evaluate('end()');
      expect(await page.locator('.presend').count()).toBe(0);
      expect(await describedBy(page)).toBe('hint');
      expect(await email(page).getAttribute('aria-invalid')).toBe(null);
      const asked = questions(page);
      await enter(page, 'jane@no-mail-please.org');
      // Requests are heard of in their order.
      await page.evaluate(`fetch('/healthz')`);
      expect(asked).toEqual([]);
    });

    test('shows one message if it is loaded twice', async ({ page }) => {
      await openSite(page, `${joinForm(emailInput)}<script src="/presend.js"></script>`);
      await enter(page, 'jane@gmial.com');
      await suggestion(page).waitFor();
      expect(await status(page).count()).toBe(1);
    });
  },
);

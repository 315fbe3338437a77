// The console in Chromium, as a list owner uses it: from a wrong file to a clean one, by keyboard, on any screen.

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';

const adminKey = 'an-admin-key-for-tests';

/** An export as Mailchimp writes it, with a misspelled domain and one that accepts no mail. */
const exported = `"Email Address","First Name",MEMBER_RATING,OPTIN_TIME,LAST_CHANGED
jane@brisk-otter.com,Jane,4,"2026-09-01 10:00:00","2026-11-01 10:00:00"
john@no-mail-please.org,John,2,"2026-09-01 10:00:00","2026-11-01 10:00:00"
ann@gmial.com,Ann,2,"2026-09-01 10:00:00","2026-11-01 10:00:00"
`;
const file = (name: string, text: string, mimeType: string) => ({
  name,
  mimeType,
  buffer: Buffer.from(text),
});

/** What axe-core finds wrong, best practices included, as `rule: element`. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<import('axe-core').AxeResults>('axe.run()');
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 80)}`));
}

/** Presses Tab until the element with this role and name has the focus. */
async function tabTo(page: Page, role: 'button' | 'textbox' | 'link', name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true });
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${role} ${name}`);
}

const signIn = async (page: Page, url: string) => {
  await page.goto(`${url}/console/sign-in`);
  await page.getByLabel('API key').fill(adminKey);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/console$/);
  await page.goto(`${url}/console/lists`);
};

describe.skipIf(skipWithoutBrowser('the tests of the console'))('the console', () => {
  const test = scene({ ADMIN_KEY: adminKey });
  const onOwnPage = test.extend({ alone: true });

  onOwnPage(
    'by keyboard alone: sign in, a wrong file first, then a list, then its clean file',
    async ({ page, url }) => {
      await page.goto(`${url}/console`);
      // The key field has the focus when the page opens.
      await page.keyboard.type('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('Unknown key').waitFor();
      await page.keyboard.type(adminKey);
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/console$/);
      await tabTo(page, 'link', 'Lists');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/console\/lists$/);

      const upload = async (chosen: ReturnType<typeof file>) => {
        await page.getByLabel(/^File/).setInputFiles(chosen);
        await tabTo(page, 'button', 'Upload and check');
        await page.keyboard.press('Enter');
      };
      await upload(file('logo.png', '\u0089PNG', 'image/png'));
      await page.getByRole('alert').getByText('no file with an accepted media type').waitFor();

      await tabTo(page, 'textbox', 'Name');
      await page.keyboard.type('Autumn newsletter');
      await upload(file('export.csv', exported, 'text/csv'));
      await page.getByRole('heading', { name: 'Autumn newsletter' }).waitFor();
      // The page shows the progress until the list is verified.
      await page.getByText('1 to mail').waitFor();

      await tabTo(page, 'link', 'Rows to mail, CSV');
      const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
      const clean = Buffer.concat(await (await download.createReadStream()).toArray()).toString();
      expect(clean).toContain('jane@brisk-otter.com');
      expect(clean).not.toMatch(/john@|ann@/);

      await tabTo(page, 'link', 'The whole report');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: /would bounce|expected to bounce/ }).waitFor();
    },
  );

  onOwnPage('a person who signed out is asked for a key again', async ({ page, url }) => {
    await signIn(page, url);
    await tabTo(page, 'button', 'Sign out');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sign-in/);
    await page.goto(`${url}/console/lists`);
    expect(page.url()).toContain('/console/sign-in?next=%2Fconsole%2Flists');
  });

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [320, 1280])
      onOwnPage(
        `axe finds nothing, and nothing is cut off: ${colorScheme}, ${width} px`,
        async ({ page, url }) => {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          const look = async (what: string) => {
            expect([what, await violations(page)]).toEqual([what, []]);
            const overflow = await page.evaluate(
              'document.documentElement.scrollWidth - document.documentElement.clientWidth',
            );
            expect([what, overflow]).toEqual([what, 0]);
          };
          await page.goto(`${url}/console/sign-in`);
          await look('sign in');
          await signIn(page, url);
          await look('lists');
          await page.getByLabel(/^File/).setInputFiles(file('x.csv', exported, 'text/csv'));
          await page.getByRole('button', { name: 'Upload and check' }).click();
          await page.getByText('1 to mail').waitFor();
          await look('a list');
          await page.goto(`${url}/console/lists`);
          await look('lists with a row');
        },
      );
});

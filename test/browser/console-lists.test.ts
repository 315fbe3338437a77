// Lists in the console in Chromium, as a list owner uses it: from a wrong file to a clean one, by keyboard, on any screen.

import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { zone } from '../http/zone.ts';
import { scene, skipWithoutBrowser } from './browser.ts';
import { consoleHosts } from './console-hosts.ts';
import { chooseFile, faultsOf, tabToControl } from './console-keyboard.ts';

const adminKey = 'an-admin-key-for-tests';

/** An export as Mailchimp writes it, with a misspelled domain and one that accepts no mail. */
const exported = `"Email Address","First Name",MEMBER_RATING,OPTIN_TIME,LAST_CHANGED
jane@brisk-otter.com,Jane,4,"2026-09-01 10:00:00","2026-11-01 10:00:00"
john@no-mail-please.org,John,2,"2026-09-01 10:00:00","2026-11-01 10:00:00"
ann@gmial.com,Ann,2,"2026-09-01 10:00:00","2026-11-01 10:00:00"
`;
const file = (name: string, text: string, mimeType = 'text/csv') => ({
  name,
  mimeType,
  buffer: Buffer.from(text),
});

const signIn = async (page: Page, url: string) => {
  await page.goto(`${url}/console/sign-in?next=/console/lists`);
  await page.getByLabel('API key').fill(adminKey);
  await page.keyboard.press('Enter');
  await page.waitForURL(({ pathname }) => pathname === '/console/lists');
};

const listField = /choose a file/;

const choose = (page: Page, chosen: ReturnType<typeof file>) =>
  page.getByLabel(listField).setInputFiles(chosen);

describe.skipIf(skipWithoutBrowser('the tests of lists in the console')).each(consoleHosts)(
  'lists in the console on $name',
  ({ start, looks }) => {
    const test = scene({ ADMIN_KEY: adminKey }, zone, start);
    const onOwnPage = test.extend({ alone: true });

    onOwnPage(
      'by keyboard alone: sign in, a wrong file first, then a list, its columns, a goal, and its clean file',
      async ({ page, url }) => {
        await page.goto(`${url}/console/lists`);
        // The browser gives the field the focus when it draws the page, which may be after the page is loaded.
        const keyField = page.locator('input[name=key]:focus');
        await keyField.waitFor();
        await page.keyboard.type('wrong');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').getByText('Unknown key').waitFor();
        await keyField.waitFor();
        await page.keyboard.type(adminKey);
        await page.keyboard.press('Enter');
        await page.waitForURL(({ pathname }) => pathname === '/console/lists');

        await chooseFile(page, listField, {
          name: 'offer.pdf',
          mimeType: 'application/pdf',
          text: '%PDF-1.7\n',
        });
        await page.getByRole('alert').getByText('The file is a PDF').waitFor();
        await chooseFile(page, listField, { name: 'empty.csv', text: '' });
        await page.getByRole('alert').getByText('The file is empty').waitFor();

        await chooseFile(page, listField, { name: 'Autumn newsletter.csv', text: exported });
        await page.getByRole('heading', { name: 'Autumn newsletter' }).waitFor();
        await page.getByRole('columnheader', { name: 'Address Email Address' }).waitFor();
        await tabToControl(page, 'textbox', 'Name of the list');
        await page.keyboard.press('End');
        await page.keyboard.type(' 2026');
        await tabToControl(page, 'button', 'Check the whole list');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Autumn newsletter 2026' }).waitFor();
        // The page shows the progress until the list is verified.
        await page.getByText('1 to mail').waitFor();

        await tabToControl(page, 'slider', /Fewer than/);
        await page.keyboard.press('End');
        await page.locator('#goal[aria-valuetext^="5%: "]').waitFor();
        await tabToControl(page, 'button', 'Download exactly these');
        const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
        expect(download.suggestedFilename()).toBe('Autumn-newsletter-2026-under-0.05.csv');
        const clean = Buffer.concat(await (await download.createReadStream()).toArray()).toString();
        expect(clean).toContain('jane@brisk-otter.com');
        expect(clean).not.toMatch(/john@|ann@/);

        await page.getByRole('cell', { name: 'ann@gmail.com' }).waitFor();
        await tabToControl(page, 'link', 'The whole report, to print or to send');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: /would bounce|expected to bounce/ }).waitFor();
      },
    );

    onOwnPage('a file that is dropped anywhere on the page is uploaded', async ({ page, url }) => {
      await signIn(page, url);
      await page.waitForLoadState();
      // A drop with a file, as the browser makes it: a script cannot be given one from outside.
      await page.evaluate(`setTimeout(() => {
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(exported)}], 'dropped.csv', { type: 'text/csv' }));
      document.querySelector('h1').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    })`);
      await page.getByRole('heading', { name: 'dropped' }).waitFor();
    });

    onOwnPage('a sample forecasts first, and the whole list follows', async ({ page, url }) => {
      await signIn(page, url);
      await choose(page, file('list.csv', exported));
      await page.getByRole('button', { name: 'Forecast from a sample first' }).click();
      await page.getByText('by a sample of 3 of 3 rows').waitFor();
      await page.getByRole('button', { name: 'Check the whole list' }).click();
      await page.getByRole('button', { name: 'Download exactly these' }).waitFor();
    });

    onOwnPage('a list that takes long is paused, goes on, and is cancelled', async ({ page, url }) => {
      await signIn(page, url);
      // The resolver does not answer questions about this domain, and the rows are too many for one slice of either host.
      const rows = Array.from({ length: 6500 }, (_, row) => `jane${row}@silent-zone.org`);
      await choose(page, file('slow.csv', ['email', ...rows].join('\n')));
      const button = (name: string) => page.getByRole('button', { name, exact: true });
      const state = (name: string) => page.locator('.state').getByText(name, { exact: true });
      await button('Check the whole list').click();
      await button('Pause').click();
      await state('Paused').waitFor();
      await button('Continue').click();
      await button('Pause').waitFor();
      await button('Cancel').click();
      await state('Cancelled').waitFor();
      expect(await button('Continue').count()).toBe(0);
    });

    onOwnPage('a checked list is kept to be checked again, and no longer', async ({ page, url }) => {
      await signIn(page, url);
      await choose(page, file('list.csv', exported));
      await page.getByRole('button', { name: 'Check the whole list' }).click();
      await page.getByRole('button', { name: 'Keep the list and check it again' }).click();
      await page.getByText(/is kept until \S+ and is checked again on/).waitFor();
      await page.getByRole('button', { name: 'Do not check again' }).click();
      await page.getByRole('button', { name: 'Keep the list and check it again' }).waitFor();
    });

    const withoutScripts = onOwnPage.extend({ options: { javaScriptEnabled: false } });
    withoutScripts(
      'without JavaScript, a list is uploaded, verified and downloaded, too',
      async ({ page, url }) => {
        await signIn(page, url);
        await choose(page, file('list.csv', exported));
        await page.getByRole('button', { name: 'Upload' }).click();
        await page.getByRole('button', { name: 'Check the whole list' }).click();
        await expect
          .poll(
            async () => {
              await page.reload();
              return page.getByRole('button', { name: 'Download exactly these' }).count();
            },
            { timeout: 20_000 },
          )
          .toBe(1);
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'Download exactly these' }).click(),
        ]);
        // No row of this list is safe enough for 2%, so the slider begins with the first share that has rows.
        expect(download.suggestedFilename()).toBe('list-under-0.0375.csv');
      },
    );

    onOwnPage('a connection that is lost during an upload is told', async ({ page, url }) => {
      await signIn(page, url);
      await page.route('**/console/lists', (route) => route.abort('connectionreset'));
      await choose(page, file('list.csv', exported));
      await page.getByRole('alert').getByText('The connection was lost').waitFor();
      await page.unrouteAll();
      await choose(page, file('list.csv', exported));
      await page.waitForURL(/job_/);
    });

    for (const { colorScheme, width } of looks)
      onOwnPage(
        `axe finds nothing, and nothing is cut off: ${colorScheme}, ${width} px`,
        async ({ page, url }) => {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          const look = async (what: string) => expect([what, await faultsOf(page)]).toEqual([what, []]);
          await signIn(page, url);
          await choose(page, file('offer.pdf', '%PDF-1.7\n', 'application/pdf'));
          await page.getByRole('alert').getByText('The file is a PDF').waitFor();
          await look('a wrong file');
          await choose(page, file('x.csv', exported));
          await page.waitForURL(/job_/);
          await look('the first rows');
          await page.getByRole('button', { name: 'Forecast from a sample first' }).click();
          await page.getByText('expected to bounce').waitFor();
          await look('a sample');
          await page.getByRole('button', { name: 'Check the whole list' }).click();
          // The page of the sample says what to mail, too.
          await page.getByRole('button', { name: 'Download exactly these' }).waitFor();
          for (const summary of await page.locator('summary').all()) await summary.click();
          await look('a report');
          await page
            .getByLabel(/The bounces that/)
            .setInputFiles(file('b.csv', 'email,status\njohn@no-mail-please.org,5.1.10\n'));
          await page.getByRole('button', { name: 'Compare' }).click();
          await page.getByText('could have been avoided').waitFor();
          await look('a comparison');
          await page.goto(`${url}/console/lists`);
          await look('lists with rows');
        },
      );
  },
);

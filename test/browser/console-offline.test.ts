// The console in Chromium without a network, and with a service that cannot be reached: every page says so, and nothing that was
// entered is lost.

import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { consoleAdminKey } from '../http/signed-in.ts';
import { zone } from '../http/zone.ts';
import { scene, skipWithoutBrowser } from './browser.ts';
import { consoleHosts } from './console-hosts.ts';
import { faultsOf } from './console-keyboard.ts';

const signIn = async (page: Page) => {
  await page.goto('/console/sign-in');
  await page.getByLabel('API key').fill(consoleAdminKey);
  await page.keyboard.press('Enter');
  await page.waitForURL(({ pathname }) => pathname === '/console');
};

const offline = 'You are offline.';
const notSent = 'The service cannot be reached, so nothing was sent.';

/** Every form that is sent, by its page: what is entered, and the button that sends it. */
const forms: readonly (readonly [path: string, field: string | null, text: string, button: string])[] = [
  ['suppressions/find', 'E-mail address', 'ann@brisk-otter.com', 'Find'],
  ['suppressions/add', 'Address to suppress', 'ann@brisk-otter.com', 'Suppress'],
  ['suppressions/incident', 'Campaign', 'spring', 'Count the entries'],
  ['bounces/events', 'Events of one address', 'ann@brisk-otter.com', 'Find'],
  ['bounces/gate', 'Campaign', 'spring', 'Ask'],
  ['domains', 'Domain in From', 'brisk-otter.com', 'Check'],
  ['connections/esp/postmark', null, '', 'Test the connection'],
  ['keys', 'What is it for?', 'CRM import', 'Make the key'],
  ['overrides', 'Domain', 'deny.example', 'Save'],
];

describe.skipIf(skipWithoutBrowser('the tests of the console offline')).each(consoleHosts)(
  'the console without a network, on $name',
  ({ start }) => {
    const test = scene({ ADMIN_KEY: consoleAdminKey }, zone, start).extend({ alone: true });

    test('a page says that it is offline for as long as it is, and keeps each form', async ({ page }) => {
      await signIn(page);
      for (const [path, field, text, button] of forms) {
        await page.goto(`/console/${path}`);
        const entered = field === null ? null : page.getByLabel(field, { exact: true });
        await entered?.fill(text);
        for (const time of await page.locator('input[type=datetime-local]').all())
          await time.fill('2026-11-01T10:00');
        await page.context().setOffline(true);
        await page.getByRole('alert').getByText(offline).waitFor();
        await page.getByRole('button', { name: button, exact: true }).click();
        await page.getByRole('alert').getByText(notSent).waitFor();
        expect(new URL(page.url()).pathname).toBe(`/console/${path}`);
        if (entered !== null) expect([path, await entered.inputValue()]).toEqual([path, text]);
        if (path === 'keys') expect(await faultsOf(page)).toEqual([]);
        await page.context().setOffline(false);
        await page.getByText(offline).waitFor({ state: 'hidden' });
      }
      // The last form goes when the service can be reached again.
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('status').getByText('deny.example is denied now.').waitFor();
    });

    test('signing in while the service cannot be reached keeps the key', async ({ page }) => {
      await page.goto('/console/sign-in');
      await page.route('**/healthz', (route) => route.abort('connectionrefused'));
      await page.getByLabel('API key').fill(consoleAdminKey);
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText(notSent).waitFor();
      await page.unrouteAll();
      await page.keyboard.press('Enter');
      await page.waitForURL(({ pathname }) => pathname === '/console');
    });

    test('a list that is chosen offline is refused, and uploaded later', async ({ page }) => {
      await signIn(page);
      await page.goto('/console/lists');
      const file = {
        name: 'a.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('email\njane@brisk-otter.com\n'),
      };
      await page.context().setOffline(true);
      await page.getByLabel(/choose a file/).setInputFiles(file);
      await page.getByRole('alert').getByText('The connection was lost').waitFor();
      await page.context().setOffline(false);
      await page.getByLabel(/choose a file/).setInputFiles(file);
      await page.waitForURL(/job_/);
    });

    test('the progress of a list says that it lost its connection, goes on, and says when it ended', async ({
      page,
      url,
    }) => {
      await signIn(page);
      const body = new FormData();
      body.append('file', new File(['email\njane@silent-zone.org\n'], 'a.csv', { type: 'text/csv' }));
      const headers = { authorization: `Bearer ${consoleAdminKey}` };
      const posted = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body });
      const { id } = (await posted.json()) as { id: string };
      // Its domain never answers, so the list is still unfinished when it is paused, and stays so.
      await fetch(`${url}/v1/jobs/${id}/pause`, { method: 'POST', headers });
      const streams = '**/v1/jobs/*/events';
      await page.route(streams, (route) => route.abort('connectionreset'));
      await page.goto(`/console/lists/${id}`);
      const progress = page.getByRole('region', { name: 'Progress' });
      await progress.getByText('The connection is lost.').waitFor();
      await page.unroute(streams);
      await page.route(streams, (route) => route.fulfill({ status: 401, body: '' }));
      await progress.getByText('The progress cannot be shown any longer.').waitFor();
      await page.unroute(streams);
      await page.reload();
      await progress.getByText(/rows checked/).waitFor();
    });
  },
);

// The console in Chromium, as a list owner uses it: from a wrong file to a clean one, by keyboard, on any screen.

import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { zone } from '../http/zone.ts';
import { nameOfService, scene, skipWithoutBrowser } from './browser.ts';
import { consoleHosts } from './console-hosts.ts';
import { faultsOf, tabToControl } from './console-keyboard.ts';

const adminKey = 'an-admin-key-for-tests';

const signIn = async (page: Page, url: string) => {
  await page.goto(`${url}/console/sign-in`);
  await page.getByLabel('API key').fill(adminKey);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/console$/);
  await page.goto(`${url}/console/lists`);
};

describe.skipIf(skipWithoutBrowser('the tests of the console')).each(consoleHosts)(
  'the console on $name',
  ({ start, looks }) => {
    const test = scene({ ADMIN_KEY: adminKey }, zone, start);
    const onOwnPage = test.extend({ alone: true });

    onOwnPage('a person who signed out is asked for a key again', async ({ page, url }) => {
      await signIn(page, url);
      await tabToControl(page, 'button', 'Sign out');
      await page.keyboard.press('Enter');
      await page.waitForURL(/sign-in/);
      await page.goto(`${url}/console/lists`);
      expect(page.url()).toContain('/console/sign-in?next=%2Fconsole%2Flists');
    });

    // Browsers trust 127.0.0.1 and localhost like HTTPS, and send Sec-Fetch-Site there. Elsewhere they do not by plain HTTP.
    onOwnPage('a person signs in and out by plain HTTP on a name', async ({ page, url }) => {
      await signIn(page, url.replace('127.0.0.1', nameOfService));
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await page.waitForURL(/sign-in/);
      expect(new URL(page.url()).hostname).toBe(nameOfService);
    });

    for (const { colorScheme, width } of looks)
      onOwnPage(
        `axe finds nothing, and nothing is cut off: ${colorScheme}, ${width} px`,
        async ({ page, url }) => {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          const look = async (what: string) => expect([what, await faultsOf(page)]).toEqual([what, []]);
          await page.goto(`${url}/console/sign-in`);
          await look('sign in');
          await signIn(page, url);
          await look('lists');
        },
      );
  },
);

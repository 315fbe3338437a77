// The console in Chromium, as an operator sets the service up: the first page, connections, keys, overrides, audit and health.

import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { zone } from '../http/zone.ts';
import { scene, skipWithoutBrowser } from './browser.ts';
import { consoleHosts } from './console-hosts.ts';
import { faultsOf, openArea, pressControl, pressSummary, tabToControl } from './console-keyboard.ts';

const adminKey = 'an-admin-key-for-tests';
const secret = 'a-secret-of-sixteen-or-more';

const signIn = async (page: Page) => {
  await page.goto('/console/sign-in');
  // The browser gives the field the focus when it draws the page, which may be after the page is loaded.
  await page.locator('input[name=key]:focus').waitFor();
  await page.keyboard.type(adminKey);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Set up presend' }).waitFor();
};

const bounce = (url: string, token: string) =>
  fetch(`${url}/v1/hooks/esp/postmark`, {
    method: 'POST',
    headers: { 'x-webhook-token': token },
    body: JSON.stringify({ RecordType: 'Bounce', Type: 'HardBounce', ID: 1, Email: 'jane@example.com' }),
  });

describe.skipIf(skipWithoutBrowser('the tests of the setup in the console')).each(consoleHosts)(
  'setting up in the console on $name',
  ({ start, looks }) => {
    const settings = { ADMIN_KEY: adminKey, ESP_POSTMARK_SHARED_SECRETS: secret };
    const onOwnPage = scene(settings, zone, start).extend({
      alone: true,
    });

    onOwnPage(
      'by keyboard alone: from the first page to a connected provider, and its first event',
      async ({ page, url }) => {
        await signIn(page);
        await pressControl(page, 'link', 'Test it');
        await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor();
        await pressControl(page, 'link', 'Postmark');

        await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
        await pressControl(page, 'button', 'Copy the URL');
        await page.getByRole('status').getByText('Copied').waitFor();
        expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${url}/v1/hooks/esp/postmark`);

        await pressControl(page, 'button', 'Test the connection');
        await page.getByText('It works: a bounce that is signed with your settings is accepted.').waitFor();

        expect((await bounce(url, secret)).status).toBe(200);
        await openArea(page, 'Connections');
        await page.getByText('Receives events').waitFor();
        await page.goto('/console');
        await page.getByRole('listitem').filter({ hasText: 'provider is connected (done)' }).waitFor();
      },
    );

    onOwnPage(
      'by keyboard alone: a key is made, rotated and revoked, and the audit has it',
      async ({ page }) => {
        await signIn(page);
        await openArea(page, 'Keys');
        await tabToControl(page, 'textbox', 'What is it for?');
        await page.keyboard.type('CRM import');
        await tabToControl(page, 'checkbox', /^Lists: upload/);
        await page.keyboard.press('Space');
        await pressControl(page, 'button', 'Make the key');
        await page.getByRole('heading', { name: 'Copy the key now' }).waitFor();
        const key = await page.locator('.copy code').textContent();
        expect(key).toMatch(/^sk_/);

        await pressControl(page, 'link', 'I have copied it');
        await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
        expect(await page.content()).not.toContain(key);
        await pressControl(page, 'link', 'CRM import');
        await page.getByText('No call in the last 30 days.').waitFor();
        await pressSummary(page, 'Rotate');
        await pressControl(page, 'button', 'Rotate the key');
        await page.getByText('It replaces a key that is valid until').waitFor();

        await openArea(page, 'Keys');
        await page.getByRole('link', { name: 'CRM import' }).last().focus();
        await page.keyboard.press('Enter');
        await page.getByText('Rotated', { exact: true }).waitFor();
        await pressSummary(page, 'Revoke');
        await pressControl(page, 'button', 'Revoke the key');
        await page.getByRole('status').getByText('Revoked CRM import').waitFor();

        await openArea(page, 'Audit');
        const acts = await page.locator('tbody tr td:nth-child(2)').allTextContents();
        expect(acts.slice(0, 3)).toEqual(['Revoked a key', 'Rotated a key', 'Made a key']);
        await page.getByLabel('What').selectOption('Made a key');
        await pressControl(page, 'button', 'Show');
        await page.waitForURL(/action=key_created/);
        expect(await page.locator('tbody tr').count()).toBe(1);
      },
    );

    onOwnPage('an override is set and removed; health shows the settings', async ({ page }) => {
      await signIn(page);
      await openArea(page, 'Overrides');
      await tabToControl(page, 'textbox', 'Domain');
      await page.keyboard.type('*.example.net');
      await page.keyboard.press('Enter');
      await page.getByRole('status').getByText('*.example.net is denied now.').waitFor();
      await pressControl(page, 'button', 'Remove *.example.net');
      await page.getByRole('status').getByText('Removed *.example.net.').waitFor();
      await openArea(page, 'Health');
      await page.getByText('Everything works').waitFor();
      await page.getByRole('cell', { name: '400', exact: true }).waitFor();
      expect(await page.content()).not.toContain(secret);
    });

    for (const { colorScheme, width } of looks)
      onOwnPage(
        `axe finds nothing, and nothing is cut off: ${colorScheme}, ${width} px`,
        async ({ page, url }) => {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          await bounce(url, 'wrong');
          await signIn(page);
          const look = async (what: string) => expect([what, await faultsOf(page)]).toEqual([what, []]);
          await look('start');
          for (const path of [
            'connections',
            'connections/esp/postmark',
            'connections/crm/salesforce',
            'keys',
            'overrides',
            'audit',
            'audit?action=list_exported',
            'health',
          ]) {
            await page.goto(`/console/${path}`);
            await look(path);
          }
          await page.goto('/console/connections/esp/mailgun');
          await page.getByRole('button', { name: 'Test the connection' }).click();
          await page.getByText('Refused.').waitFor();
          await look('a test that is refused');
          await page.goto('/console/keys');
          await page
            .getByLabel('What is it for?')
            .fill('a name that is as long as a name of a key can get, and still is one');
          await page.getByRole('button', { name: 'Make the key' }).click();
          await page.getByText('Copy the key now').waitFor();
          await look('a new key');
          await page.goto('/console/keys');
          await page
            .getByRole('link', { name: /^a name/ })
            .first()
            .click();
          await page.getByText('Use by day').waitFor();
          await look('a key');
        },
      );
  },
);

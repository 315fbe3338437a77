// The console in Chromium: suppressions, bounces and sending domains, as a person uses them by keyboard, on any screen.

import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { consoleAdminKey } from '../http/signed-in.ts';
import { zone } from '../http/zone.ts';
import { scene, skipWithoutBrowser } from './browser.ts';
import { consoleHosts } from './console-hosts.ts';
import {
  chooseFile,
  enterMinute,
  enterText,
  faultsOf,
  openArea,
  pressControl,
  tabToControl,
} from './console-keyboard.ts';

const signIn = async (page: Page) => {
  await page.goto('/console/sign-in?next=/console/lists');
  await page.getByLabel('API key').fill(consoleAdminKey);
  await page.keyboard.press('Enter');
  await page.waitForURL(({ pathname }) => pathname === '/console/lists');
};

const report = (url: string, email: string, campaign: string) =>
  fetch(`${url}/v1/bounces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${consoleAdminKey}` },
    body: JSON.stringify({ email, reply: '550 5.1.1 No such user', campaign, source: 'footer-form' }),
  });

const providerSecret = 'a-secret-of-sixteen-or-more';

/** Bounces of addresses `log0`, `log1` and so on, as a provider reports many at once. */
async function reportMany(url: string, count: number, campaign: string) {
  const events = Array.from({ length: count }, (_, index) => ({
    msys: {
      message_event: {
        ...{ type: 'bounce', bounce_class: '10', campaign_id: campaign, event_id: `event-${index}` },
        ...{ rcpt_to: `log${index}@brisk-otter.com`, timestamp: String(Math.floor(Date.now() / 1000)) },
      },
    },
  }));
  const response = await fetch(`${url}/v1/hooks/esp/sparkpost`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${providerSecret}` },
    body: JSON.stringify(events),
  });
  expect(response.status).toBe(200);
}

describe.skipIf(skipWithoutBrowser('the tests of mail in the console')).each(consoleHosts)(
  'mail in the console on $name',
  ({ start, looks }) => {
    const settings = {
      ADMIN_KEY: consoleAdminKey,
      PREFLIGHT_DOMAINS: 'brisk-otter.com',
      ESP_SPARKPOST_SHARED_SECRETS: providerSecret,
    };
    const test = scene(settings, zone, start).extend({
      alone: true,
    });
    /** Every URL that the page asks for, with its Referer. */
    const asked = (page: Page): string[] => {
      const urls: string[] = [];
      page.on('request', (request) => urls.push(`${request.url()} ${request.headers()['referer'] ?? ''}`));
      return urls;
    };

    test('by keyboard: an address is suppressed, found, and lifted after new consent', async ({ page }) => {
      const urls = asked(page);
      await signIn(page);
      await pressControl(page, 'link', 'Suppressions');
      await enterText(page, 'E-mail address', 'ann@brisk-otter.com');
      await page.keyboard.press('Enter');
      await page.getByText('Not suppressed').waitFor();
      await tabToControl(page, 'combobox', 'Why');
      await page.keyboard.type('The person unsub');
      await pressControl(page, 'button', 'Suppress');
      await page.getByRole('status').getByText('is suppressed now').waitFor();

      await pressControl(page, 'link', 'Find');
      await enterText(page, 'E-mail address', 'ann@brisk-otter.com');
      await page.keyboard.press('Enter');
      await page.getByText('Gets no newsletters and offers').waitFor();
      await page.getByRole('cell', { name: 'console', exact: true }).waitFor();
      await enterMinute(page, 'Consent given at (UTC)', new Date(Date.now() - 60_000));
      await enterText(page, 'Where the consent is recorded', 'confirmation 4711');
      await tabToControl(page, 'checkbox', /double opt-in/);
      await page.keyboard.press('Space');
      await pressControl(page, 'button', 'Lift');
      await page.getByText('Not suppressed').waitFor();
      expect(urls.filter((url) => /@|%40|ann/.test(url))).toEqual([]);
    });

    test('by keyboard: a wrong file first, then a list with a wrong row', async ({ page }) => {
      await signIn(page);
      await openArea(page, 'Suppressions');
      await pressControl(page, 'link', 'Import and export');
      const upload = async (name: string, text: string) => {
        await chooseFile(page, /^File/, { name, mimeType: '', text });
        await pressControl(page, 'button', 'Import');
      };
      await upload('list.xlsx', 'PK\u0003\u0004');
      await page.getByRole('alert').waitFor();
      await enterText(page, 'The file is from', 'mailgun');
      await upload('list.csv', 'address,reason\nbob@brisk-otter.com,bounce\nnobody,bounce\n');
      await page.getByRole('heading', { name: 'Imported' }).waitFor();
      await page.getByRole('row', { name: /^3 address/ }).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        pressControl(page, 'link', 'Export as CSV'),
      ]);
      expect(download.suggestedFilename()).toBe('suppressions.csv');
    });

    test('by keyboard: an incident is counted before it is lifted', async ({ page, url }) => {
      await report(url, 'kim@brisk-otter.com', 'spring');
      await signIn(page);
      await openArea(page, 'Suppressions');
      await pressControl(page, 'link', 'Lift an incident');
      await enterMinute(page, 'From (UTC)', new Date('2026-01-01T00:00Z'));
      await enterMinute(page, 'To (UTC)', new Date('2099-01-01T15:30Z'));
      await enterText(page, 'Campaign', 'spring');
      await pressControl(page, 'button', 'Count the entries');
      await pressControl(page, 'button', 'Lift the entry');
      await page.getByRole('status').getByText('Lifted 1 entry.').waitFor();
    });

    test('the event log: filter, older events, CSV and one address', async ({ page, url }) => {
      await reportMany(url, 55, 'autumn');
      await signIn(page);
      await pressControl(page, 'link', 'Bounces');
      await pressControl(page, 'link', 'Event log');
      await enterText(page, 'Campaign', 'autumn');
      await page.keyboard.press('Enter');
      await page.waitForURL(/campaign=autumn/);
      expect(await page.getByRole('row').count()).toBe(51);
      await pressControl(page, 'link', 'Older events');
      await page.getByRole('link', { name: 'Latest events' }).waitFor();
      expect(await page.getByRole('row').count()).toBe(6);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        pressControl(page, 'link', 'All of them as CSV'),
      ]);
      const csv = Buffer.concat(await (await download.createReadStream()).toArray()).toString();
      expect(csv.trim().split('\n').length).toBe(56);

      const urls = asked(page);
      await enterText(page, 'Events of one address', 'log7@brisk-otter.com');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Events of log7@brisk-otter.com' }).waitFor();
      expect(urls.filter((one) => /@|%40|log7/.test(one))).toEqual([]);
      // A filter with an address is not sent: it would be in the URL.
      await pressControl(page, 'link', 'All events');
      await enterText(page, 'Campaign', 'for log7@brisk-otter.com');
      await page.keyboard.press('Enter');
      expect(await page.getByLabel('Campaign').evaluate((field) => field.matches(':invalid'))).toBe(true);
      expect(page.url()).not.toContain('log7');
    });

    test('the gate: a question, its answer, and the campaign in the list', async ({ page }) => {
      await signIn(page);
      await page.goto('/console/bounces/gate');
      await enterText(page, 'Campaign', 'winter');
      await pressControl(page, 'button', 'Ask');
      await page.getByRole('heading', { name: 'winter' }).waitFor();
      await pressControl(page, 'button', 'Why: winter');
      await page.getByText('Ask again at').waitFor();
    });

    test('a domain: what to publish is copied with one key', async ({ page }) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await signIn(page);
      await pressControl(page, 'link', 'Sending domains');
      await enterText(page, 'Domain in From', 'no-mail-please.org');
      await page.keyboard.press('Enter');
      await page.getByText('has no SPF record').waitFor();
      await pressControl(page, 'button', 'Copy the value of the record for _dmarc.no-mail-please.org');
      await page.getByRole('status').getByText('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^v=DMARC1; p=none;/);
    });

    test('without a clipboard, the text is selected and copied', async ({ page }) => {
      await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
      await signIn(page);
      await page.goto('/console/domains');
      await page.getByLabel('Domain in From').fill('no-mail-please.org');
      await page.getByRole('button', { name: 'Check', exact: true }).click();
      await page.getByRole('button', { name: /^Copy the value.*_dmarc/ }).click();
      expect(await page.evaluate('String(getSelection())')).toMatch(/^v=DMARC1; p=none;/);
    });

    test('a page that is gone and a broken link have a page of their own', async ({ page }) => {
      await signIn(page);
      await page.goto('/console/domains/unknown.example');
      await page.getByRole('heading', { name: 'Not found' }).waitFor();
      await page.goto('/console/suppressions/entries?cursor=broken');
      await page.getByRole('link', { name: 'To the console' }).waitFor();
    });

    const areas: Readonly<Record<string, readonly string[]>> = {
      suppressions: ['find', 'add', 'files', 'entries', 'incident'],
      bounces: [
        ...['report', 'report?by=provider', 'incidents', 'events', 'events?campaign=nothing'],
        ...['gate', 'predictions'],
      ],
      domains: ['', 'brisk-otter.com'],
    };
    const email = 'axe@gmail.com';
    /** What a page shows after a form was sent. */
    const sent: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
      async suppressions(page) {
        await page.goto('/console/suppressions/find');
        await page.getByLabel('E-mail address').fill(email);
        await page.keyboard.press('Enter');
        await page.getByText('Gets no mail').waitFor();
      },
      bounces: (page) => page.goto('/reports'),
      async domains(page) {
        await page.goto('/console/domains');
        await page.getByLabel('Domain in From').fill('no-mail-please.org');
        await page.keyboard.press('Enter');
        await page.getByText('just checked').waitFor();
      },
    };
    for (const { colorScheme, width } of looks)
      for (const [area, paths] of Object.entries(areas))
        test(`axe finds nothing, and nothing is cut off: ${area}, ${colorScheme}, ${width} px`, async ({
          page,
          url,
        }) => {
          await report(url, email, 'a-campaign-with-a-name-that-is-long');
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          await signIn(page);
          for (const path of paths) {
            await page.goto(`/console/${area}/${path}`.replace(/\/$/, ''));
            expect([path, await faultsOf(page)]).toEqual([path, []]);
          }
          await sent[area]!(page);
          expect(await faultsOf(page)).toEqual([]);
        }, 90_000);
  },
);

describe.skipIf(skipWithoutBrowser('the tests of mail in the console')).each(consoleHosts)(
  'a console without a key, on loopback, on $name',
  ({ start }) => {
    const test = scene({}, zone, start).extend({ alone: true });
    test('takes forms and files from its own pages', async ({ page }) => {
      await page.goto('/console/suppressions/find');
      await page.getByLabel('E-mail address').fill('ann@brisk-otter.com');
      await page.keyboard.press('Enter');
      await page.getByText('Not suppressed').waitFor();
      await page.goto('/console/suppressions/files');
      const buffer = Buffer.from('address,reason\nbob@brisk-otter.com,bounce\n');
      await page.getByLabel(/^File/).setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer });
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByRole('heading', { name: 'Imported' }).waitFor();
    });
  },
);

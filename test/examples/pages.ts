// Pages of the examples in Chromium.

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { launchBrowser } from '../browser/browser.ts';

export interface OpenedPage {
  readonly page: Page;
  /** What the page wrote into its console as an error. */
  readonly complaints: readonly string[];
}

/** Starts a browser for the tests of a file. Returns a function that opens a page until the test ends. */
export function browserOfTests(): (url: string, options?: BrowserContextOptions) => Promise<OpenedPage> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  return async (url, options = {}) => {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    return { page, complaints };
  };
}

/** Serves pages on loopback for the tests of a file. Resolves to the origin. */
export async function serve(listener: RequestListener): Promise<{ origin: string; close(): void }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Types an address and leaves the field. */
export async function enterEmail(page: Page, email: string): Promise<void> {
  const field = page.getByLabel('E-mail');
  await field.fill(email);
  await field.blur();
}

/** A form in Chromium tells a typo, a disposable address and a dead domain from a good address, whatever drew the form. */
export async function expectVerdicts({ page, complaints }: OpenedPage): Promise<void> {
  await enterEmail(page, 'jane@no-mail-please.org');
  await page.getByText('This domain accepts no email.').waitFor();
  await enterEmail(page, 'jane@mailinator.com');
  await page.getByText('This looks like a temporary address.').waitFor();
  await enterEmail(page, 'jane@gmial.com');
  await page.getByRole('button', { name: 'Did you mean jane@gmail.com?' }).click();
  await expect.poll(() => page.getByLabel('E-mail').inputValue()).toBe('jane@gmail.com');
  expect(complaints).toEqual([]);
}

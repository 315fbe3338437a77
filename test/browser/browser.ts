// A real browser before the real service: Debian's chromium, driven by playwright-core.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, test as base, beforeAll } from 'vitest';
import type { Zone } from '../dns/zone.ts';
import { startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';
import type { StartService } from './console-hosts.ts';

const executablePath = '/usr/bin/chromium';

/** A name under which the browser finds the services of tests, as in an office without HTTPS. */
export const nameOfService = 'presend.test';

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${nameOfService} 127.0.0.1`,
];

/** Whether the browser tests are to be skipped, saying so in one line. Never with CI=true: there they then fail. */
export function skipWithoutBrowser(what: string): boolean {
  if (existsSync(executablePath) || process.env['CI'] === 'true') return false;
  console.warn(`Skipped: ${what}. To run them: apt-get install chromium`);
  return true;
}

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath, args });

export interface Circumstances {
  readonly options: BrowserContextOptions;
  /** True where the test leaves traces: its page is nobody else's. */
  readonly alone: boolean;
  /** Of the service. */
  readonly url: string;
  readonly page: Page;
}

/** Registers the start and the end of a browser and a service for a `describe`; gives its `test`, which has a `page`. */
export function scene(
  settings: Readonly<Record<string, string>> = {},
  dns: Zone = zone,
  startService: StartService = startNodeService,
) {
  let browser: Browser;
  let service: Awaited<ReturnType<StartService>>;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launchBrowser(), startService({ zone: dns, settings })]);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });
  // A page costs more than all that a test does in it, so that the next test gets it again, empty.
  const idle: Page[] = [];
  return base.extend<Circumstances>({
    options: {},
    alone: false,
    // biome-ignore lint/correctness/noEmptyPattern: vitest wants to see that it needs no other.
    url: ({}, use) => use(service.url),
    page: async ({ options, alone }, use) => {
      const reusable = !alone && Object.keys(options).length === 0;
      const page = (reusable && idle.pop()) || (await openPage(options));
      await use(page);
      if (!reusable) return page.context().close();
      page.removeAllListeners();
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.goto('about:blank');
      idle.push(page);
    },
  });

  async function openPage(options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext({ baseURL: service.url, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    return page;
  }
}

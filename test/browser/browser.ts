// A real browser before the real service: Debian's chromium, driven by playwright-core.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Zone } from '../dns/zone.ts';
import { type NodeService, startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

const executablePath = '/usr/bin/chromium';

/** Whether the browser tests are to be skipped, saying so in one line. Never with CI=true: there they then fail. */
export function skipWithoutBrowser(what: string): boolean {
  if (existsSync(executablePath) || process.env['CI'] === 'true') return false;
  console.warn(`Skipped: ${what}. To run them: apt-get install chromium`);
  return true;
}

export interface Scene {
  readonly service: NodeService;
  /** A page in a context of its own, closed after the test. What the page complains of in its console makes the test fail. */
  open(options?: BrowserContextOptions): Promise<Page>;
}

/** Registers the start and the end of a browser and a service for the tests of a `describe`. */
export function scene(settings: Readonly<Record<string, string>> = {}, dns: Zone = zone): Scene {
  let browser: Browser;
  let service: NodeService;
  beforeAll(async () => {
    [browser, service] = await Promise.all([
      chromium.launch({
        executablePath,
        args: [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      }),
      startNodeService({ zone: dns, settings }),
    ]);
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });
  return {
    get service() {
      return service;
    },
    async open(options = {}) {
      const context = await browser.newContext({ baseURL: service.url, ...options });
      onTestFinished(() => context.close());
      const page = await context.newPage();
      page.setDefaultTimeout(5000);
      return page;
    },
  };
}

// Somebody's site: pages with a form, served beside the service so that everything but the site is the real thing.

import { build, type Format } from 'esbuild';
import type { Page, Request } from 'playwright-core';

export interface SiteOptions {
  readonly csp?: string;
  readonly lang?: string;
  /** Attributes of the widget's script element; null: the page has none. */
  readonly script?: string | null;
}

export interface Site {
  /** What the form sent to the site, one for each submit that went. */
  readonly sent: URLSearchParams[];
  /** What the page wrote into its console as an error, and what its Content-Security-Policy stopped. */
  readonly complaints: string[];
}

/** Opens a page with `body` in which the widget is loaded. A form with `action="/join"` and `method="post"` goes to `sent`. */
export async function openSite(
  page: Page,
  body: string,
  { csp, lang = 'en', script = '' }: SiteOptions = {},
): Promise<Site> {
  const sent: URLSearchParams[] = [];
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.route('/site', (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      headers: csp === undefined ? {} : { 'content-security-policy': csp },
      body: `<!doctype html><html lang="${lang}"><head><title>Join</title>
        <link rel="icon" href="/favicon.svg">
        ${script === null ? '' : `<script src="/presend.js" ${script} defer></script>`}</head><body>${body}</body></html>`,
    }),
  );
  await page.route('/join', (route) => {
    sent.push(new URLSearchParams(route.request().postData() ?? ''));
    return route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><html lang="en"><title>Welcome</title><h1>Welcome</h1></html>',
    });
  });
  await page.goto('/site');
  return { sent, complaints };
}

export const joinForm = (inputs: string, attributes = ''): string =>
  `<main><h1>Join</h1><form action="/join" method="post" ${attributes}>${inputs}<button>Join</button></form></main>`;

export const emailInput =
  '<label for="email">E-mail</label> <input id="email" name="email" type="email" aria-describedby="hint"><p id="hint">We write seldom.</p>';

/** Every question to the service from then on, in order. */
export function questions(page: Page): Request[] {
  const asked: Request[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/v1/validate') && request.method() === 'POST') asked.push(request);
  });
  return asked;
}

/** The service takes as long as the test wants: each answer waits for `answer()`, and for ever without it. */
export async function slowService(page: Page): Promise<{ answer(): Promise<void> }> {
  const waiting: (() => Promise<void>)[] = [];
  let first = Promise.withResolvers<void>();
  await page.route('**/v1/validate', (route) => {
    waiting.push(() => route.continue());
    first.resolve();
  });
  return {
    // The page's request event may come before its route does.
    async answer() {
      await first.promise;
      first = Promise.withResolvers();
      await Promise.all(waiting.splice(0).map((go) => go()));
    },
  };
}

/** Bundles the source of a module, as a site's own build does. */
export async function bundled(contents: string, format: Format = 'iife'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format,
    define: { 'process.env.NODE_ENV': '"production"' },
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return outputFiles[0]!.text;
}

/** From then on each verdict has a token, which names its address. */
export const withTokens = (page: Page): Promise<unknown> =>
  page.route('**/v1/validate', async (route) => {
    const response = await route.fetch();
    const verdict = await response.json();
    await route.fulfill({ response, json: { ...verdict, token: `token of ${verdict.email}` } });
  });

// docs/forms.md says what is so: its examples run in a real browser.

import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';

const page = readFileSync(new URL('../../docs/forms.md', import.meta.url), 'utf8');

const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code!);

describe.skipIf(skipWithoutBrowser('the examples of docs/forms.md in Chromium'))(
  'the examples',
  { concurrent: true, timeout: 60_000 },
  () => {
    const test = scene();

    /** Opens the markup as a page of the service's own origin, with the service in the place of the documented one. */
    async function openExample(browser: Page, markup: string, headers: Record<string, string> = {}) {
      const complaints: string[] = [];
      const sent: URLSearchParams[] = [];
      browser.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      await browser.goto('/healthz');
      const { origin } = new URL(browser.url());
      const here = (text: string) => text.replaceAll('https://presend.example.com', origin);
      await browser.route('/example', (route) =>
        route.fulfill({
          contentType: 'text/html; charset=utf-8',
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, here(value)])),
          body: here(markup),
        }),
      );
      await browser.route('/join', (route) => {
        sent.push(new URLSearchParams(route.request().postData() ?? ''));
        return route.fulfill({ contentType: 'text/html', body: '<h1>Welcome</h1>' });
      });
      await browser.goto('/example');
      return { complaints, sent, here };
    }

    const input = '#email';

    test('one script tag works under the documented Content-Security-Policy', async ({ page: browser }) => {
      const [name, policyText] = /^([\w-]+): (.*)$/m.exec(blocks('http')[0]!)!.slice(1) as [string, string];
      const { complaints, sent } = await openExample(browser, blocks('html')[0]!, { [name]: policyText });
      await browser.fill(input, 'jane@gmial.com');
      await browser.press(input, 'Enter');
      await browser.getByRole('button', { name: 'Did you mean jane@gmail.com?' }).click();
      await browser.press(input, 'Enter');
      await browser.getByText('Welcome').waitFor();
      expect(sent.map((form) => form.get('email'))).toEqual(['jane@gmail.com']);
      expect(complaints.filter((complaint) => !complaint.includes('favicon'))).toEqual([]);
    });

    test('words, rules and events', async ({ page: browser }) => {
      await openExample(browser, blocks('html')[1]!);
      await browser.fill(input, 'info@brisk-otter.com');
      await browser.locator(input).blur();
      await browser.getByText('Bonvolu doni personan adreson.').waitFor();
      expect(await browser.textContent('output')).toBe('role_account: warn');
      await browser.fill(input, 'jane@gmial.com');
      await browser.locator(input).blur();
      await browser.getByRole('button', { name: 'Ĉu vi celis jane@gmail.com?' }).waitFor();
      expect(await browser.textContent('output')).toBe('domain_typo: block');
    });

    test('React', async ({ page: browser }) => {
      const { here } = await openExample(browser, '<main></main>');
      const { outputFiles } = await build({
        stdin: {
          contents: `${here(blocks('jsx')[0]!)}
            import { createRoot } from 'react-dom/client';
            createRoot(document.querySelector('main')).render(<Join />);`,
          loader: 'jsx',
          resolveDir: import.meta.dirname,
        },
        alias: { 'presend/widget': new URL('../../src/widget/module.ts', import.meta.url).pathname },
        bundle: true,
        write: false,
        jsx: 'automatic',
        format: 'esm',
        define: { 'process.env.NODE_ENV': '"production"' },
      });
      await browser.addScriptTag({ content: outputFiles[0]!.text, type: 'module' });
      await browser.fill(input, 'jane@gmial.com');
      await browser.locator(input).blur();
      await browser.getByRole('button', { name: 'Did you mean jane@gmail.com?' }).click();
      await browser.waitForFunction(`document.querySelector('output').textContent === 'jane@gmail.com'`);
    });
  },
);

// The widget from the package, bundled into a site's own script.

import { join } from 'node:path';
import type { Format } from 'esbuild';
import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';
import { bundled, joinForm, openSite } from './site.ts';

const module = join(import.meta.dirname, '../../src/widget/module.ts');

const bundle = (contents: string, format: Format): Promise<string> =>
  bundled(
    `import { attach } from '${module}';
${contents}`,
    format,
  );

describe.skipIf(skipWithoutBrowser('the tests of the bundled widget in Chromium'))(
  'the widget in a bundle',
  { timeout: 60_000 },
  () => {
    const test = scene();

    test.for<[Format, string]>([
      ['iife', 'text/javascript'],
      ['esm', 'module'],
    ])('%s asks the endpoint that the site gives', async ([format, type], { page, url }) => {
      const site = await openSite(page, joinForm('<label>E-mail <input type="email"></label>'), {
        script: null,
      });
      const content = await bundle(`attach(document, { endpoint: '${url}/v1/validate' });`, format);
      await page.addScriptTag({ content, type });
      await page.getByLabel('E-mail').fill('jane@gmial.com');
      await page.getByLabel('E-mail').blur();
      await page.getByRole('button', { name: 'Did you mean jane@gmail.com?' }).waitFor();
      expect(site.complaints).toEqual([]);
    });

    test('without an endpoint, attach says what is missing, and the rest of the bundle runs', async ({
      page,
    }) => {
      await openSite(page, '', { script: null });
      const content = await bundle(
        'try { attach(); } catch (error) { globalThis.why = String(error); }',
        'iife',
      );
      await page.addScriptTag({ content });
      expect(await page.evaluate('why')).toBe(
        'TypeError: presend: set `endpoint` to the URL of POST /v1/validate',
      );
    });
  },
);

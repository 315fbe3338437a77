// docs/clients.md says what is so: its React examples run in a real browser.

import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from '../browser/browser.ts';
import { openSite } from '../browser/site.ts';

const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const [field, hook] = [...page.matchAll(/^```jsx\n(.*?)^```/gms)].map(([, code]) => code!);

describe.skipIf(skipWithoutBrowser('the React examples of docs/clients.md in Chromium'))(
  'the React examples',
  { timeout: 60_000 },
  () => {
    const test = scene();

    test.for<[string, string]>([
      ['EmailField', field!],
      ['useEmailVerdict', hook!],
    ])('%s suggests, and the person takes it', async ([name, code], { page: browser, url }) => {
      // A busy machine takes longer to answer than a person waits.
      const patient = code
        .replace('required', 'required timeout={60_000}')
        .replace('{\n    endpoint', '{\n    timeout: 60_000, endpoint');
      expect(patient).toContain('60_000');
      const { outputFiles } = await build({
        stdin: {
          contents: `${patient.replace('https://presend.example.com', url)}
            import { createRoot } from 'react-dom/client';
            createRoot(document.querySelector('main')).render(<Join />);`,
          loader: 'jsx',
          resolveDir: import.meta.dirname,
        },
        alias: { 'presend/react': new URL('../../src/react/index.ts', import.meta.url).pathname },
        bundle: true,
        write: false,
        jsx: 'automatic',
        define: { 'process.env.NODE_ENV': '"development"' },
      });
      const site = await openSite(browser, '<main></main>', { script: null });
      const logged: string[] = [];
      browser.on('console', (message) => logged.push(message.text()));
      // The key of the page is not one of this service, which needs none.
      await browser.route('**/v1/validate', async (route) => {
        const { authorization, ...headers } = route.request().headers();
        expect(authorization).toBe('Bearer pk_your_key');
        await route.continue({ headers });
      });
      await browser.addScriptTag({ content: outputFiles[0]!.text });
      await browser.getByLabel('E-mail').fill('jane@gmial.com');
      await browser.getByRole('button', { name: 'Did you mean jane@gmail.com?' }).click();
      expect(await browser.getByLabel('E-mail').inputValue()).toBe('jane@gmail.com');
      await browser.getByRole('button', { name: 'Join' }).click();
      if (name === 'EmailField') {
        await browser.getByRole('heading', { name: 'Welcome' }).waitFor();
        expect(site.sent.map(String)).toEqual(['email=jane%40gmail.com']);
      } else await expect.poll(() => logged).toContain('join');
    });
  },
);

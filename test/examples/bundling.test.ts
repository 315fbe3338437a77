// presend/widget, presend/client and presend/react in the bundles of webpack, esbuild and Vite, in Chromium. The test of Next.js is
// that of its example.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type Format } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserOfTests, expectVerdicts, serve } from './pages.ts';
import { exampleFolder, presendService } from './programs.ts';

const presend = presendService();
const openPage = browserOfTests();

/** The script that the page loads now. */
let script = { type: 'text/javascript', text: '' };
let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve((request, response) => {
    response.setHeader('content-type', request.url === '/' ? 'text/html; charset=utf-8' : 'text/javascript');
    response.end(
      request.url === '/'
        ? `<!doctype html><html lang="en"><title>Join</title><link rel="icon" href="data:,"><main></main><output></output>
           <script type="${script.type}" src="/bundle.js" defer></script></html>`
        : script.text,
    );
  });
  const key = await presend.publishableKey(site.origin);
  const options = `{ endpoint: '${presend.url}', key: '${key}' }`;
  const folder = exampleFolder('bundled');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'widget.js'), widgetEntry(key));
  writeFileSync(join(folder, 'react.js'), reactEntry(key));
  writeFileSync(join(folder, 'client.js'), clientEntry(options));
});
afterAll(() => site?.close());

const widgetEntry = (key: string) => `
  import { attach } from 'presend/widget';
  document.querySelector('main').innerHTML = '<form><label>E-mail <input name="email" type="email"></label><button>Join</button></form>';
  attach(document, { endpoint: '${presend.endpoint}', key: '${key}' });`;

const reactEntry = (key: string) => `
  import { createElement as h } from 'react';
  import { createRoot } from 'react-dom/client';
  import { EmailField } from 'presend/react';
  createRoot(document.querySelector('main')).render(
    h('form', null,
      h(EmailField, { label: 'E-mail', name: 'email', endpoint: '${presend.url}', publishableKey: '${key}' })));`;

const clientEntry = (options: string) => `
  import { createClient } from 'presend/client';
  createClient(${options}).validate('jane@gmial.com').then(({ did_you_mean }) => {
    document.querySelector('output').textContent = did_you_mean;
  });`;

const inFolder = (name: string) => join(exampleFolder('bundled'), name);

async function bundleByEsbuild(entry: string, format: Format) {
  const { outputFiles } = await build({
    entryPoints: [inFolder(entry)],
    bundle: true,
    minify: true,
    write: false,
    format,
    define: { 'process.env.NODE_ENV': '"production"' },
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return { type: format === 'esm' ? 'module' : 'text/javascript', text: outputFiles[0]!.text };
}

/** What is used of webpack's API. */
type Webpack = (
  options: object,
  done: (error: Error | null, stats: { hasErrors(): boolean; toString(): string }) => void,
) => { close(done: () => void): void };

async function bundleByWebpack(entry: string) {
  const webpack = createRequire(join(exampleFolder('.'), 'package.json'))('webpack') as Webpack;
  await new Promise<void>((resolve, reject) => {
    const compiler = webpack(
      {
        mode: 'production',
        context: exampleFolder('bundled'),
        entry: `./${entry}`,
        output: { path: inFolder('webpack'), filename: entry },
      },
      (error, stats) =>
        compiler.close(() => {
          if (error) reject(error);
          else if (stats.hasErrors()) reject(new Error(stats.toString()));
          else resolve();
        }),
    );
  });
  return { type: 'text/javascript', text: readFileSync(inFolder(`webpack/${entry}`), 'utf8') };
}

async function bundleByVite(entry: string) {
  const { build } = await import(
    createRequire(join(exampleFolder('vite-react'), 'package.json')).resolve('vite')
  );
  await build({
    root: exampleFolder('bundled'),
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: inFolder(`vite-${entry}`),
      rollupOptions: { input: inFolder(entry), output: { entryFileNames: 'bundle.js' } },
    },
  });
  return { type: 'module', text: readFileSync(inFolder(`vite-${entry}/bundle.js`), 'utf8') };
}

describe.each<[string, (entry: string) => Promise<typeof script>]>([
  ['webpack', bundleByWebpack],
  ['esbuild (iife)', (entry) => bundleByEsbuild(entry, 'iife')],
  ['esbuild (esm)', (entry) => bundleByEsbuild(entry, 'esm')],
  ['Vite', bundleByVite],
])('%s bundles', (_, bundle) => {
  test.each(['widget', 'react'])('presend/%s, which gives verdicts', async (name) => {
    script = await bundle(`${name}.js`);
    await expectVerdicts(await openPage(site.origin));
  });

  test('presend/client, which asks', async () => {
    script = await bundle('client.js');
    const { page, complaints } = await openPage(site.origin);
    await page.getByText('jane@gmail.com').waitFor();
    expect(complaints).toEqual([]);
  });
});

// The React form built by Vite, in Chromium, with the Express example as its server.

import { afterAll, beforeAll, test } from 'vitest';
import { browserOfTests, enterEmail, expectVerdicts } from './pages.ts';
import { exampleFolder, presendService, reservePort, run, type Server, startServer } from './programs.ts';

const presend = presendService();
const openPage = browserOfTests();
let express: Server;
let vite: Server;

beforeAll(async () => {
  const { port, release } = await reservePort();
  const url = `http://127.0.0.1:${port}`;
  const cwd = exampleFolder('vite-react');
  await run(['npm', 'run', 'build'], {
    cwd,
    environment: {
      VITE_PRESEND_URL: presend.url,
      VITE_PRESEND_KEY: await presend.publishableKey(url),
    },
  });
  express = await startServer([process.execPath, 'server.js'], {
    cwd: exampleFolder('express'),
    environment: { PORT: '0', PRESEND_URL: presend.url, PRESEND_KEY: presend.secretKey },
    ready: /listens on (\S+)/,
  });
  await release();
  vite = await startServer(
    ['npm', 'run', 'preview', '--', '--host', '127.0.0.1', '--port', String(port), '--strictPort'],
    { cwd, environment: { SIGNUP_URL: express.url }, ready: /Local: +(\S+?)\/?\s/ },
  );
});
afterAll(async () => {
  await vite?.stop();
  await express?.stop();
});

test('the field gives verdicts', async () => {
  await expectVerdicts(await openPage(vite.url));
});

test('the server takes a good address', async () => {
  const { page } = await openPage(vite.url);
  await enterEmail(page, 'jane@brisk-otter.com');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('Check your inbox.').waitFor();
});

test('the server asks again, and a browser that sends a disposable address is refused', async () => {
  const { page } = await openPage(vite.url);
  // Without verdicts in the browser, the form is sent as if there were no widget.
  await page.route('**/v1/validate', (route) => route.abort());
  await enterEmail(page, 'jane@mailinator.com');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('Please enter an address that you will keep.').waitFor();
});

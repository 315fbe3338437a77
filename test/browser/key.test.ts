// The widget on a site of another origin, with a publishable key: from the keystroke to the confirmation on the server.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';

const adminKey = 'an-admin-key-for-tests';

/** Somebody's site: a page with a form at /, and the forms that it received. */
async function startSite(
  page: () => string,
): Promise<{ origin: string; sent: URLSearchParams[]; server: Server }> {
  const sent: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') sent.push(new URLSearchParams(await text(request)));
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(request.method === 'POST' ? '<h1>Welcome</h1>' : page());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent, server };
}

describe.skipIf(skipWithoutBrowser('the test of the form widget with a publishable key in Chromium'))(
  'a publishable key',
  { timeout: 30_000 },
  () => {
    const test = scene({ ADMIN_KEY: adminKey });
    let script = '';
    const markup = () => `<!doctype html><html lang="en"><title>Join</title>${script}
      <form method="post"><label for="email">E-mail</label> <input id="email" name="email" type="email"><button>Join</button></form></html>`;
    const sites: Awaited<ReturnType<typeof startSite>>[] = [];
    beforeAll(async () => {
      sites.push(await startSite(markup), await startSite(markup));
    });
    afterAll(() => {
      for (const { server } of sites) server.closeAllConnections();
      for (const { server } of sites) server.close();
    });

    test('opens verdicts to the pages of its origins, and to no others', async ({ page, url }) => {
      const [ours, theirs] = sites as [(typeof sites)[0], (typeof sites)[0]];
      const call = async (path: string, body: unknown) => {
        const response = await fetch(url + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        return (await response.json()) as { key: string };
      };
      const made = await call('/v1/keys', { kind: 'publishable', name: 'our form', origins: [ours.origin] });
      script = `<script src="${url}/presend.js" data-key="${made.key}" defer></script>`;
      await call('/v1/suppressions', { email: 'jane@gmail.com', reason: 'unsubscribe' });

      await page.goto(ours.origin);
      await page.fill('#email', 'jane@gmial.com');
      await page.press('#email', 'Enter');
      await page.getByRole('button', { name: 'Did you mean jane@gmail.com?' }).click();
      await page.press('#email', 'Enter');
      await page.getByText('Welcome').waitFor();
      const form = ours.sent[0]!;
      expect(form.get('email')).toBe('jane@gmail.com');

      // The form was told nothing of the suppression list; the server is.
      const confirmation = { token: form.get('presend_token'), email: form.get('email') };
      expect(await call('/v1/tokens/confirm', confirmation)).toMatchObject({
        confirmed: true,
        form: { reason: 'no_known_obstacle' },
        verdict: { reason: 'suppressed' },
      });

      await page.goto(theirs.origin);
      await page.fill('#email', 'jane@no-mail-please.org');
      await page.press('#email', 'Enter');
      await page.getByText('Welcome').waitFor();
      expect(theirs.sent.map(String)).toEqual(['email=jane%40no-mail-please.org']);
    });
  },
);

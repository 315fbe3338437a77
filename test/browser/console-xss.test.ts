// Names and cells that try to run as a script, in every place where the console shows them. The Content-Security-Policy is switched
// off, so that only the escaping of the pages is tested.

import { describe, expect } from 'vitest';
import { scene, skipWithoutBrowser } from './browser.ts';

const adminKey = 'an-admin-key-for-tests';

/** Each of them calls `hit` if a page takes it for more than text. */
const payloads = [
  '<script>hit()</script>',
  '<ScRiPt>hit()</sCrIpT>',
  '<scr<script>ipt>hit()</scr</script>ipt>',
  '"><script>hit()</script>',
  "'><script>hit()</script>",
  '</title><script>hit()</script>',
  '</textarea><script>hit()</script>',
  '</select></option><script>hit()</script>',
  '--><script>hit()</script>',
  ']]><script>hit()</script>',
  '<img src=x onerror=hit()>',
  '"><img src=x onerror=hit()>',
  "' onfocus=hit() autofocus x='",
  '" onfocus=hit() autofocus x="',
  '<svg onload=hit()>',
  '<svg><animate onbegin=hit() attributeName=x dur=1s>',
  '<input autofocus onfocus=hit()>',
  '<details open ontoggle=hit()>x</details>',
  '<video><source onerror=hit()></video>',
  '<iframe srcdoc="<script>parent.hit()</script>"></iframe>',
  '<iframe src=javascript:parent.hit()></iframe>',
  '<object data=javascript:hit()></object>',
  '<body onpageshow=hit()>',
  '<style>*{animation:x}</style><p onanimationstart=hit()>',
  '<script src=data:,hit()></script>',
  '&lt;script&gt;hit()&lt;/script&gt;',
  '\\u003cscript\\u003ehit()\\u003c/script\\u003e',
  '"]}\'><script>hit()</script>',
] as const;

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

describe.skipIf(skipWithoutBrowser('the tests of hostile names'))('hostile names in the console', () => {
  const test = scene({ ADMIN_KEY: adminKey, LIMITS: 'key_lookup_ip=2000/3600' }).extend({
    alone: true,
    options: { bypassCSP: true },
  });

  test('the payloads run where they are not escaped', async ({ page, url }) => {
    let hits = 0;
    await page.exposeFunction('hit', () => hits++);
    await page.goto(`${url}/console/sign-in`);
    for (const payload of payloads) await page.setContent(`<main>${payload}</main>`);
    await expect.poll(() => hits).toBeGreaterThan(12);
  });

  test('0 of them run, as names of lists, columns, sheets, sources, campaigns and keys, as cells and as texts of bounces', async ({
    page,
    url,
  }) => {
    const hits: string[] = [];
    const shown = new Set<string>();
    await page.exposeFunction('hit', () => void hits.push(page.url()));
    page.on('dialog', (dialog) => void hits.push(dialog.message()));
    const api = (path: string, body: object) =>
      fetch(`${url}/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
        body: JSON.stringify(body),
      });
    const { key } = (await (await api('/keys', { kind: 'secret', name: payloads[0] })).json()) as {
      key: string;
    };
    for (const [index, name] of payloads.entries()) {
      await api('/bounces', {
        email: `p${index}@brisk-otter.com`,
        reply: `550 5.1.1 No such user ${name}`,
        campaign: name,
        source: name,
      });
      await api('/suppressions', {
        email: `s${index}@brisk-otter.com`,
        reason: 'manual',
        source: name,
        list: name,
      });
      await api('/keys', { kind: 'secret', name });
    }

    await page.goto(`${url}/console/sign-in`);
    await page.getByLabel('API key').fill(key);
    await page.keyboard.press('Enter');
    await page.waitForURL(({ pathname }) => !pathname.includes('sign-in'));

    /** Waits until what the page loads has run, and notes which places show a payload. */
    const look = async (place: string) => {
      await page.waitForLoadState();
      // Two frames, in which animations and handlers of the new elements begin.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      const text = await page.locator('main').textContent();
      const values = await page
        .locator('main input, main option')
        .evaluateAll((elements) => elements.map((each) => (each as { value?: string }).value ?? ''));
      const all = [text, ...values].join('\n');
      for (const payload of payloads)
        if (all.includes(payload) || all.includes(payload.slice(0, 40))) shown.add(`${place}: ${payload}`);
    };

    const upload = async (name: string, content: string) => {
      await page.goto(`${url}/console/lists`);
      await page
        .getByLabel(/choose a file/)
        .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
      await page.waitForURL(/job_/);
    };
    // Columns, cells, sources and addresses.
    const header = ['email', 'source', ...payloads.map(quoted)].join(',');
    const rows = payloads.map((payload, index) =>
      [
        quoted(index % 2 ? `x${index}@brisk-otter.com` : `"${payload}"@gmial.com`),
        quoted(payload),
        ...payloads.map(quoted),
      ].join(','),
    );
    for (const from of [0, 8, 16, 24]) {
      await upload('list.csv', `${header}\n${[...rows.slice(from), ...rows.slice(0, from)].join('\n')}\n`);
      await look('the first rows');
    }
    await page.getByRole('button', { name: 'Forecast from a sample first' }).click();
    await page.getByText('expected to bounce').waitFor();
    await look('a sample');
    await page.getByRole('button', { name: 'Check the whole list' }).click();
    await page.getByRole('button', { name: 'Download exactly these' }).waitFor();
    await look('a report');
    await page.getByRole('link', { name: /The whole report/ }).click();
    await look('the printable report');
    // Names of lists: of verified ones, and of the first of them also before they are verified.
    for (const [index, name] of payloads.entries()) {
      const form = new FormData();
      form.append('name', name);
      form.append('file', new File(['email\njane@brisk-otter.com\n'], 'x.csv', { type: 'text/csv' }));
      const headers = { authorization: `Bearer ${adminKey}` };
      const posted = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: form });
      const { id } = (await posted.json()) as { id: string };
      // Its page loads itself again when the list is verified, so wait for that first.
      await (await fetch(`${url}/v1/jobs/${id}/events`, { headers })).text();
      await page.goto(`${url}/console/lists/${id}`);
      await look('the name of a list');
      if (index % 4 > 0) continue;
      await upload('x.csv', 'email\njane@brisk-otter.com\n');
      await page.getByLabel('Name of the list').fill(name);
      // The form is sent once the page has heard that the service can be reached.
      const again = page.waitForEvent('framenavigated');
      await page.getByRole('button', { name: 'Show the rows again with these columns' }).click();
      await again;
      await look('the name of a draft');
    }
    await page.goto(`${url}/console/lists`);
    await look('all lists');
    // Every other page that the navigation and its tabs lead to.
    const visited = new Set<string>();
    const toVisit = ['/console'];
    for (let path = toVisit.shift(); path !== undefined; path = toVisit.shift()) {
      if (visited.has(path) || visited.size > 60) continue;
      visited.add(path);
      await page.goto(url + path);
      await look(path);
      const links = await page
        .locator('main a[href^="/console"], nav a[href^="/console"]')
        .evaluateAll((elements) =>
          elements.map((each) =>
            (each as unknown as { getAttribute(name: string): string }).getAttribute('href'),
          ),
        );
      toVisit.push(...links.filter((link) => !/\/lists\/job_|sign-out|\.(?:css|js)$|\/entries/.test(link)));
    }
    await page.goto(`${url}/reports?by=campaign`);
    await look('/reports');

    expect(hits).toEqual([]);
    // The payloads were really on the pages: so many, counted once for each place.
    expect(shown.size).toBeGreaterThanOrEqual(150);
  }, 240_000);
});

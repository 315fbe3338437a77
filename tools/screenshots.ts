// Takes the screenshots for the README: `npm run screenshots`. With a folder, also every page of the service at two sizes, light and dark,
// to look at: `npm run screenshots -- FOLDER`. Needs Debian's chromium. A DNS server of its own answers for invented domains.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { chromium, type Page } from 'playwright-core';
import { startDohServer } from '../test/dns/doh-server.ts';
import { changeDns, dnsZone, exportedList, sparkpostRequests, suppressedList } from './screenshot-data.ts';

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, 'docs/images');
const [allPages] = process.argv.slice(2);
const state = mkdtempSync(join(tmpdir(), 'presend-screenshots-'));
const adminKey = 'a-key-for-the-screenshots';
const secret = 'a-secret-for-the-screenshots';
const doh = await startDohServer(dnsZone);

interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

const programs: ChildProcess[] = [];

/** Starts the service as its users do. `isKeyless`: as on a computer where nobody has made a key yet. */
async function startService(isKeyless: boolean): Promise<Service> {
  const program: ChildProcess = spawn(process.execPath, [join(root, 'src/cli/cli.ts'), 'serve'], {
    cwd: state,
    env: {
      ...{
        PORT: '0',
        DATABASE_PATH: isKeyless ? ':memory:' : join(state, 'presend.sqlite'),
        DOH_URLS: doh.url,
      },
      ...(!isKeyless && {
        ADMIN_KEY: adminKey,
        ESP_SPARKPOST_SHARED_SECRETS: secret,
        PREFLIGHT_DOMAINS: 'harbor-tea.com, news.harbor-tea.com',
      }),
    },
  });
  programs.push(program);
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    program.once('exit', () => reject(new Error(text)));
    for (const stream of [program.stdout!, program.stderr!])
      stream.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        const found = /listens on (\S+)/.exec(text);
        if (found) resolve(found[1]!);
      });
  });
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        program.once('exit', () => resolve());
        program.kill();
      }),
  };
}

function forgetLooks(): void {
  const database = new DatabaseSync(join(state, 'presend.sqlite'));
  database.exec('DELETE FROM incident_looks');
  database.close();
}

/** What happened at the service in the last month. */
async function fill(url: string): Promise<{ readonly key: string }> {
  const now = Date.now();
  const send = async (path: string, body: unknown, type = 'application/json'): Promise<Response> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${adminKey}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  for (const body of sparkpostRequests(now))
    await fetch(`${url}/v1/hooks/esp/sparkpost`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`presend:${secret}`)}` },
      body,
    });
  await fetch(`${url}/v1/hooks/esp/sparkpost`, { method: 'POST', body: '[]' });
  await send('/v1/suppressions/import?source=mailchimp', suppressedList(), 'text/csv');
  await send('/v1/domains', { domain: '*.harbor-tea.com', word: 'allow', note: 'Ourselves' });
  await send('/v1/domains', {
    domain: 'mailinator.com',
    word: 'deny',
    note: 'Test accounts of the spring raffle',
  });
  await send('/v1/domains', { domain: 'paper-kite.com', word: 'allow', note: 'Wholesale customer' });
  await send('/v1/keys', { kind: 'publishable', name: 'Sign-up form', origins: ['https://harbor-tea.com'] });
  await send('/v1/keys', { kind: 'secret', name: 'Shop', scopes: ['validate', 'gate', 'bounces:write'] });
  const { key } = (await (await send('/v1/keys', { kind: 'secret', name: 'Anna (marketing)' })).json()) as {
    key: string;
  };
  await send('/v1/gate', { campaign: 'Black Friday teaser', from_domain: 'harbor-tea.com', planned: 12_000 });
  await send('/v1/gate', { campaign: 'Win back 2024', planned: 4000 });
  await send('/v1/gate', { campaign: 'Order receipts', purpose: 'transactional' });
  return { key };
}

/** Saves what the window shows, as WebP: a fifth of the size of PNG. */
async function picture(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 });
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
  await session.detach();
}

const sizes = [
  ['narrow', 360, 740],
  ['wide', 1280, 860],
] as const;

/** Pictures of the whole page at two sizes, light and dark. */
async function eachLook(page: Page, name: string): Promise<void> {
  if (allPages === undefined) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, width, height] of sizes) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: join(allPages, `${name}-${size}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(window);
}

const window = { width: 1180, height: 800 };
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});

/** The pages that need no key, and the first screen of a service that nobody has set up. */
async function photographFirstStart(): Promise<void> {
  const { url, stop } = await startService(true);
  const page = await browser.newPage({ viewport: window, reducedMotion: 'reduce' });
  await page.goto(url);
  await eachLook(page, 'try-empty');
  const field = page.getByLabel('E-mail address');
  await field.fill('domain-typo@presend.test');
  await field.press('Enter');
  await page.getByText('domain-typo@example.com').first().waitFor();
  await picture(page, 'try');
  await eachLook(page, 'try');
  if (allPages !== undefined) {
    await page.goto(`${url}/preflight`);
    await eachLook(page, 'preflight-empty');
    await page.getByLabel('Domain in From').fill('harbor-tea.com');
    await page.getByRole('button', { name: 'Check the domain' }).click();
    await page.locator('#report :is(h2, h3)').first().waitFor();
    await eachLook(page, 'preflight');
    await page.goto(`${url}/docs`);
    await eachLook(page, 'docs');
    for (const path of [
      '',
      '/lists',
      '/bounces/report',
      '/bounces/incidents',
      '/bounces/events',
      '/bounces/gate',
      '/connections',
      '/keys',
      '/audit',
      '/overrides',
      '/domains',
    ]) {
      await page.goto(`${url}/console${path}`);
      await eachLook(page, `empty-console${path.replaceAll('/', '-')}`);
    }
  }
  await page.close();
  await stop();
}

async function photographLists(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/console/lists`);
  const choose = (name: string, text: string) =>
    page.getByLabel(/choose a file/).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await choose('offer.pdf', '%PDF-1.7\n');
  await page.getByRole('alert').getByText('a PDF').waitFor();
  await eachLook(page, 'lists-refused');
  await choose('Autumn newsletter.csv', exportedList(Date.now()));
  await page.waitForURL(/job_/);
  await picture(page, 'console-rows');
  await eachLook(page, 'list-rows');
  await page.getByRole('button', { name: 'Forecast from a sample first' }).click();
  await page.getByText('expected to bounce').waitFor();
  await eachLook(page, 'list-sample');
  await page.getByRole('button', { name: 'Check the whole list' }).click();
  await page.getByText('How many bounces do you accept?').waitFor({ timeout: 60_000 });
  await page.evaluate('scrollTo(0, 0)');
  await picture(page, 'console-report');
  await eachLook(page, 'list-report');
  await page.getByRole('link', { name: /whole report/ }).click();
  await eachLook(page, 'list-printable');
}

/** Follows the links of the console. Of pages with one shape, such as those of the keys, it looks at one. */
async function photographAll(page: Page, url: string): Promise<void> {
  const shapeOf = (path: string): string =>
    path
      .replace(/job_[\w-]+/, 'list')
      .replace(/key_[\w-]+/, 'key')
      .replace(/(esp|crm)\/\w+/, '$1')
      .replaceAll('/', '-')
      .slice(1);
  const seen = new Set<string>();
  const toVisit = ['/console', '/console/sign-in', '/reports'];
  for (let path = toVisit.shift(); path !== undefined; path = toVisit.shift()) {
    const shape = shapeOf(path);
    if (seen.has(shape)) continue;
    seen.add(shape);
    await page.goto(url + path);
    await eachLook(page, shape);
    const links = await page
      .locator('main a[href^="/console"], nav a[href^="/console"]')
      .evaluateAll((elements) =>
        elements.map((each) =>
          (each as unknown as { getAttribute(name: string): string }).getAttribute('href'),
        ),
      );
    toVisit.push(...links.map((link) => link.split(/[?#]/)[0]!).filter((link) => !link.includes('entries')));
  }
}

try {
  mkdirSync(folder, { recursive: true });
  if (allPages !== undefined) mkdirSync(allPages, { recursive: true });
  await photographFirstStart();

  let service = await startService(false);
  const { key } = await fill(service.url);
  // A start looks for incidents and checks the watched domains, but not if it did so minutes ago.
  await service.stop();
  forgetLooks();
  service = await startService(false);
  const page = await browser.newPage({ viewport: window, reducedMotion: 'reduce' });
  await page.goto(`${service.url}/console/sign-in`);
  await eachLook(page, 'sign-in');
  await page.getByLabel('API key').fill(key);
  await page.keyboard.press('Enter');
  await page.waitForURL(/console$/);
  await photographLists(page, service.url);
  if (allPages !== undefined) {
    changeDns();
    await page.goto(`${service.url}/console/domains/harbor-tea.com`);
    // The form is sent once the page has heard that the service can be reached.
    const checked = page.waitForEvent('framenavigated');
    await page.getByRole('button', { name: /Check/ }).first().click();
    await checked;
    await photographAll(page, service.url);
  }
  await service.stop();
} finally {
  for (const program of programs) program.kill();
  await browser.close();
  await doh.close();
  rmSync(state, { recursive: true, force: true });
}

// Takes the screenshots for the README: `npm run screenshots`. With a folder, also every page of the console at two sizes, to look at:
// `npm run screenshots -- FOLDER`. Needs Debian's chromium. A DNS server of its own answers for invented domains.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { startDohServer } from '../test/dns/doh-server.ts';
import type { Records } from '../test/dns/zone.ts';

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, 'docs/images');
const [allPages] = process.argv.slice(2);
const state = mkdtempSync(join(tmpdir(), 'presend-screenshots-'));

const mailHost: Records = { MX: [[10, 'mx.harbor-tea.com']] };
const providers = ['gmail.com', 'yahoo.com', 'outlook.com', 'gmx.de', 'icloud.com'] as const;
const companies = ['harbor-tea.com', 'quiet-lantern.com', 'north-ferry.com', 'paper-kite.com'] as const;
const doh = await startDohServer({
  ...Object.fromEntries([...providers, ...companies].map((name) => [name, mailHost])),
  'mx.harbor-tea.com': { A: ['198.41.0.4'] },
  'harbor-tea.com': { ...mailHost, TXT: ['v=spf1 mx -all'] },
  '_dmarc.harbor-tea.com': { TXT: ['v=DMARC1; p=none'] },
  'no-mail-please.org': { MX: [[0, '.']] },
});

/** A list of 2,400 invented people as a mail tool exports it. Its local parts are random letters, so nobody is meant. */
function exportedList(): string {
  let seed = 20261128;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const letters = (count: number): string =>
    Array.from({ length: count }, () => 'bcdfghjklmnpqrstvwz'[random(19)]).join('');
  const day = (daysAgo: number): string =>
    new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  const domainOf = (dice: number): string =>
    dice < 3
      ? ['gmial.com', 'outlok.com', 'yaho.com'][dice]!
      : dice < 6
        ? ['no-mail-please.org', 'gone-company.com', 'mailinator.com'][dice - 3]!
        : dice < 70
          ? providers[random(5)]!
          : companies[random(4)]!;
  const rows = Array.from({ length: 2400 }, () => {
    const source = ['website', 'trade fair', 'webinar'][random(3)]!;
    const daysAgo = random(20) === 0 ? 400 + random(500) : random(150);
    return `${letters(8)}.${letters(5)}@${domainOf(random(110))},${['Klara', 'Ann', 'Ben', 'Olga', 'Zoë'][random(5)]},${source},${day(daysAgo)}`;
  });
  return `Email Address,First Name,Source,Last opened\n${rows.join('\n')}\n`;
}

const service = spawn(process.execPath, [join(root, 'src/cli/cli.ts'), 'serve'], {
  cwd: state,
  env: { PORT: '0', DATABASE_PATH: ':memory:', DOH_URLS: doh.url, PREFLIGHT_DOMAINS: 'harbor-tea.com' },
});
const url = await new Promise<string>((resolve, reject) => {
  let text = '';
  service.once('exit', () => reject(new Error(text)));
  for (const stream of [service.stdout, service.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      const found = /listens on (\S+)/.exec(text);
      if (found) resolve(found[1]!);
    });
});

/** Events of two campaigns, so that the pages about bounces have something to show. */
async function reportEvents(): Promise<void> {
  for (let index = 0; index < 60; index++)
    await fetch(`${url}/v1/bounces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        email: `${'abcdefghij'[index % 10]}${index}.person@${index % 3 === 0 ? 'gmail.com' : 'quiet-lantern.com'}`,
        reply: index % 4 === 0 ? '452 4.2.2 Mailbox full' : '550 5.1.1 No such user',
        campaign: index % 2 ? 'spring' : 'autumn',
        source: index % 5 ? 'website' : 'trade fair',
      }),
    });
}

/** Saves what the window shows, as WebP: a fifth of the size of PNG. */
async function picture(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 });
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
  await session.detach();
}

async function eachSize(page: Page, name: string): Promise<void> {
  if (allPages === undefined) return;
  for (const [size, width, height] of [
    ['narrow', 360, 740],
    ['wide', 1280, 860],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(allPages, `${name}-${size}.png`), fullPage: true });
  }
  await page.setViewportSize(window);
}

const window = { width: 1180, height: 800 };
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});
try {
  mkdirSync(folder, { recursive: true });
  if (allPages !== undefined) mkdirSync(allPages, { recursive: true });
  await reportEvents();
  const page = await browser.newPage({ viewport: window, reducedMotion: 'reduce' });

  await page.goto(url);
  const field = page.getByLabel('E-mail address');
  await field.fill('domain-typo@presend.test');
  await field.press('Enter');
  await page.getByText('domain-typo@example.com').first().waitFor();
  await picture(page, 'try');

  await page.goto(`${url}/console/lists`);
  await eachSize(page, 'lists-empty');
  const choose = (name: string, text: string) =>
    page.getByLabel(/choose a file/).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await choose('offer.pdf', '%PDF-1.7\n');
  await page.getByRole('alert').getByText('a PDF').waitFor();
  await eachSize(page, 'lists-refused');
  await choose('Autumn newsletter.csv', exportedList());
  await page.waitForURL(/job_/);
  await picture(page, 'console-rows');
  await eachSize(page, 'list-rows');
  await page.getByRole('button', { name: 'Forecast from a sample first' }).click();
  await page.getByText('expected to bounce').waitFor();
  await eachSize(page, 'list-sample');
  await page.getByRole('button', { name: 'Check the whole list' }).click();
  await page.getByText('How many bounces do you accept?').waitFor({ timeout: 60_000 });
  await page.evaluate('scrollTo(0, 0)');
  await picture(page, 'console-report');
  await eachSize(page, 'list-report');
  await page.getByRole('link', { name: /The whole report/ }).click();
  await eachSize(page, 'list-printable');

  const visited = new Set<string>();
  const toVisit = ['/console'];
  for (let path = toVisit.shift(); allPages !== undefined && path !== undefined; path = toVisit.shift()) {
    if (visited.has(path)) continue;
    visited.add(path);
    await page.goto(url + path);
    await eachSize(page, path.slice(1).replaceAll('/', '-'));
    const links = await page
      .locator('main a[href^="/console"], nav a[href^="/console"]')
      .evaluateAll((elements) =>
        elements.map((each) =>
          (each as unknown as { getAttribute(name: string): string }).getAttribute('href'),
        ),
      );
    toVisit.push(
      ...links.map((link) => link.split(/[?#]/)[0]!).filter((link) => !/\/job_|entries/.test(link)),
    );
  }
} finally {
  await browser.close();
  service.kill();
  await doh.close();
  rmSync(state, { recursive: true, force: true });
}

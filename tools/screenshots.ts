// Takes the screenshot for the README: `npm run screenshots`. Needs Debian's chromium.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, 'docs/images');
const state = mkdtempSync(join(tmpdir(), 'presend-screenshots-'));

const service = spawn(process.execPath, [join(root, 'src/cli/cli.ts'), 'serve'], {
  cwd: state,
  env: { PORT: '0', DATABASE_PATH: ':memory:' },
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

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});
try {
  mkdirSync(folder, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1080, height: 760 }, reducedMotion: 'reduce' });
  await page.goto(url);
  const field = page.getByLabel('E-mail address');
  await field.fill('domain-typo@presend.test');
  await field.press('Enter');
  await page.getByText('domain-typo@example.com').first().waitFor();
  await page.screenshot({ path: join(folder, 'try.png') });
} finally {
  await browser.close();
  service.kill();
  rmSync(state, { recursive: true, force: true });
}

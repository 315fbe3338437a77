// `presend clean` as a person runs it.

import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { emptyFolder, presend } from './program.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

const list = 'name,email,source\n"Doe, Jane",jane@brisk-otter.com,shop\nJoe,joe@gmial.com,fair\n';

function folderWith(text: string): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'list.csv'), text);
  return folder;
}

const run = (args: readonly string[], cwd: string, input = '', environment = {}) =>
  presend(['clean', ...args], { cwd, input, environment: { DOH_URLS: doh.url, ...environment } });

test('writes every row with its verdict and prints the forecast', async () => {
  const folder = folderWith(list);
  const { status, stdout, stderr } = await run(['list.csv', '-o', 'clean.csv'], folder);
  expect([status, stderr]).toEqual([0, '']);
  const rows = readFileSync(join(folder, 'clean.csv'), 'utf8').split('\n');
  expect(rows[0]).toMatch(
    /^name,email,source,ps_result,.*,ps_checked_at,ps_duplicate,ps_message,ps_addresses,ps_address,ps_gateway,ps_engagement,ps_last_active,ps_mailbox$/,
  );
  expect(rows[1]).toMatch(/^"Doe, Jane",jane@brisk-otter\.com,shop,deliverable,no_known_obstacle,accept,/);
  expect(rows[2]).toMatch(
    /^Joe,joe@gmial\.com,fair,undeliverable,domain_typo,confirm,joe@gmail\.com,5\.1\.2,/,
  );
  expect(stdout).toMatch(/^2 rows: 2 verified, 0 kept, 0 duplicates\n/);
  expect(stdout).toContain('expected hard bounces: 55.05 %');
  expect(readdirSync(folder).sort()).toEqual(['clean.csv', 'list.csv']);
});

test('with the result on standard output, the summary goes to standard error', async () => {
  const { status, stdout, stderr } = await run(['-'], emptyFolder(), list);
  expect(status).toBe(0);
  expect(stdout.split('\n')).toHaveLength(4);
  expect(stderr).toContain('2 rows');
});

test('--drop-duplicates keeps the canonical spelling of each mailbox, from a file, standard input and a sample', async () => {
  const spellings = ['jane.doe', 'a.b', 'janedoe+x', 'x', 'janedoe', 'JaneDoe', 'ab+c'];
  const text = `n,email\n${spellings.map((name, row) => `${row},${name}@gmail.com\n`).join('')}`;
  const folder = folderWith(text);
  const numbers = (result: string) =>
    result
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
  await run(['list.csv', '-o', 'clean.csv', '--drop-duplicates'], folder);
  expect(numbers(readFileSync(join(folder, 'clean.csv'), 'utf8'))).toEqual(['1', '3', '4']);
  const { stdout, stderr } = await run(['-', '--drop-duplicates'], folder, text);
  expect(numbers(stdout)).toEqual(['1', '3', '4']);
  expect(stderr).toContain('4 duplicates left out');
  await run(['list.csv', '-o', 'sample.csv', '--drop-duplicates', '--sample', '99'], folder);
  expect(numbers(readFileSync(join(folder, 'sample.csv'), 'utf8'))).toEqual(['1', '3', '4']);
  expect(readdirSync(folder).sort()).toEqual(['clean.csv', 'list.csv', 'sample.csv']);
}, 60_000);

test('the summary names the date columns and gives advice for a wide forecast', async () => {
  const rows = Array.from(
    { length: 300 },
    (_, row) => `j${row}@brisk-otter.com,2026-01-02,2019-01-01\n`,
  ).join('');
  const dated = folderWith(`email,LAST_ACTIVE,OPTIN_TIME\n${rows}`);
  const { stdout } = await run(['list.csv', '-o', 'clean.csv'], dated);
  expect(stdout).toContain(
    '\ncolumns that show when mail to an address last arrived or its owner was last active: LAST_ACTIVE\ncolumns that show how old the other addresses are at most: OPTIN_TIME\n',
  );
  expect(stdout).not.toContain('is unknown');
  const undated = folderWith(`email,x,LAST_CHANGED\n${rows}`);
  const told = (await run(['list.csv', '-o', 'clean.csv'], undated)).stdout;
  expect(told).toContain(
    'for 100 % of the addresses, it is unknown when mail last arrived; the longer ago this was, the more likely a bounce is\n',
  );
  expect(told).toContain('export the list with a column such as last opened');
  expect(told).toContain('removing addresses alone does not bring the forecast under 2 %');
  expect(told).not.toContain('keep 0');
});

test('--outputs sorts the rows into files, --goal writes the rows under a rate, --sample previews', async () => {
  const people = Array.from({ length: 300 }, (_, row) => `j${row}@brisk-otter.com,2026-01-02\n`).join('');
  const text = `email,LAST_ACTIVE\n${people}joe@gmial.com,\nx@no-mail-please.org,\nJ0@brisk-otter.com,\n,\n`;
  const folder = folderWith(text);
  const rowsOf = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').slice(1);
  const all = await run(['list.csv', '--outputs', 'out', '--drop-duplicates'], folder);
  expect(all.status).toBe(0);
  expect(all.stdout).toContain(
    '1 duplicate among the rows to remove\n300 rows to keep\n1 row to fix\n0 rows to retry\n3 rows to remove\n',
  );
  expect([
    rowsOf('out/keep.csv').length,
    rowsOf('out/fix.csv').length,
    rowsOf('out/remove.csv').length,
  ]).toEqual([300, 1, 3]);
  expect(readdirSync(join(folder, 'out')).sort()).toEqual([
    'all.csv',
    'fix.csv',
    'keep.csv',
    'remove.csv',
    'retry.csv',
  ]);

  const goal = await run(['list.csv', '-o', 'goal.csv', '--goal', '50%', '--json'], folder);
  const summary = JSON.parse(goal.stdout);
  expect(summary.goal).toMatchObject({ below: 0.5, keep: rowsOf('goal.csv').length });
  expect(summary.goal.rate).toBeLessThan(0.5);
  expect(summary.goal.keep).toBeGreaterThanOrEqual(300);

  const sample = await run(['list.csv', '--sample', '20'], folder);
  expect(sample.stdout).toContain('a random sample: 20 of 303 contacts\n');
  expect((await run(['list.csv', '--goal', '2%'], folder)).status).toBe(2);
}, 60_000);

test('standard input to a file', async () => {
  const folder = emptyFolder();
  const { status, stdout } = await run(['-', '-o', 'clean.csv'], folder, list);
  expect([status, stdout]).toEqual([0, expect.stringContaining('2 rows')]);
  expect(readFileSync(join(folder, 'clean.csv'), 'utf8').split('\n')).toHaveLength(4);
});

test('--only leaves out rows with other actions, --json prints the summary as JSON', async () => {
  const folder = folderWith(list);
  const { stdout } = await run(['list.csv', '-o', 'clean.csv', '--only', 'accept', '--json'], folder);
  expect(readFileSync(join(folder, 'clean.csv'), 'utf8').split('\n')).toHaveLength(3);
  expect(JSON.parse(stdout)).toMatchObject({
    rows: 2,
    results: { deliverable: 1, undeliverable: 1 },
    actions: { accept: 1, confirm: 1 },
    forecast: { rows: 2, rate: 0.55045, by_source: [{ source: 'fair' }, { source: 'shop' }] },
  });
});

test('--report writes a page without scripts, requests and addresses', async () => {
  const folder = folderWith(list.replace('shop', '<b>shop</b>'));
  await run(['list.csv', '-o', 'clean.csv', '--report', 'report.html'], folder);
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(page).toContain('55.05%');
  expect(page).toContain('&lt;b&gt;shop');
  expect(page).not.toMatch(/@(?!media|page)|https?:|<script|<link|src=|url\(/);
});

test('a second run keeps recent verdicts without lookups', async () => {
  const folder = folderWith(list);
  await run(['list.csv', '-o', 'once.csv'], folder);
  const asked = doh.asked.length;
  const { stdout } = await run(['once.csv', '-o', 'twice.csv', '--json'], folder);
  expect(JSON.parse(stdout)).toMatchObject({ verified: 0, kept: 2 });
  expect(doh.asked.length).toBe(asked);
  expect(readFileSync(join(folder, 'twice.csv'))).toEqual(readFileSync(join(folder, 'once.csv')));
});

describe('a file that is not a list ends with status 1 and leaves no result', () => {
  test.each([
    ['no address column', 'name\nJane\n', 'no_address_column'],
    ['only broken rows', 'name,email\n"Jim,jim@brisk-otter.com\n', 'Row 1 (line 2)'],
    ['nothing', '', 'no_rows'],
  ])('%s', async (_, text, reason) => {
    const folder = folderWith(text);
    const { status, stderr } = await run(['list.csv', '-o', 'clean.csv'], folder);
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('jim');
    expect(readdirSync(folder)).toEqual(['list.csv']);
  });
});

test('writes unreadable records to a separate file and counts rows without an address', async () => {
  const folder = folderWith(`${list}"Jim,jim@brisk-otter.com,fair\nNoone,,\n`);
  const { status, stdout, stderr } = await run(['list.csv', '-o', 'clean.csv'], folder);
  expect(status).toBe(0);
  expect(stderr).toContain('1 record cannot be read and was written to clean.rejects.csv');
  expect(stdout).toContain(
    '1 row without an address\n1 record left out of the result: unreadable as a contact\n',
  );
  expect(readFileSync(join(folder, 'clean.rejects.csv'), 'utf8')).toBe(
    'row,line,reason,record\n3,4,"Row 3 (line 4) has a field without its closing quotation mark. Add the mark, or double each quotation mark inside the field.",""' +
      '"Jim,jim@brisk-otter.com,fair"\n',
  );
  expect(readFileSync(join(folder, 'clean.csv'), 'utf8')).not.toContain('jim');
});

describe('an outage of the DNS', () => {
  const nobody = { DOH_URLS: 'http://127.0.0.1:9/dns-query' };

  test('stops the run after --patience instead of writing unknown verdicts; --resume continues it', async () => {
    const folder = folderWith(list);
    // To the second, so that the time can be set again.
    utimesSync(join(folder, 'list.csv'), 1_790_000_000, 1_790_000_000);
    const written = statSync(join(folder, 'list.csv'));
    const out = await run(['list.csv', '-o', 'clean.csv', '--patience', '1'], folder, '', nobody);
    expect(out.status).toBe(4);
    expect(out.stderr).toContain('--resume');
    expect(existsSync(join(folder, 'clean.csv'))).toBe(false);

    const again = await run(['list.csv', '-o', 'clean.csv'], folder);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('has not finished')]);

    const other = await run(['list.csv', '-o', 'clean.csv', '--resume', '--max-age-days', '7'], folder);
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('other options')]);

    writeFileSync(join(folder, 'list.csv'), `${list}Jim,jim@brisk-otter.com,fair\n`);
    const changed = await run(['list.csv', '-o', 'clean.csv', '--resume'], folder);
    expect([changed.status, changed.stderr]).toEqual([2, expect.stringContaining('another list')]);
    writeFileSync(join(folder, 'list.csv'), list);
    utimesSync(join(folder, 'list.csv'), written.atime, written.mtime);

    const resumed = await run(['list.csv', '-o', 'clean.csv', '--resume'], folder);
    expect(resumed.status).toBe(0);
    expect(readFileSync(join(folder, 'clean.csv'), 'utf8')).not.toContain('unknown');
    expect(readdirSync(folder).sort()).toEqual(['clean.csv', 'list.csv']);
  });

  test('one domain that no server answers for is not an outage', async () => {
    const folder = folderWith('email\njane@brisk-otter.com\njoe@broken-zone.org\n');
    const { status, stdout } = await run(['list.csv', '-o', 'clean.csv', '--json'], folder);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ results: { deliverable: 1, unknown: 1 } });
  });
});

describe('an invalid command ends with status 2', () => {
  test.each([
    [['clean']],
    [['clean', 'missing.csv']],
    [['clean', '-', '--only', 'all']],
    [['clean', '-', '--max-age-days', 'ninety']],
    [['clean', '-', '-o', 'x.csv', '--resume']],
  ])('%j', async (args) => {
    const { status, stderr } = await presend(args);
    expect([status, stderr]).toEqual([2, expect.stringContaining('presend: ')]);
  });

  test('a result never overwrites its list', async () => {
    const folder = folderWith(list);
    expect((await run(['list.csv', '-o', './list.csv'], folder)).status).toBe(2);
    expect(readFileSync(join(folder, 'list.csv'), 'utf8')).toBe(list);
  });
});

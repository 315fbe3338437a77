// `presend backtest`: the files it reads, what it prints and writes, and its exit statuses.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inlineRows, workbookOf } from '../xlsx/workbooks.ts';
import { emptyFolder, presend, presendServe } from './program.ts';

/** A folder with a list and its bounces. */
function folder(): string {
  const cwd = emptyFolder();
  writeFileSync(
    join(cwd, 'list.csv'),
    'email\ndeliverable@presend.test\nnull-mx@presend.test\nmailbox-full@presend.test\n',
  );
  writeFileSync(
    join(cwd, 'bounces.csv'),
    'email,type\nNull-MX@presend.test,hard\nmailbox-full@presend.test,soft\nzoe@example.com,hard\n',
  );
  return cwd;
}

test('prints what would have been avoided, and writes the page', async () => {
  const cwd = folder();
  const { status, stdout } = await presend(
    ['backtest', 'list.csv', 'bounces.csv', '--sent', '2026-11-20', '--report', 'page.html'],
    { cwd },
  );
  expect(status).toBe(0);
  expect(stdout).toContain('3 addresses, 1 hard bounce: 33.33%');
  expect(stdout).toMatch(/bounces avoided +1 {2}100\.00%/);
  expect(stdout).toContain('bounces of addresses that are not on the list, not counted: 1');
  expect(stdout).toContain('rows of BOUNCES, or recorded events, that are not hard bounces, not counted: 1');
  const page = readFileSync(join(cwd, 'page.html'), 'utf8');
  expect(page).toContain('presend would have avoided 1 of 1 bounces');
  expect(page).toContain('list.csv · sent 2026-11-20');
});

test('both files can be workbooks', async () => {
  const cwd = folder();
  const sheets = (name: string) => [
    { name: 'About', rows: inlineRows([['Not the list.']]) },
    {
      name: 'Rows',
      rows: inlineRows(
        readFileSync(join(cwd, name), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => line.split(',')),
      ),
    },
  ];
  for (const name of ['list', 'bounces'])
    writeFileSync(join(cwd, `${name}.xlsx`), workbookOf({ sheets: sheets(`${name}.csv`) }));
  const expected = await presend(['backtest', 'list.csv', 'bounces.csv', '--json'], { cwd });
  for (const args of [[], ['--sheet', 'Rows']]) {
    const { stdout } = await presend(['backtest', 'list.xlsx', 'bounces.xlsx', '--json', ...args], { cwd });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(expected.stdout));
  }
  const { status, stderr } = await presend(['backtest', 'list.xlsx', 'bounces.csv', '--sheet', 'Nope'], {
    cwd,
  });
  expect(status).toBe(1);
  expect(stderr).toContain('unknown_sheet');
});

test('--json prints the result, also for a list on standard input', async () => {
  const cwd = folder();
  const { status, stdout } = await presend(['backtest', '-', 'bounces.csv', '--json'], {
    cwd,
    input: readFileSync(join(cwd, 'list.csv'), 'utf8'),
  });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ addresses: 3, bounces: { hard: 1 }, verified_now: 3 });
});

test('--events compares the list with the bounces that the service recorded', async () => {
  const cwd = folder();
  const environment = { DATABASE_PATH: join(cwd, 'presend.sqlite') };
  const service = await presendServe(cwd, environment);
  for (const [email, reply, campaign] of [
    ['null-mx@presend.test', '550 5.1.1 User unknown', 'autumn'],
    ['deliverable@presend.test', '550 5.1.1 User unknown', 'winter'],
  ])
    await fetch(`${service.url}/v1/bounces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, reply, campaign }),
    });
  const run = (...options: string[]) =>
    presend(['backtest', 'list.csv', '--events', '--json', ...options], { cwd, environment });
  const autumn = await run('--campaign', 'autumn');
  expect(JSON.parse(autumn.stdout)).toMatchObject({
    ...{ addresses: 3, bounces: { hard: 1, not_on_list: 0 }, policies: [{ caught: 1 }, {}] },
  });
  await service.stop('SIGTERM');
  expect(JSON.parse((await run()).stdout)).toMatchObject({ bounces: { hard: 2 } });
  const spring = await run('--campaign', 'spring');
  expect([spring.status, spring.stderr]).toEqual([
    2,
    expect.stringContaining('no recorded delivery event matches. Check --campaign'),
  ]);
});

test.each([
  [['backtest', 'list.csv', 'bounces.csv', '--events'], 2, 'or a list and --events'],
  [['backtest', 'list.csv', 'bounces.csv', '--campaign', 'autumn'], 2, '--campaign needs --events'],
  [['backtest', 'list.csv', '--events', '--from', 'yesterday'], 2, '--from must be a date'],
  [
    ['backtest', 'list.csv', '--events', '--from', '2026-11-02', '--to', '2026-11-01'],
    2,
    'must not be after the last day',
  ],
  [['backtest', 'list.csv'], 2, 'needs a list and its bounces'],
  [['backtest', 'list.csv', 'missing.csv'], 2, 'no such file'],
  [['backtest', '-', '-'], 2, 'only one of the files'],
  [['backtest', 'list.csv', 'bounces.csv', '--sent', 'yesterday'], 2, '--sent must be a date'],
])('%j ends with %i', async (args, expected, message) => {
  const { status, stderr } = await presend(args, { cwd: folder() });
  expect(status).toBe(expected);
  expect(stderr).toContain(message);
});

test('a list that cannot be read ends with 1 and its name', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'book.csv'), 'PK\u0003\u0004');
  const { status, stderr } = await presend(['backtest', 'book.csv', 'bounces.csv'], { cwd });
  expect(status).toBe(1);
  expect(stderr).toContain('book.csv: The file is damaged');
});

// `presend clean` with workbooks.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbook } from '../../src/xlsx/workbook.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { inlineRows, type SheetToMake, sourceOf, workbookOf, zipOf } from '../xlsx/workbooks.ts';
import { emptyFolder, presend } from './program.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

const cli = new URL('../../src/cli/cli.ts', import.meta.url).pathname;

const people =
  '<row r="1"><c t="str"><v>Name</v></c><c t="str"><v>Email</v></c><c t="str"><v>Last Open</v></c><c t="str"><v>Phone</v></c></row>' +
  '<row r="2"><c t="str"><v>=Jane</v></c><c t="str"><v>jane@brisk-otter.com</v></c><c s="1"><v>46300</v></c><c><v>491701234567</v></c></row>' +
  '<row r="3"><c t="str"><v>Joe</v></c><c t="str"><v>joe@gmial.com</v></c><c s="1"><v>46301</v></c></row>';
const sheets: readonly SheetToMake[] = [
  { name: 'About', rows: inlineRows([['A list.']]) },
  { name: 'People', rows: people },
];
const list = workbookOf({ sheets, formats: ['dd/mm/yyyy'] });

function folderWith(file: Uint8Array, name = 'list.xlsx'): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, name), file);
  return folder;
}

const run = (args: readonly string[], cwd: string, input = '') =>
  presend(['clean', ...args, '--patience', '5'], { cwd, input, environment: { DOH_URLS: doh.url } });

/** The rows of the only sheet of a workbook: the kind and text of each cell. */
async function sheetIn(file: Uint8Array) {
  const opened = await openWorkbook(sourceOf(file));
  if (!opened.ok) throw new Error(opened.refusal.message);
  const rows: string[][] = [];
  const [sheet] = opened.workbook.sheets;
  for await (const _ of sheet!.read((_, cells) =>
    rows.push(cells.map(({ kind, text }) => `${kind} ${text}`)),
  )) {
    // The rows are collected by the callback.
  }
  return { name: sheet!.name, rows };
}

test('a workbook becomes a workbook with the same cells and the verdicts', async () => {
  const folder = folderWith(list);
  const { status, stdout, stderr } = await run(['list.xlsx', '-o', 'clean.xlsx'], folder);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('read as XLSX, sheet "People"; addresses from "Email"\n');
  expect(stdout).toContain('other sheets, not in the result: "About" (--sheet reads another sheet)\n');
  expect(stdout).toContain(
    'columns that show when mail to an address last arrived or its owner was last active: Last Open\n',
  );
  expect(stdout).not.toContain('encoding');
  const { name, rows } = await sheetIn(readFileSync(join(folder, 'clean.xlsx')));
  expect(name).toBe('People');
  expect(rows.map((row) => row.slice(0, 6))).toEqual([
    ['Name', 'Email', 'Last Open', 'Phone', 'ps_result', 'ps_reason'].map((text) => `text ${text}`),
    [
      'text =Jane',
      'text jane@brisk-otter.com',
      'date 2026-10-05',
      'number 491701234567',
      'text deliverable',
      'text no_known_obstacle',
    ],
    [
      'text Joe',
      'text joe@gmial.com',
      'date 2026-10-06',
      'text undeliverable',
      'text domain_typo',
      'text confirm',
    ],
  ]);
  expect(readdirSync(folder).sort()).toEqual(['clean.xlsx', 'list.xlsx']);
});

test('the name of the result decides: CSV of a workbook, a workbook of CSV', async () => {
  const folder = folderWith(list);
  expect((await run(['list.xlsx', '-o', 'clean.csv'], folder)).status).toBe(0);
  const csv = readFileSync(join(folder, 'clean.csv'), 'utf8');
  expect(csv).toMatch(
    /^\ufeffName,Email,Last Open,Phone,ps_result,.*\r\n'=Jane,jane@brisk-otter\.com,2026-10-05,491701234567,deliverable,/,
  );
  writeFileSync(join(folder, 'list.csv'), 'zip;email\n01067;jane@brisk-otter.com\n');
  expect((await run(['list.csv', '-o', 'of-csv.xlsx'], folder)).status).toBe(0);
  const { rows } = await sheetIn(readFileSync(join(folder, 'of-csv.xlsx')));
  expect(rows[1]!.slice(0, 3)).toEqual(['text 01067', 'text jane@brisk-otter.com', 'text deliverable']);
  expect(readdirSync(folder).sort()).toEqual(['clean.csv', 'list.csv', 'list.xlsx', 'of-csv.xlsx']);
});

test('a result that cannot have the wanted format is refused', async () => {
  const folder = folderWith(list);
  writeFileSync(join(folder, 'list.ndjson'), '{"email":"jane@brisk-otter.com"}\n');
  for (const [input, output, words] of [
    ['list.ndjson', 'clean.xlsx', 'a JSON list cannot be written as XLSX'],
    ['list.xlsx', 'clean.ndjson', 'the result of a workbook is XLSX or CSV'],
  ] as const) {
    const { status, stderr } = await run([input, '-o', output], folder);
    expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
  }
  expect(readdirSync(folder).sort()).toEqual(['list.ndjson', 'list.xlsx']);
});

test('a workbook is read from standard input and written to standard output', async () => {
  const folder = folderWith(list);
  const child = spawn(process.execPath, [cli, 'clean', '-', '--patience', '5'], {
    cwd: folder,
    env: { DOH_URLS: doh.url, TMPDIR: folder },
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stdin.write(list.subarray(0, 3));
  await wait(5);
  child.stdin.end(list.subarray(3));
  expect((await once(child, 'close'))[0]).toBe(0);
  expect((await sheetIn(Buffer.concat(pieces))).rows).toHaveLength(3);
  expect(readdirSync(folder).filter((name) => name.includes('presend-'))).toEqual([]);
});

test('--sheet, --outputs, --drop-duplicates, --goal and rejects', async () => {
  const rows = [
    ['email', 'Last Open'],
    ...Array.from({ length: 40 }, (_, row) => [`j${row}@brisk-otter.com`, '2026-11-01']),
    ['J0@brisk-otter.com', '2026-11-01'],
    ['email', 'Last Open'],
    ['joe@gmial.com', '2026-11-01'],
    ['x@no-mail-please.org', '2026-11-01'],
  ];
  const more = [{ name: 'Leads', rows: inlineRows(rows) }];
  const folder = folderWith(workbookOf({ sheets: [...sheets, ...more], formats: ['dd/mm/yyyy'] }));
  const all = await run(
    ['list.xlsx', '--sheet', 'Leads', '--outputs', 'out', '--drop-duplicates', '--json'],
    folder,
  );
  expect([all.status, JSON.parse(all.stdout).read_as]).toEqual([
    0,
    expect.objectContaining({
      format: 'xlsx',
      encoding: null,
      delimiter: null,
      sheet: 'Leads',
      other_sheets: ['About', 'People'],
    }),
  ]);
  expect(readdirSync(join(folder, 'out')).sort()).toEqual([
    'all.xlsx',
    'fix.xlsx',
    'keep.xlsx',
    'rejects.csv',
    'remove.xlsx',
    'retry.xlsx',
  ]);
  const counts = await Promise.all(
    ['all', 'keep', 'fix', 'retry', 'remove'].map(
      async (name) => (await sheetIn(readFileSync(join(folder, 'out', `${name}.xlsx`)))).rows.length,
    ),
  );
  expect(counts).toEqual([44, 41, 2, 1, 3]);
  expect(readFileSync(join(folder, 'out', 'rejects.csv'), 'utf8')).toContain(
    '\n42,43,"Row 42 (line 43) repeats the header, so it is not a contact.',
  );
  const goal = await run(['list.xlsx', '--sheet', '3', '--goal', '50%', '-o', 'goal.xlsx'], folder);
  expect(goal.status).toBe(0);
  expect((await sheetIn(readFileSync(join(folder, 'goal.xlsx')))).rows.length).toBeGreaterThan(40);
  expect(readdirSync(folder).sort()).toEqual(['goal.rejects.csv', 'goal.xlsx', 'list.xlsx', 'out']);
});

test.each([
  [
    'an encrypted or old workbook',
    Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), Buffer.alloc(600)]),
    'old Office document',
  ],
  [
    'an OpenDocument spreadsheet',
    zipOf([['mimetype', 'application/vnd.oasis.opendocument.spreadsheet']]),
    '(.ods). Save it as XLSX or CSV. (binary)',
  ],
  ['a damaged workbook', list.subarray(0, 800), '(bad_workbook)'],
])('%s is refused, and nothing is left behind', async (_, file, words) => {
  const folder = folderWith(file, 'list.csv');
  const { status, stderr } = await run(['list.csv', '-o', 'clean.csv'], folder);
  expect([status, stderr]).toEqual([1, expect.stringContaining(words)]);
  expect(readdirSync(folder)).toEqual(['list.csv']);
});

test('a list of more rows than a sheet holds goes on in a second sheet, and the command says so', async () => {
  const folder = folderWith(
    Buffer.from(`email\n${'\n'.repeat(1_048_576)}jane@brisk-otter.com\n`),
    'list.csv',
  );
  const { status, stderr } = await run(['list.csv', '-o', 'clean.xlsx'], folder);
  expect([status, stderr]).toEqual([
    0,
    'presend: clean.xlsx has 2 sheets, because a sheet has at most 1,048,576 rows.\n',
  ]);
});

test('after kills at any moment the workbook equals that of an undisturbed run, byte for byte', async () => {
  const rows = [
    ['name', 'email', 'since'],
    ...Array.from({ length: 12_000 }, (_, row) => [
      `Zoë ${row}`,
      `jane${row % 9000}@brisk-otter.com`,
      '2026-01-02',
    ]),
  ];
  const folder = folderWith(workbookOf({ sheets: [{ name: 'A', rows: inlineRows(rows) }] }));
  const path = (name: string) => join(folder, name);
  const start = (output: string) =>
    spawn(process.execPath, [cli, 'clean', 'list.xlsx', '-o', output, '--resume', '--drop-duplicates'], {
      cwd: folder,
      env: { DOH_URLS: doh.url },
      stdio: 'ignore',
    });
  const child = start('killed.xlsx');
  while (!existsSync(path('killed.xlsx.progress'))) await wait(5);
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (const suffix of ['partial', 'progress'])
    copyFileSync(path(`killed.xlsx.${suffix}`), path(`whole.xlsx.${suffix}`));
  const whole = start('whole.xlsx');
  const began = performance.now();
  expect((await once(whole, 'exit'))[0]).toBe(0);
  const tookMs = performance.now() - began;
  for (let kills = 0; kills < 6 && !existsSync(path('killed.xlsx')); kills++) {
    const next = start('killed.xlsx');
    const ended = once(next, 'exit');
    await Promise.race([wait(tookMs * (0.3 + 0.12 * kills)), ended]);
    next.kill('SIGKILL');
    await ended;
  }
  if (!existsSync(path('killed.xlsx'))) expect((await once(start('killed.xlsx'), 'exit'))[0]).toBe(0);
  expect(readFileSync(path('killed.xlsx')).equals(readFileSync(path('whole.xlsx')))).toBe(true);
}, 120_000);

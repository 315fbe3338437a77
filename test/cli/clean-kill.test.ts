// `presend clean` killed again and again: with --resume it goes on, and nothing shows of it in the result.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';
import { emptyFolder } from './program.ts';

const cli = new URL('../../src/cli/cli.ts', import.meta.url).pathname;
const kills = 20;
/** With all options; `KILLS=20` for the long form. */
const killsOfAll = Number(process.env['KILLS'] ?? 5);
const rows = 30_000;
const domains = 1500;

const zone: Zone = Object.fromEntries([
  ['mx.brisk-otter.com', { A: ['198.41.0.4'] }],
  ...Array.from({ length: domains }, (_, index) => [
    `brisk-otter-${index}.com`,
    index % 7 === 0 ? { MX: [[0, '.']] } : { MX: [[10, 'mx.brisk-otter.com']] },
  ]),
]);

const list = `name,email\r\n${Array.from({ length: rows }, (_, row) => {
  const domain = row % 3 === 0 ? row % domains : Math.floor((row * domains) / rows);
  return `"Doe, ${row}",jane${row % 20_000}@brisk-otter-${domain}.com\r\n`;
}).join('')}`;

const inLittleMemory = new URL('clean-in-little-memory.ts', import.meta.url).pathname;

test(`after ${kills} kills at any moment the result equals that of an undisturbed run, byte for byte`, async () => {
  const doh = await startDohServer(zone);
  const folder = emptyFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path('list.csv'), list);
  const start = (output: string) =>
    spawn(process.execPath, [cli, 'clean', 'list.csv', '-o', output, '--resume'], {
      cwd: folder,
      env: { DOH_URLS: doh.url },
      stdio: 'ignore',
    });
  const startSpilling = (output: string) =>
    spawn(process.execPath, [inLittleMemory, 'list.csv', output], {
      cwd: folder,
      env: { DOH_URLS: doh.url },
      stdio: 'ignore',
    });
  const finish = async (output: string) => expect((await once(start(output), 'exit'))[0]).toBe(0);
  // Half of the killed runs have most addresses in a temporary file.
  const kill = async (afterMs: number, isSpilling: boolean) => {
    const child = isSpilling ? startSpilling('killed.csv') : start('killed.csv');
    const ended = once(child, 'exit');
    await Promise.race([wait(afterMs), ended]);
    child.kill('SIGKILL');
    await ended;
  };

  // The moment at which a run began stands in its verdicts, so both go on from one beginning.
  const child = start('killed.csv');
  while (!existsSync(path('killed.csv.progress'))) await wait(5);
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (const suffix of ['partial', 'progress'])
    copyFileSync(path(`killed.csv.${suffix}`), path(`undisturbed.csv.${suffix}`));

  await finish('undisturbed.csv');
  for (let count = 1; count < kills; count++) await kill(150 + ((count * 389) % 600), count % 2 === 0);
  expect((await once(startSpilling('killed.csv'), 'exit'))[0]).toBe(0);
  await doh.close();

  const result = readFileSync(path('killed.csv'));
  expect(result.equals(readFileSync(path('undisturbed.csv')))).toBe(true);
  expect(result.toString().split('\r\n')).toHaveLength(rows + 2);
  expect(existsSync(path('killed.csv.progress'))).toBe(false);
  expect(readdirSync(folder).sort()).toEqual(['killed.csv', 'list.csv', 'undisturbed.csv']);
}, 180_000);

const people = 6000;
/** Has what every option changes: addresses to repair and to split, odd records, duplicates, and rows for each file. */
const mixed = `name,email,last opened\r\n${Array.from({ length: people }, (_, row) => {
  const domain = `brisk-otter-${row % domains}.com`;
  if (row % 100 === 7) return `odd,too,many,fields,${row}\r\n`;
  const address =
    row % 5 === 0 ? `"Doe, J <j${row}@${domain}>; k${row}@${domain}"` : `j${row % 4000}@${domain}`;
  return `"Doe, ${row}",${address},2026-11-0${1 + (row % 9)}\r\n`;
}).join('')}`;

/** The same people as JSON. */
const mixedJson = Array.from({ length: people }, (_, row) => {
  const domain = `brisk-otter-${row % domains}.com`;
  if (row % 100 === 7) return `{"email": odd ${row}}\n`;
  const email = row % 5 === 0 ? [`j${row}@${domain}`, `k${row}@${domain}`] : `<j${row % 4000}@${domain}>`;
  return `${JSON.stringify({ name: `Doe, ${row}`, email })}\n`;
}).join('');

test.each([
  ['csv', mixed],
  ['ndjson', mixedJson],
])(
  'after kills, a run with --repair, --split, --goal, --outputs and rejects writes the same files: %s',
  async (kind, text) => {
    const doh = await startDohServer(zone);
    const folder = emptyFolder();
    const path = (name: string) => join(folder, name);
    const input = `list.${kind}`;
    writeFileSync(path(input), text);
    const options = ['--repair', 'safe', '--split', '--drop-duplicates', '--goal', '50%'];
    // Both runs write into a folder of this name, because its name is one of the options that --resume compares.
    const start = (cwd: string) =>
      spawn(process.execPath, [cli, 'clean', `../${input}`, '--outputs', 'out', ...options, '--resume'], {
        cwd: path(cwd),
        env: { DOH_URLS: doh.url },
        stdio: 'ignore',
      });
    for (const each of ['killed', 'undisturbed']) mkdirSync(path(`${each}/out`), { recursive: true });
    const progress = `out/all.${kind}.progress`;
    const child = start('killed');
    while (!existsSync(path(`killed/${progress}`))) await wait(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (const file of readdirSync(path('killed/out')))
      copyFileSync(path(`killed/out/${file}`), path(`undisturbed/out/${file}`));

    expect((await once(start('undisturbed'), 'exit'))[0]).toBe(0);
    for (let count = 1; count < killsOfAll && existsSync(path(`killed/${progress}`)); count++) {
      const next = start('killed');
      const ended = once(next, 'exit');
      await Promise.race([wait(250 + ((count * 389) % 900)), ended]);
      next.kill('SIGKILL');
      await ended;
    }
    if (existsSync(path(`killed/${progress}`))) expect((await once(start('killed'), 'exit'))[0]).toBe(0);
    await doh.close();

    const files = readdirSync(path('undisturbed/out')).sort();
    expect(files).toEqual(
      ['all', 'fix', 'keep', 'remove', 'retry']
        .map((name) => `${name}.${kind}`)
        .concat('rejects.csv')
        .sort(),
    );
    for (const file of files)
      expect([
        file,
        readFileSync(path(`killed/out/${file}`)).equals(readFileSync(path(`undisturbed/out/${file}`))),
      ]).toEqual([file, true]);
    const rejects = readFileSync(path('killed/out/rejects.csv'), 'utf8').trimEnd().split('\n');
    expect(rejects).toHaveLength(1 + people / 100);
    const resultRows = readFileSync(path(`killed/out/all.${kind}`), 'utf8')
      .trimEnd()
      .split('\n');
    const header = kind === 'csv' ? 1 : 0;
    expect(resultRows).toHaveLength(header + people - people / 100 + people / 5);
  },
  180_000,
);

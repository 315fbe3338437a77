// `presend clean` killed again and again: with --resume it goes on, and nothing shows of it in the result.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startDohServer } from '../dns/doh-server.ts';
import type { Zone } from '../dns/zone.ts';
import { emptyFolder } from './program.ts';

const cli = new URL('../../src/cli/cli.ts', import.meta.url).pathname;
const kills = 20;
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
  const finish = async (output: string) => expect((await once(start(output), 'exit'))[0]).toBe(0);
  const kill = async (afterMs: number) => {
    const child = start('killed.csv');
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
  for (let count = 1; count < kills; count++) await kill(150 + ((count * 389) % 600));
  await finish('killed.csv');
  await doh.close();

  const result = readFileSync(path('killed.csv'));
  expect(result.equals(readFileSync(path('undisturbed.csv')))).toBe(true);
  expect(result.toString().split('\r\n')).toHaveLength(rows + 2);
  expect(existsSync(path('killed.csv.progress'))).toBe(false);
}, 180_000);

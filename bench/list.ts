// Lists: what a million rows cost in time, memory and DNS queries. BENCH_ROWS says how many.

import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import Papa from 'papaparse';
import { createDns } from '../src/dns/create-dns.ts';
import { clean } from '../src/entry/clean.ts';
import { noProgress } from '../src/entry/clean-output.ts';
import { validatorOver } from '../src/validate.ts';
import { type Bench, type Figure, median, type Target } from './figures.ts';

const rows = Number(process.env['BENCH_ROWS'] ?? 1_000_000);
const domains = Math.min(75_000, rows);
const rounds = 3;

/** A few providers have most of the people, as in any list; every domain has at least one. */
function domainOf(row: number): number {
  if (row < domains) return row;
  const random = ((row * 2_654_435_761) % 2 ** 32) / 2 ** 32;
  return Math.floor(random ** 4 * domains);
}

function writeList(path: string, count: number): void {
  const file = openSync(path, 'w');
  writeSync(file, 'id,first_name,last_name,email,signup_date,city,source\r\n');
  for (let from = 0; from < count; from += 10_000) {
    let text = '';
    for (let row = from; row < Math.min(count, from + 10_000); row++)
      text += `${row},"Jane, ${row % 977}",Doe,jane.doe${row}@d${domainOf(row)}.otter.net,2024-0${1 + (row % 9)}-11,Rome,${row % 3 ? 'shop' : 'fair'}\r\n`;
    writeSync(file, text);
  }
  closeSync(file);
}

/** What the CSV library takes to read a file and write the same. */
function copyWithPapa(from: string, to: string): Promise<void> {
  return new Promise((resolve) => {
    const out = createWriteStream(to);
    Papa.parse<string[]>(createReadStream(from), {
      chunk({ data }, parser) {
        if (out.write(`${Papa.unparse(data, { newline: '\r\n' })}\r\n`)) return;
        parser.pause();
        out.once('drain', () => parser.resume());
      },
      complete: () => out.end(() => resolve()),
    });
  });
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

/** Whether both files have the same rows in the same order, the second with our columns behind. */
async function sameRows(list: string, result: string): Promise<boolean> {
  const results = createInterface({ input: createReadStream(result) })[Symbol.asyncIterator]();
  for await (const row of createInterface({ input: createReadStream(list) })) {
    const { value, done } = await results.next();
    if (done || !value.startsWith(`${row},`)) return false;
  }
  return (await results.next()).done === true;
}

export const run: Bench['run'] = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presend-bench-'));
  const path = (name: string): string => join(folder, name);
  const server = fork(new URL('./list-server.ts', import.meta.url));
  const hear = async () => (await once(server, 'message'))[0];
  const { url, hosts } = (await hear()) as { url: string; hosts: number };
  const queriesSoFar = async (): Promise<number> => {
    server.send('how many');
    return ((await hear()) as { queries: number }).queries;
  };

  /** `presend clean` in a process of its own: seconds, MiB at most, and queries. */
  const cold = async (list: string) => {
    const program = new URL('./list-cli.ts', import.meta.url).pathname;
    const args = [program, 'clean', path(list), '-o', path('cold.csv'), '--json'];
    let output = '';
    const seconds = await timed(async () => {
      output = (await promisify(execFile)(process.execPath, args, { env: { DOH_URLS: url } })).stdout;
    });
    return { seconds, mib: Number(output.trim().split('\n').at(-1)), queries: await queriesSoFar() };
  };

  try {
    writeList(path('list.csv'), rows);
    const first = await cold('list.csv');
    const inOrder = await sameRows(path('list.csv'), path('cold.csv'));

    writeList(path('long.csv'), rows * 5);
    const long = await cold('long.csv');
    rmSync(path('long.csv'));

    const { mailHosts } = createDns({ urls: [url], shareInFlight: true });
    const validator = validatorOver({
      mailHosts,
      suppressions: null,
      now: Date.now,
      timeoutMs: 5000,
      batchTimeoutMs: 86_400_000,
    });
    const cleanOnce = () =>
      clean(
        {
          input: path('list.csv'),
          output: path('warm.csv'),
          list: {},
          maxAgeDays: 90,
          resume: false,
          json: true,
          patience: 60,
        },
        { validator, now: Date.now, progress: noProgress, say: () => {}, warn: console.error },
      );
    await cleanOnce();
    await copyWithPapa(path('list.csv'), path('copy.csv'));
    const copying: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < rounds; round++) {
      copying.push(await timed(() => copyWithPapa(path('list.csv'), path('copy.csv'))));
      warm.push(await timed(cleanOnce));
    }

    const needed = domains + Math.min(hosts, domains);
    const ratio = median(warm) / median(copying);
    const figures: Figure[] = [
      { name: `${rows} rows, ${domains} domains, cold`, value: first.seconds, unit: 's' },
      { name: 'look-ups cold', value: domains / first.seconds, unit: 'domains/s' },
      { name: 'DNS queries', value: first.queries, unit: '', ratio: first.queries / needed },
      { name: 'peak memory', value: first.mib, unit: 'MiB' },
      { name: `peak memory, ${rows * 5} rows`, value: long.mib, unit: 'MiB', ratio: long.mib / first.mib },
      { name: 'papaparse, reading and writing the file', value: median(copying), unit: 's' },
      { name: 'the list with warm DNS', value: median(warm), unit: 's', ratio },
      { name: 'rows with warm DNS', value: rows / median(warm), unit: 'rows/s' },
    ];
    const targets: Target[] = [
      { claim: 'rows in = rows out, in order', holds: inOrder },
      { claim: `${first.queries} DNS queries ≤ 1.02 × ${needed}`, holds: first.queries <= 1.02 * needed },
      { claim: `peak memory ${first.mib.toFixed(0)} MiB ≤ 200 MiB`, holds: first.mib <= 200 },
      {
        claim: `five times as many rows: ${long.mib.toFixed(0)} MiB ≤ 200 MiB`,
        holds: long.mib <= 200,
      },
      { claim: `with warm DNS ${ratio.toFixed(2)} × papaparse ≤ 2.5`, holds: ratio <= 2.5 },
    ];
    return { figures, targets };
  } finally {
    server.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
};

// `npm run chaos -- lists`: measures verdicts for forms on Node while a list is verified whose domains have only dead
// name servers. With `--short` it takes less than a minute, and does not wait for the end of the lists.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createChaosTable } from './chaos-table.ts';
import { startDelayedDoh } from './edge/isolate.ts';
import { startServer } from './programs.ts';

const { report, end } = createChaosTable();
const { values: options } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false } },
});
const formSeconds = options.short ? 15 : 20;
const rows = 1000;

const doh = await Promise.all([5, 5, 5].map(startDelayedDoh));
const folder = mkdtempSync(join(tmpdir(), 'presend-chaos-'));
const server = await startServer('../src/cli/cli.ts', ['serve'], {
  cwd: folder,
  env: { PORT: '0', DOH_URLS: doh.map(({ url }) => url).join(',') },
});

let used = 0;
/**
 * Requests verdicts about healthy domains, one after another, for `seconds`. Returns the median and the 99th percentile
 * of their times in milliseconds, and how many verdicts were not `deliverable`.
 */
async function forms(
  seconds: number,
): Promise<{ median: number; p99: number; unknown: number; count: number }> {
  const times: number[] = [];
  let unknown = 0;
  for (const until = Date.now() + seconds * 1000; Date.now() < until; await delay(20)) {
    const began = performance.now();
    const response = await fetch(`${server.url}/v1/validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `jane@cold${used++}.brisk-otters.net` }),
    });
    const { result } = (await response.json()) as { result: string };
    times.push(performance.now() - began);
    if (result !== 'deliverable') unknown++;
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
  return { median: at(0.5), p99: at(0.99), unknown, count: times.length };
}

interface JobAnswer {
  readonly id: string;
  readonly state: string;
}

async function job(path: string, init: RequestInit = {}): Promise<JobAnswer> {
  return (await (await fetch(`${server.url}/v1/jobs${path}`, init)).json()) as JobAnswer;
}

await forms(3);
const idle = await forms(formSeconds / 2);
console.log(`idle: median ${idle.median.toFixed(1)} ms, p99 ${idle.p99.toFixed(1)} ms`);

for (const [name, domain] of [
  ['under one parent domain', (row: number) => `silent${row}.brisk-otters.net`],
  ['of unrelated names', (row: number) => `silent${row}.net`],
] as const) {
  const body = `email\n${Array.from({ length: rows }, (_, row) => `jane@${domain(row)}\n`).join('')}`;
  const began = performance.now();
  const { id } = await job('', { method: 'POST', headers: { 'content-type': 'text/csv' }, body });
  const during = await forms(formSeconds);
  console.log(
    `${during.count} forms: median ${during.median.toFixed(1)} ms, p99 ${during.p99.toFixed(1)} ms`,
  );
  report(`a list of dead domains ${name}: median of forms`, during.median / idle.median, 2, '× idle');
  report('… p99 of forms beyond idle', during.p99 - idle.p99, 300, 'ms');
  report('… unknown of healthy domains', during.unknown, 0, '');
  if (options.short) {
    await job(`/${id}`, { method: 'DELETE' });
    continue;
  }
  while ((await job(`/${id}`)).state !== 'completed') await delay(500);
  const pass = (rows * 5) / 32;
  report(
    `… time of the list of ${rows}, against one pass of 5 s each`,
    (performance.now() - began) / 1000 / pass,
    1,
    '×',
  );
}

server.child.kill('SIGKILL');
rmSync(folder, { recursive: true, force: true });
end();

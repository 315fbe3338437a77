// POST /v1/validate, warm and with the suppression list in SQLite, beside a Hono route that does nothing.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDohServer } from '../test/dns/doh-server.ts';
import { zone } from '../test/http/zone.ts';
import { type Bench, median } from './figures.ts';
import { peer } from './peers.ts';

const rounds = 5;
const seconds = 3;
const connections = 32;

interface LoadResult {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
}

type Load = (options: object) => Promise<LoadResult>;

/** A program of ours that says where it listens. */
async function start(
  file: string,
  args: readonly string[],
  options: object,
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], options);
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    // Read to the end, since a full pipe would stop the program.
    child.stdout!.on('data', (chunk) => {
      if (output.length > 10_000) return;
      output += chunk;
      const found = /listens on (\S+)/.exec(output);
      if (found !== null) resolve(found[1]!);
    });
    child.once('exit', () => reject(new Error(`${file} ended: ${output}`)));
  });
  return { url, child };
}

/** Processor time of a process so far, where /proc tells it; it depends less than the clock on what else is running. */
function cpuSeconds({ pid }: ChildProcess): number {
  if (!existsSync(`/proc/${pid}/stat`)) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export async function run(): ReturnType<Bench['run']> {
  const load = peer<Load>('autocannon');
  const folder = mkdtempSync(join(tmpdir(), 'presend-bench-'));
  const doh = await startDohServer(zone);
  const environment = { ...process.env, PORT: '0', DOH_URLS: doh.url };
  const floor = await start('http-floor.ts', [], {});
  const service = await start('../src/entry/cli.ts', ['serve'], { cwd: folder, env: environment });

  const post = (url: string): Promise<LoadResult> =>
    load({
      url: `${url}/v1/validate`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'jane.doe@brisk-otter.com' }),
      connections,
      duration: seconds,
    });

  const servers = { floor, presend: service };
  const cpuPerRequest: Record<keyof typeof servers, number[]> = { floor: [], presend: [] };
  const results: Record<keyof typeof servers, LoadResult[]> = { floor: [], presend: [] };
  // The first round warms both, and is not counted.
  for (let round = 0; round <= rounds; round++)
    for (const name of ['floor', 'presend'] as const) {
      const { url, child } = servers[name];
      const before = cpuSeconds(child);
      const result = await post(url);
      if (result.non2xx + result.errors > 0)
        throw new Error(`${name}: ${result.non2xx} refused, ${result.errors} failed`);
      if (round === 0) continue;
      results[name].push(result);
      cpuPerRequest[name].push(((cpuSeconds(child) - before) / result.requests.total) * 1e6);
    }

  for (const { child } of [floor, service]) {
    child.kill();
    await once(child, 'exit');
  }
  await doh.close();
  rmSync(folder, { recursive: true });

  const rate = (name: keyof typeof servers) => median(results[name].map(({ requests }) => requests.average));
  const p99 = (name: keyof typeof servers) => median(results[name].map(({ latency }) => latency.p99));
  const ratio = rate('presend') / rate('floor');
  return {
    figures: [
      { name: 'Hono POST that does nothing', value: rate('floor'), unit: 'requests/s', ratio: 1 },
      { name: 'presend POST /v1/validate', value: rate('presend'), unit: 'requests/s', ratio },
      {
        name: 'Hono POST that does nothing: processor time',
        value: median(cpuPerRequest.floor),
        unit: 'µs/request',
      },
      {
        name: 'presend POST /v1/validate: processor time',
        value: median(cpuPerRequest.presend),
        unit: 'µs/request',
        ratio: median(cpuPerRequest.presend) / median(cpuPerRequest.floor),
      },
      { name: 'Hono POST that does nothing: p99', value: p99('floor'), unit: 'ms' },
      { name: 'presend POST /v1/validate: p99', value: p99('presend'), unit: 'ms' },
    ],
    targets: [
      {
        claim: `POST /v1/validate ${ratio.toFixed(2)} × a Hono POST that does nothing ≥ 0.60 ×`,
        holds: ratio >= 0.6,
      },
    ],
  };
}

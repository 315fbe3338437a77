// Measures POST /v1/validate, with warm caches and the suppression list in SQLite, and a Hono route that does nothing.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDohServer } from '../test/dns/doh-server.ts';
import { zone } from '../test/http/zone.ts';
import { type Bench, inTurns, ratioOf, spread } from './figures.ts';
import { peer } from './peers.ts';
import { asInstalled, cpuSeconds, type Server, startServer, stop } from './programs.ts';

const connections = 32;

/** The number of rounds, and the seconds of load on each server in one round. */
const sizes = { full: { rounds: 5, seconds: 3 }, smoke: { rounds: 3, seconds: 1 } };

interface LoadResult {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
}

type Load = (options: object) => Promise<LoadResult>;

interface Round {
  /** Requests per second. */
  readonly rate: number;
  /** Microseconds of processor time for each request. */
  readonly cpu: number;
  /** Milliseconds. */
  readonly p99: number;
}

export const run: Bench['run'] = async (size) => {
  const load = peer<Load>('autocannon');
  const { rounds, seconds } = sizes[size];
  const folder = mkdtempSync(join(tmpdir(), 'presend-bench-'));
  const doh = await startDohServer(zone);
  const environment = { ...process.env, ...asInstalled, PORT: '0', DOH_URLS: doh.url };
  const floorServer = await startServer('http-floor.ts', [], {});
  const service = await startServer('../src/cli/cli.ts', ['serve'], { cwd: folder, env: environment });

  const measure = async ({ url, child }: Server): Promise<Round> => {
    const before = cpuSeconds(child);
    const { requests, latency, non2xx, errors } = await load({
      url: `${url}/v1/validate`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'jane.doe@brisk-otter.com' }),
      connections,
      duration: seconds,
    });
    if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} refused, ${errors} failed`);
    const cpu = ((cpuSeconds(child) - before) / requests.total) * 1e6;
    return { rate: requests.average, cpu, p99: latency.p99 };
  };
  const { floor, presend } = await inTurns(
    { floor: () => measure(floorServer), presend: () => measure(service) },
    rounds,
  );

  await Promise.all([floorServer, service].map(({ child }) => stop(child)));
  await doh.close();
  rmSync(folder, { recursive: true });

  const figures = (key: keyof Round, what: string, unit: string) => {
    const [ours, theirs] = [presend, floor].map((all) => all.map((round) => round[key]));
    return [
      { name: `Hono POST that does nothing${what}`, value: spread(theirs!), unit },
      {
        name: `presend POST /v1/validate${what}`,
        value: spread(ours!),
        unit,
        ratio: ratioOf(ours!, theirs!),
      },
    ];
  };
  const rates = presend.map(({ rate }) => rate);
  return {
    figures: [
      ...figures('rate', '', 'requests/s'),
      ...figures('cpu', ': processor time', 'µs/request'),
      // p99 is measured in whole milliseconds, which is too coarse for a ratio.
      ...figures('p99', ': p99', 'ms').map(({ ratio, ...figure }) => figure),
    ],
    targets: [
      {
        name: 'POST /v1/validate, against a Hono POST that does nothing',
        measured: ratioOf(
          rates,
          floor.map(({ rate }) => rate),
        ),
        bound: 'at least',
        limit: 0.6,
        unit: '×',
      },
      {
        name: 'POST /v1/validate; AfterShip/email-verifier does the limit on one core',
        measured: spread(rates),
        bound: 'at least',
        limit: 14_100,
        unit: 'requests/s',
      },
    ],
  };
};

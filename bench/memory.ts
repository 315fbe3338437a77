// Measures the memory of the service under a load such as that from signup forms and lists. The load lasts
// BENCH_MINUTES, 10 by default.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { makeCertificate } from './certificate.ts';
import type { DohServer } from './doh-server.ts';
import { type Bench, exactly, spread } from './figures.ts';
import { peer } from './peers.ts';
import { asInstalled, build, residentBytes, startServer, startWorker, stop } from './programs.ts';
import { workload } from './workload.ts';

const minutes = Number(process.env['BENCH_MINUTES'] ?? 10);
const connections = 32;
/** One request in `batchEvery` is a batch of `batchSize` addresses. */
const batchEvery = 20;
const batchSize = 20;

interface LoadResult {
  readonly requests: { readonly average: number };
  readonly non2xx: number;
  readonly errors: number;
}

type Load = (options: object) => Promise<LoadResult>;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** `values` in four parts of the same length. */
const quarters = (values: readonly number[]) =>
  [0, 1, 2, 3].map((part) =>
    values.slice(Math.floor((values.length * part) / 4), Math.floor((values.length * (part + 1)) / 4)),
  );

export const run: Bench['run'] = async () => {
  console.log(`The service is under load for ${minutes} minutes (BENCH_MINUTES).`);
  build();
  const load = peer<Load>('autocannon');
  const { addresses } = workload(200_000, 20_000);
  const folder = mkdtempSync(join(tmpdir(), 'presend-bench-'));
  const { key, cert } = makeCertificate(folder);
  const doh = startWorker<object, DohServer>('doh-server.ts', { args: [key, cert] });
  const { url: dohUrl } = await doh.ask({});
  const environment = {
    ...process.env,
    ...asInstalled,
    PORT: '0',
    DOH_URLS: dohUrl,
    NODE_EXTRA_CA_CERTS: cert,
  };
  const service = await startServer('../dist/src/cli/cli.js', ['serve'], { cwd: folder, env: environment });

  let next = 0;
  const address = () => addresses[next++ % addresses.length]!;
  let sent = 0;
  const setupRequest = (request: object) => {
    const isBatch = sent++ % batchEvery === 0;
    const body = isBatch ? { emails: Array.from({ length: batchSize }, address) } : { email: address() };
    return { ...request, path: `/v1/validate${isBatch ? '/batch' : ''}`, body: JSON.stringify(body) };
  };
  const loaded = load({
    url: service.url,
    connections,
    duration: minutes * 60,
    requests: [{ method: 'POST', headers: { 'content-type': 'application/json' }, setupRequest }],
  });
  const megabytes: number[] = [];
  const ended = loaded.then(() => true);
  for await (const _ of setInterval(1000)) {
    megabytes.push(residentBytes(service.child).now / 1e6);
    if (await Promise.race([ended, false])) break;
  }
  const { requests, non2xx, errors } = await loaded;
  const most = residentBytes(service.child).most / 1e6;
  await stop(service.child);
  doh.close();
  rmSync(folder, { recursive: true });
  if (non2xx + errors > 0) throw new Error(`${non2xx} requests were refused, ${errors} failed`);

  const [, second, , last] = quarters(megabytes).map(mean);
  return {
    figures: [
      { name: 'requests answered', value: exactly(requests.average), unit: 'requests/s' },
      { name: 'resident memory, each second', value: spread(megabytes), unit: 'MB' },
      { name: 'resident memory, mean of the second quarter', value: exactly(second!), unit: 'MB' },
      { name: 'resident memory, mean of the last quarter', value: exactly(last!), unit: 'MB' },
    ],
    targets: [
      {
        name: `most resident memory in ${minutes} minutes of load`,
        measured: exactly(most),
        bound: 'at most',
        limit: 150,
        unit: 'MB',
      },
      {
        name: 'resident memory in the last quarter, against the second',
        measured: exactly(last! / second!),
        bound: 'at most',
        limit: 1.03,
        unit: '×',
      },
    ],
  };
};

// Measures a lookup while the first of two resolvers hangs, and compares it with a lookup while both are healthy.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createDns } from '../src/dns/create-dns.ts';
import { type Bench, type Figure, ratioOf, spread, type Target } from './figures.ts';
import type { HedgeUrls } from './hedge-servers.ts';

const count = 1000;
const rounds = 5;
/** Milliseconds after which a question also goes to the second resolver, before the delays of the first are known. */
const hedgeDelay = 150;
const concurrencies = [1, 32, count];

/** Returns the milliseconds that each of `count` lookups of distinct domains took, the shortest first. */
async function measure(urls: readonly string[], concurrency: number): Promise<readonly number[]> {
  const { mailHosts } = createDns({ urls, shareInFlight: true });
  const took: number[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const domain = `d${next++}.example`;
      const began = performance.now();
      const { mailHost } = await mailHosts.lookup(domain, Date.now() + 10_000);
      if (mailHost.kind !== 'mx') throw new Error(`${domain}: ${mailHost.kind}`);
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return took.sort((a, b) => a - b);
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

const percentiles = (sorted: readonly number[]): Percentiles => {
  const at = (percent: number) => sorted[Math.ceil((sorted.length * percent) / 100) - 1]!;
  return { p50: at(50), p99: at(99) };
};

export const run: Bench['run'] = async () => {
  const servers = fork(new URL('./hedge-servers.ts', import.meta.url), [String(count)]);
  const [{ well, other, hung }] = (await once(servers, 'message')) as [HedgeUrls];
  const figures: Figure[] = [];
  const targets: Target[] = [];
  for (const concurrency of concurrencies) {
    // Open the connections and compile the code before anything is measured.
    for (const url of [well, other]) await measure([url], concurrency);
    const healthy: Percentiles[] = [];
    const hanging: Percentiles[] = [];
    for (let round = 0; round < rounds; round++) {
      healthy.push(percentiles(await measure([well, other], concurrency)));
      hanging.push(percentiles(await measure([hung, other], concurrency)));
    }
    const at = `${concurrency} at once`;
    for (const key of ['p50', 'p99'] as const) {
      const [whenWell, whenHung] = [healthy, hanging].map((rounds) => rounds.map((round) => round[key]));
      figures.push(
        { name: `both well, ${at}: ${key}`, value: spread(whenWell!), unit: 'ms' },
        {
          name: `first hung, ${at}: ${key}`,
          value: spread(whenHung!),
          unit: 'ms',
          ratio: ratioOf(whenHung!, whenWell!),
        },
      );
    }
    targets.push({
      name: `p99 with one resolver hung, ${at}, against ${hedgeDelay} ms + 1.3 × p99 with none`,
      measured: ratioOf(
        hanging.map(({ p99 }) => p99),
        healthy.map(({ p99 }) => hedgeDelay + 1.3 * p99),
      ),
      bound: 'at most',
      limit: 1,
      unit: '×',
    });
  }
  servers.disconnect();
  return { figures, targets };
};

// What a look-up takes when the first of two resolvers hangs, against what it takes when both are well.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createDns } from '../src/dns/create-dns.ts';
import type { Bench, Figure, Target } from './figures.ts';
import type { HedgeUrls } from './hedge-servers.ts';

const count = 1000;
const rounds = 5;
/** What a resolver is given at first, in milliseconds. */
const hedgeDelay = 150;
const concurrencies = [1, 32, count];

/** Milliseconds that each of `count` look-ups of distinct domains took, the shortest first. */
async function measure(urls: readonly string[], concurrency: number): Promise<readonly number[]> {
  const { mailHosts } = createDns({ urls, shareInFlight: true });
  const took: number[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const domain = `d${next++}.example`;
      const began = performance.now();
      const { mailHost } = await mailHosts.lookUp(domain, Date.now() + 10_000);
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

const median = (results: readonly Percentiles[], key: keyof Percentiles): number =>
  results.map((result) => result[key]).sort((a, b) => a - b)[rounds >> 1]!;

export const run: Bench['run'] = async () => {
  const servers = fork(new URL('./hedge-servers.ts', import.meta.url), [String(count)]);
  const [{ well, other, hung }] = (await once(servers, 'message')) as [HedgeUrls];
  const figures: Figure[] = [];
  const targets: Target[] = [];
  for (const concurrency of concurrencies) {
    // Connections are open and code is compiled before anything counts.
    for (const url of [well, other]) await measure([url], concurrency);
    const healthy: Percentiles[] = [];
    const hanging: Percentiles[] = [];
    for (let round = 0; round < rounds; round++) {
      healthy.push(percentiles(await measure([well, other], concurrency)));
      hanging.push(percentiles(await measure([hung, other], concurrency)));
    }
    const [healthyP50, hangingP50] = [median(healthy, 'p50'), median(hanging, 'p50')];
    const [healthyP99, hangingP99] = [median(healthy, 'p99'), median(hanging, 'p99')];
    const limit = hedgeDelay + 1.3 * healthyP99;
    const at = `${concurrency} at once`;
    figures.push(
      { name: `both well, ${at}: p50`, value: healthyP50, unit: 'ms' },
      { name: `both well, ${at}: p99`, value: healthyP99, unit: 'ms' },
      { name: `first hung, ${at}: p50`, value: hangingP50, unit: 'ms', ratio: hangingP50 / healthyP50 },
      { name: `first hung, ${at}: p99`, value: hangingP99, unit: 'ms', ratio: hangingP99 / healthyP99 },
    );
    targets.push({
      claim: `first hung, ${at}: p99 of ${count} look-ups, median of ${rounds} rounds: ${hangingP99.toFixed(1)} ms < ${hedgeDelay} ms + 1.3 × ${healthyP99.toFixed(1)} ms = ${limit.toFixed(1)} ms`,
      holds: hangingP99 < limit,
    });
  }
  servers.disconnect();
  return { figures, targets };
};

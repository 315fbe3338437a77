// What a look-up takes when the first of two resolvers hangs, against what it takes when both are well.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createDns } from '../src/dns/create-dns.ts';
import type { Bench, Figure, Target } from './bench.ts';
import type { HedgeUrls } from './hedge-servers.ts';

const count = 1000;
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
      const { kind } = await mailHosts.lookUp(domain, Date.now() + 10_000);
      if (kind !== 'mx') throw new Error(`${domain}: ${kind}`);
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return took.sort((a, b) => a - b);
}

const percentile = (sorted: readonly number[], percent: number) =>
  sorted[Math.ceil((sorted.length * percent) / 100) - 1]!;

export const run: Bench['run'] = async () => {
  const servers = fork(new URL('./hedge-servers.ts', import.meta.url), [String(count)]);
  const [{ well, other, hung }] = (await once(servers, 'message')) as [HedgeUrls];
  const figures: Figure[] = [];
  const targets: Target[] = [];
  for (const concurrency of concurrencies) {
    // Connections are open and code is compiled before anything counts.
    for (const url of [well, other]) await measure([url], concurrency);
    const healthy = await measure([well, other], concurrency);
    const hanging = await measure([hung, other], concurrency);
    const [healthyP99, hangingP99] = [percentile(healthy, 99), percentile(hanging, 99)];
    const limit = hedgeDelay + 1.3 * healthyP99;
    const at = `${concurrency} at once`;
    figures.push(
      { name: `both well, ${at}: p50`, value: percentile(healthy, 50), unit: 'ms' },
      { name: `both well, ${at}: p99`, value: healthyP99, unit: 'ms' },
      { name: `first hung, ${at}: p50`, value: percentile(hanging, 50), unit: 'ms' },
      { name: `first hung, ${at}: p99`, value: hangingP99, unit: 'ms', ratio: hangingP99 / healthyP99 },
    );
    targets.push({
      claim: `first hung, ${at}: p99 of ${count} look-ups ${hangingP99.toFixed(1)} ms < ${hedgeDelay} ms + 1.3 × ${healthyP99.toFixed(1)} ms = ${limit.toFixed(1)} ms`,
      holds: hangingP99 < limit,
    });
  }
  servers.disconnect();
  return { figures, targets };
};

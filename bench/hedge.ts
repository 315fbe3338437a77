// What a look-up takes when the first of two resolvers hangs, against what it takes when both are well.

import { createDohResolver } from '../src/dns/doh.ts';
import { createHedgedResolver } from '../src/dns/hedged.ts';
import { createMailHosts } from '../src/dns/look-up.ts';
import { systemTimers } from '../src/dns/timers.ts';
import { startDohServer } from '../test/dns/doh-server.ts';
import type { Records, Zone } from '../test/dns/zone.ts';
import type { Bench } from './bench.ts';

const count = 1000;
const hedgeDelay = 150;
const concurrencies = [1, 32, count];

const domain = (index: number) => `d${index}.example`;
const host = (index: number) => `mx.d${index}.example`;

const zoneOf = (records: (index: number) => [Records, Records]): Zone =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const [ofDomain, ofHost] = records(index);
      return [
        [domain(index), ofDomain],
        [host(index), ofHost],
      ] as const;
    }).flat(),
  );

const wellZone = zoneOf((index) => [{ MX: [[10, host(index)]] }, { A: ['198.41.0.4'] }]);
const hungZone = zoneOf(() => [{ fault: 'hang' }, { fault: 'hang' }]);

/** Milliseconds that each of `count` look-ups of distinct domains took, the shortest first. */
async function measure(urls: readonly string[], concurrency: number): Promise<readonly number[]> {
  const resolvers = urls.map((url) => createDohResolver({ url, fetch }));
  const resolver = createHedgedResolver(resolvers, { timers: systemTimers, firstDelay: hedgeDelay });
  const mailHosts = createMailHosts({ resolver, timers: systemTimers, shareInFlight: true });
  const took: number[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const name = domain(next++);
      const began = performance.now();
      const { kind } = await mailHosts.lookUp(name, Date.now() + 10_000);
      if (kind !== 'mx') throw new Error(`${name}: ${kind}`);
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return took.sort((a, b) => a - b);
}

const percentile = (sorted: readonly number[], percent: number) =>
  sorted[Math.ceil((sorted.length * percent) / 100) - 1]!;

export const run: Bench['run'] = async () => {
  const [well, other, hung] = await Promise.all([wellZone, wellZone, hungZone].map(startDohServer));
  const figures = [];
  const targets = [];
  try {
    await measure([well!.url, other!.url], 32);
    for (const concurrency of concurrencies) {
      const healthy = await measure([well!.url, other!.url], concurrency);
      const hanging = await measure([hung!.url, other!.url], concurrency);
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
  } finally {
    await Promise.all([well, other, hung].map((server) => server?.close()));
  }
  return { figures, targets };
};

// The packed disposable domains beside a Set of the npm list: time and memory to load, and look-ups a second.
// Each is measured in processes of its own, since memory can be told apart in no other way.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { type Bench, median } from './figures.ts';

const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const npmList = JSON.stringify(createRequire(import.meta.url).resolve('disposable-email-domains/index.json'));

/** The code is loaded before the clock starts: what is measured is the data. */
const load = {
  packed: `const { disposable } = await import(${here('../data/packed/disposable.js')});
    const set = openHashSet(disposable);
    globalThis.has = (domain) => set.hasSuffixOf(domain, domain.length);`,
  set: `const set = new Set(JSON.parse(readFileSync(${npmList}, 'utf8')));
    globalThis.has = (domain) => set.has(domain);`,
} as const;

/**
 * What the child runs: it loads, then asks for 200,000 names, half of them listed, seven times over. Each name is cut
 * out of a longer text, as a domain is cut out of an address: a string that was asked for before carries its hash.
 */
const child = (way: keyof typeof load): string => `
  import { readFileSync } from 'node:fs';
  const { openHashSet } = await import(${here('../src/domain/hash-set.ts')});
  const memory = () => {
    for (let i = 0; i < 4; i++) gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = memory();
  const start = performance.now();
  ${load[way]}
  const loadMs = performance.now() - start;
  const bytes = memory() - before;

  const listed = JSON.parse(readFileSync(${npmList}, 'utf8'));
  const names = Array.from({ length: 200_000 }, (_, i) =>
    i % 2 === 0 ? listed[(i * 7919) % listed.length] : 'company-' + i + '.example' + (i % 97) + '.com');
  const text = names.map((name) => 'jane@' + name).join(' ') + ' ';
  const from = [], to = [];
  for (let at = 0; at < text.length; at = to.at(-1) + 1) {
    from.push(text.indexOf('@', at) + 1);
    to.push(text.indexOf(' ', at));
  }
  const rates = [];
  let found = 0;
  for (let round = 0; round < 7; round++) {
    const begin = performance.now();
    for (let i = 0; i < from.length; i++) if (globalThis.has(text.slice(from[i], to[i]))) found++;
    rates.push((from.length / (performance.now() - begin)) * 1000);
  }
  console.log(JSON.stringify({ loadMs, bytes, rates, found }));`;

interface Measured {
  readonly loadMs: number;
  readonly bytes: number;
  /** On one core. */
  readonly lookupsPerSecond: number;
}

const measure = async (way: keyof typeof load): Promise<Measured> => {
  const runs: { loadMs: number; bytes: number; rates: number[] }[] = [];
  for (let i = 0; i < 5; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      '--input-type=module',
      '--eval',
      child(way),
    ]);
    runs.push(JSON.parse(stdout));
  }
  return {
    loadMs: median(runs.map(({ loadMs }) => loadMs)),
    bytes: median(runs.map(({ bytes }) => bytes)),
    lookupsPerSecond: median(runs.flatMap(({ rates }) => rates)),
  };
};

/** The packed data beside a Set of the npm list, each the median of five processes. */
export async function run(): ReturnType<Bench['run']> {
  const packed = await measure('packed');
  const set = await measure('set');
  const figures = (name: string, { loadMs, bytes, lookupsPerSecond }: Measured) => [
    { name: `${name}: load`, value: loadMs, unit: 'ms', ratio: loadMs / set.loadMs },
    { name: `${name}: memory`, value: bytes / 1e6, unit: 'MB', ratio: bytes / set.bytes },
    {
      name: `${name}: look-ups`,
      value: lookupsPerSecond,
      unit: '/s',
      ratio: lookupsPerSecond / set.lookupsPerSecond,
    },
  ];
  const millions = (packed.lookupsPerSecond / 1e6).toFixed(2);
  return {
    figures: [...figures('packed', packed), ...figures('Set of disposable-email-domains', set)],
    targets: [
      {
        claim: `disposable: ${millions} M look-ups/s on one core ≥ 1 M/s`,
        holds: packed.lookupsPerSecond >= 1e6,
      },
    ],
  };
}

// Compares the packed disposable domains with a Set of an npm list: time and memory to load them, and lookups per
// second. Each is measured in separate processes, because the memory of both could not be told apart in one process.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { type Bench, type Figure, inTurns, median, ratioOf, spread } from './figures.ts';

const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const npmList = JSON.stringify(createRequire(import.meta.url).resolve('disposable-email-domains/index.json'));

/** How each process loads its domains. The code is loaded earlier, so only the data is measured. */
const load = {
  packed: `const { disposable } = await import(${here('../data/packed/disposable.js')});
    const set = openHashSet(disposable);
    globalThis.has = (domain) => set.hasSuffixOf(domain, domain.length);`,
  set: `const set = new Set(JSON.parse(readFileSync(${npmList}, 'utf8')));
    globalThis.has = (domain) => set.has(domain);`,
} as const;

/**
 * The program of the child process. It loads the domains, and then looks up 200,000 names, half of them disposable, in
 * each of seven rounds. Each name is cut out of a longer text, as a domain is cut out of an address. V8 keeps the hash
 * of a string that was looked up before, so looking up the same string again would be too fast.
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
  /** Lookups per second on one core, for each round. */
  readonly rates: readonly number[];
}

const measure = async (way: keyof typeof load): Promise<Measured> => {
  const args = ['--expose-gc', '--input-type=module', '--eval', child(way)];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
};

/** Measures the packed data and the Set in processes that take turns. */
export const run: Bench['run'] = async (size) => {
  const processes = await inTurns(
    { packed: () => measure('packed'), set: () => measure('set') },
    size === 'full' ? 5 : 3,
  );
  const values = (way: keyof typeof load) => ({
    load: processes[way].map(({ loadMs }) => loadMs),
    memory: processes[way].map(({ bytes }) => bytes / 1e6),
    rate: processes[way].map(({ rates }) => median(rates)),
  });
  const [packed, set] = [values('packed'), values('set')];
  const figure = (what: keyof typeof packed, name: string, unit: string): Figure[] => [
    {
      name: `packed: ${name}`,
      value: spread(packed[what]),
      unit,
      ratio: ratioOf(packed[what], set[what]),
    },
    { name: `Set of disposable-email-domains: ${name}`, value: spread(set[what]), unit },
  ];
  return {
    figures: [
      ...figure('load', 'load', 'ms'),
      ...figure('memory', 'memory', 'MB'),
      ...figure('rate', 'speed', 'look-ups/s'),
    ],
    targets: [
      {
        name: 'disposable domains, one core',
        measured: spread(packed.rate),
        bound: 'at least',
        limit: 1_000_000,
        unit: 'look-ups/s',
      },
    ],
  };
};

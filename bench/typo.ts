// How many distinct domains a second the typo engine answers on one core, and what its data costs.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { suggestDomain } from '../src/domain/typo.ts';
import { type Bench, median } from './figures.ts';

const syllables =
  'ba be bo bra ca cla co da de do dra fa fi flo ga go gra ha ho in ka ko la le li lo ma me mi mo na ne no pa pe pla po ra re ri ro sa se so sta ta te ti to tra u va ve vi wa xi za'.split(
    ' ',
  );
const providers = ['gmail', 'hotmail', 'yahoo', 'outlook', 'icloud', 'comcast', 'orange', 'yandex'];
const endings = ['com', 'com', 'com', 'net', 'org', 'de', 'fr', 'co.uk', 'com.br', 'io', 'it', 'edu'];

/** A linear congruential generator: the same workload in every run. */
const numbers = (seed: number) => {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

/** A provider's name with one letter more, less or other, and now and then a broken ending. */
const misspelt = (pick: (below: number) => number): string => {
  const name = providers[pick(providers.length)]!;
  const at = pick(name.length);
  const letter = pick(4) === 0 ? '' : String.fromCharCode(97 + pick(26));
  const other = pick(3) === 0 ? String.fromCharCode(97 + pick(26)) : '';
  return `${name.slice(0, at)}${letter}${name.slice(at + pick(2))}${other}.${endings[pick(endings.length)]}${pick(5) === 0 ? 'm' : ''}`;
};

const company = (pick: (below: number) => number): string => {
  let name = '';
  for (let parts = 2 + pick(4); parts > 0; parts -= 1) name += syllables[pick(syllables.length)]!;
  return `${name}.${endings[pick(endings.length)]}`;
};

/** Distinct domains as a mailing list has them: nineteen in twenty are of companies, one is a misspelt provider. */
const workload = (size: number): string[] => {
  const pick = numbers(7);
  const domains = new Set<string>();
  while (domains.size < size) domains.add(pick(20) === 0 ? misspelt(pick) : company(pick));
  return [...domains];
};

const rounds = 5;

/** In a process of its own, so that neither the load time nor the heap has anything else in it. */
const child = `
  const { suggestDomain } = await import(${JSON.stringify(new URL('../src/domain/typo.ts', import.meta.url).href)});
  gc();
  const before = process.memoryUsage();
  const began = performance.now();
  suggestDomain('example.com');
  const loadMs = performance.now() - began;
  gc();
  const after = process.memoryUsage();
  console.log(JSON.stringify({
    loadMs, bytes: after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers,
  }));`;

export async function run(): ReturnType<Bench['run']> {
  const args = ['--expose-gc', '--input-type=module', '--eval', child];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { loadMs, bytes } = JSON.parse(stdout) as { loadMs: number; bytes: number };

  const domains = workload(400_000);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    for (const domain of domains) suggestDomain(domain);
    rates.push((domains.length / (performance.now() - began)) * 1000);
  }
  const rate = median(rates);
  return {
    figures: [
      { name: 'typo: distinct domains', value: rate, unit: '/s' },
      { name: 'typo: index built at first use', value: loadMs, unit: 'ms' },
      { name: 'typo: heap', value: bytes / 1e6, unit: 'MB' },
    ],
    targets: [
      {
        claim: `typo engine ${(rate / 1e6).toFixed(2)} M distinct domains/s on one core ≥ 1 M/s`,
        holds: rate >= 1e6,
      },
    ],
  };
}

// Measures for how many distinct domains per second the typo engine gives an answer on one core, compared with
// mailcheck, and how much memory its data takes.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suggestDomain } from '../src/domain/typo/suggest.ts';
import { type Bench, exactly, inTurns, ratioOf, secondsOf, spread } from './figures.ts';
import { peer } from './peers.ts';

const syllables =
  'ba be bo bra ca cla co da de do dra fa fi flo ga go gra ha ho in ka ko la le li lo ma me mi mo na ne no pa pe pla po ra re ri ro sa se so sta ta te ti to tra u va ve vi wa xi za'.split(
    ' ',
  );
const providers = ['gmail', 'hotmail', 'yahoo', 'outlook', 'icloud', 'comcast', 'orange', 'yandex'];
const endings = ['com', 'com', 'com', 'net', 'org', 'de', 'fr', 'co.uk', 'com.br', 'io', 'it', 'edu'];

/** A linear congruential generator, which gives the same workload in every run. */
const numbers = (seed: number) => {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

/**
 * Returns the name of a provider, usually with one letter inserted, deleted or replaced. Some names get an extra letter
 * at the end, and some endings an extra `m`.
 */
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

/**
 * Returns distinct domains such as those of a mailing list: 19 of 20 belong to companies, and one is a misspelled
 * provider.
 */
const workload = (size: number): string[] => {
  const pick = numbers(7);
  const domains = new Set<string>();
  while (domains.size < size) domains.add(pick(20) === 0 ? misspelt(pick) : company(pick));
  return [...domains];
};

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const memory = () => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

interface Mailcheck {
  run(options: { email: string; suggested: () => void; empty: () => void }): void;
}

const sizes = { full: { domains: 400_000, few: 20_000 }, smoke: { domains: 100_000, few: 5000 } };

export const run: Bench['run'] = async (size) => {
  const before = memory();
  const loaded = await secondsOf(() => suggestDomain('example.com'));
  const bytes = memory() - before;

  const domains = workload(sizes[size].domains);
  let corrected = 0;
  const presend = () => {
    corrected = 0;
    for (const domain of domains) if (suggestDomain(domain) !== null) corrected += 1;
  };
  const few = domains.slice(0, sizes[size].few);
  const mailcheck = peer<Mailcheck>('mailcheck');
  const nothing = () => {};
  const peers = () => {
    for (const domain of few) mailcheck.run({ email: `jane@${domain}`, suggested: nothing, empty: nothing });
  };
  const rates = await inTurns(
    {
      presend: async () => domains.length / (await secondsOf(presend)),
      mailcheck: async () => few.length / (await secondsOf(peers)),
    },
    5,
  );
  const rate = spread(rates.presend);
  return {
    figures: [
      {
        name: 'distinct domains, one core',
        value: rate,
        unit: 'domains/s',
        ratio: ratioOf(rates.presend, rates.mailcheck),
      },
      { name: 'the same by mailcheck', value: spread(rates.mailcheck), unit: 'domains/s' },
      { name: 'of them corrected', value: exactly(corrected / domains.length), unit: 'of 1' },
      { name: 'first answer, the index built', value: exactly(loaded * 1000), unit: 'ms' },
      { name: 'heap of the index and lists', value: exactly(bytes / 2 ** 20), unit: 'MiB' },
    ],
    targets: [
      {
        name: 'distinct domains, one core',
        measured: rate,
        bound: 'at least',
        limit: 1_000_000,
        unit: 'domains/s',
      },
    ],
  };
};

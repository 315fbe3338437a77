// Measures for how many domains per second of processor time the typo engine gives an answer, compared with mailcheck, and how
// much memory its data takes. Processor time depends less on other programs on the machine than elapsed time.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mailDomains } from '../data/packed/typo.js';
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

const distinct = (size: number, next: () => string): string[] => {
  const domains = new Set<string>();
  while (domains.size < size) domains.add(next());
  return [...domains];
};

/** Returns a function that picks one of the mailbox domains, each as often as its weight in data/mail-domains.tsv says. */
const wellKnown = (pick: (below: number) => number): (() => string) => {
  const rows = mailDomains.split('\n').map((line) => line.split(' '));
  const shares = rows.map(([domain, weight]) => ({ domain: domain!, share: 10 ** (Number(weight) / 25) }));
  shares.sort((a, b) => b.share - a.share);
  const all = shares.reduce((sum, { share }) => sum + share, 0);
  return () => {
    let left = (pick(1e9) / 1e9) * all;
    for (const { domain, share } of shares) {
      left -= share;
      if (left < 0) return domain;
    }
    return shares[0]!.domain;
  };
};

type Mix = 'list' | 'unknown' | 'slips';

/**
 * The domains of a mix. `list`: as the addresses of consumers have them: of 100, 90 belong to mailbox providers, by their
 * popularity, 9 to companies, and one is a misspelled provider. `unknown`: distinct companies. `slips`: distinct, 19 of 20
 * belong to companies, and one is a misspelled provider.
 */
const workload = (mix: Mix, size: number): string[] => {
  const pick = numbers(7);
  if (mix === 'unknown') return distinct(size, () => company(pick));
  if (mix === 'slips') return distinct(size, () => (pick(20) === 0 ? misspelt(pick) : company(pick)));
  const known = wellKnown(pick);
  return Array.from({ length: size }, (_, i) =>
    i % 100 < 90 ? known() : i % 100 < 99 ? company(pick) : misspelt(pick),
  );
};

/** New strings for each round: a domain of a list is a part of its line, and no hash of it has been computed. */
const unhashed = (domains: readonly string[]): string[] =>
  Buffer.from(domains.join('\n')).toString().split('\n');

const processorSecondsOf = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
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
  // After some searches, the engine builds its indexes.
  for (const domain of workload('unknown', 200)) suggestDomain(domain);
  const bytes = memory() - before;

  const mailcheck = peer<Mailcheck>('mailcheck');
  const nothing = () => {};
  const byMailcheck = (domain: string) =>
    mailcheck.run({ email: `jane@${domain}`, suggested: nothing, empty: nothing });
  const { domains, few } = sizes[size];
  const rate = (mix: Mix, count: number, answer: (domain: string) => unknown) => {
    const list = workload(mix, count);
    return () => {
      const fresh = unhashed(list);
      const seconds = processorSecondsOf(() => {
        for (const domain of fresh) answer(domain);
      });
      return list.length / seconds;
    };
  };
  const rates = await inTurns(
    {
      list: rate('list', domains, suggestDomain),
      unknown: rate('unknown', domains, suggestDomain),
      slips: rate('slips', domains, suggestDomain),
      listByMailcheck: rate('list', few, byMailcheck),
      byMailcheck: rate('slips', few, byMailcheck),
    },
    5,
  );
  const slips = workload('slips', domains);
  const corrected = slips.filter((domain) => suggestDomain(domain) !== null).length;
  const unit = 'domains/s';
  const mixes = {
    list: 'of a list: 90% providers, 9% companies, 1% misspelled',
    slips: 'distinct domains, one core',
  };
  return {
    figures: [
      {
        name: mixes.list,
        value: spread(rates.list),
        unit,
        ratio: ratioOf(rates.list, rates.listByMailcheck),
      },
      { name: mixes.slips, value: spread(rates.slips), unit, ratio: ratioOf(rates.slips, rates.byMailcheck) },
      {
        name: 'distinct companies only (ratio: to the list)',
        value: spread(rates.unknown),
        unit,
        ratio: ratioOf(rates.unknown, rates.list),
      },
      { name: 'the list by mailcheck', value: spread(rates.listByMailcheck), unit },
      { name: 'the same by mailcheck', value: spread(rates.byMailcheck), unit },
      { name: 'of them corrected', value: exactly(corrected / slips.length), unit: 'of 1' },
      { name: 'first answer', value: exactly(loaded * 1000), unit: 'ms' },
      { name: 'heap of the index and lists', value: exactly(bytes / 2 ** 20), unit: 'MiB' },
    ],
    targets: [
      { name: mixes.list, measured: spread(rates.list), bound: 'at least', limit: 1_000_000, unit },
      { name: mixes.slips, measured: spread(rates.slips), bound: 'at least', limit: 1_000_000, unit },
    ],
  };
};

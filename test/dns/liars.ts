// Resolvers that answer from a world of domains, truthfully or with a lie to every question.

import type { DnsOutcome, DnsQuestion, Resolver } from '../../src/dns/resolver.ts';

/** The outcome that a resolver gives to `question`, where the truth is `truth`. */
export type Lie = (question: DnsQuestion, truth: DnsOutcome) => DnsOutcome;

const addresses = (...all: string[]): DnsOutcome => ({ kind: 'addresses', addresses: all, ttl: 300 });
const mx = (host: string): DnsOutcome => ({ kind: 'mx', exchanges: [{ preference: 0, host }], ttl: 300 });
const noData: DnsOutcome = { kind: 'no_data', ttl: 300 };
const nxdomain: DnsOutcome = { kind: 'nxdomain', ttl: 300 };

const byType = (ofMx: DnsOutcome, ofA: DnsOutcome, ofAaaa: DnsOutcome): Lie => {
  const outcomes = { MX: ofMx, A: ofA, AAAA: ofAaaa };
  return ({ type }) => outcomes[type as keyof typeof outcomes];
};

/** Lies that make a live domain look as if it took no mail. */
export const liesAgainst: Readonly<Record<string, Lie>> = {
  NXDOMAIN: () => nxdomain,
  'no data': () => noData,
  'null MX': byType(mx(''), noData, noData),
  '0.0.0.0': ({ type }, truth) => (type === 'A' ? addresses('0.0.0.0') : type === 'AAAA' ? noData : truth),
  '::': ({ type }, truth) => (type === 'AAAA' ? addresses('::') : type === 'A' ? noData : truth),
  '0.0.0.0 and ::': byType(noData, addresses('0.0.0.0'), addresses('::')),
  'a private address': byType(noData, addresses('10.0.0.1'), noData),
  'an MX host that does not exist': ({ name, type }) =>
    type === 'MX' ? mx(`gone.${name}`) : name.startsWith('gone.') ? nxdomain : noData,
};

/** What resolvers that sell search pages do. */
export const wildcard: Lie = ({ type }, truth) => {
  if (truth.kind !== 'nxdomain') return truth;
  return type === 'A' ? addresses('198.41.0.4') : noData;
};

/** `domain`s that start with `live` have an MX of their own host, with `bare` an address alone; others do not exist. */
export function truthOf({ name, type }: DnsQuestion): DnsOutcome {
  if (name.startsWith('live')) return type === 'MX' ? mx(`mx.${name}`) : noData;
  if (name.startsWith('bare')) return type === 'A' ? addresses('198.41.0.4') : noData;
  if (name.startsWith('mx.live')) return type === 'A' ? addresses('198.41.0.4') : noData;
  return nxdomain;
}

/** A resolver that knows the truth and tells `lie`, where it is one; `asked` has every question. */
export function resolverWith(name: string, lie: Lie | null, asked: DnsQuestion[] = []): Resolver {
  return {
    name,
    resolve: async (question) => {
      asked.push(question);
      const truth = truthOf(question);
      return lie === null ? truth : lie(question, truth);
    },
  };
}

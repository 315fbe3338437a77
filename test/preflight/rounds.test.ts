// How long a preflight takes: in rounds of DNS questions, each of which waits for the answers of the one before it.

import { describe, expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import type { DnsOutcome, Resolver } from '../../src/dns/resolver.ts';
import type { PreflightRequest } from '../../src/preflight/finding.ts';
import { mailauthLibrary } from '../../src/preflight/mailauth.ts';
import { createPreflight } from '../../src/preflight/preflight.ts';
import { goodKey } from './zone-text.ts';

const text = (record: string): DnsOutcome => ({ kind: 'texts', texts: [[record]], ttl: 60 });
const address = (ip: string): DnsOutcome => ({ kind: 'addresses', addresses: [ip], ttl: 60 });
const mx = (...hosts: readonly string[]): DnsOutcome => ({
  kind: 'mx',
  exchanges: hosts.map((host, preference) => ({ preference, host })),
  ttl: 60,
});

const base: Readonly<Record<string, DnsOutcome>> = {
  'TXT example.net': text('v=spf1 ip4:198.51.100.0/24 -all'),
  'MX example.net': mx('mx.example.net'),
  'A mx.example.net': address('198.41.0.4'),
  'TXT s1._domainkey.example.net': text(goodKey),
  'TXT _dmarc.example.net': text('v=DMARC1; p=reject; rua=mailto:a@reports.org'),
  'TXT example.net._report._dmarc.reports.org': text('v=DMARC1'),
  'PTR 7.100.51.198.in-addr.arpa': { kind: 'names', names: ['out.example.net'], ttl: 60 },
  'A out.example.net': address('198.51.100.7'),
  'TXT _mta-sts.example.net': text('v=STSv1; id=1'),
  'A mta-sts.example.net': address('198.41.0.4'),
};

const request: PreflightRequest = {
  domain: 'example.net',
  selectors: ['s1'],
  ips: ['198.51.100.7'],
  bounceDomain: null,
  helo: null,
  tracking: [],
};

/** A resolver whose questions wait until all others do, and are then answered together. */
function roundsOf(records: Readonly<Record<string, DnsOutcome>>) {
  let waiting: (() => void)[] = [];
  let rounds = 0;
  const resolver: Resolver = {
    name: 'rounds',
    resolve: ({ name, type }) =>
      new Promise((resolve) => {
        waiting.push(() => resolve(records[`${type} ${name}`] ?? { kind: 'nxdomain' }));
      }),
  };
  return {
    resolver,
    async until<Value>(work: Promise<Value>): Promise<{ value: Value; rounds: number }> {
      let isOver = false;
      const done = work.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
        if (waiting.length === 0) continue;
        rounds++;
        const answered = waiting;
        waiting = [];
        for (const answer of answered) answer();
      }
      return { value: await done, rounds };
    },
  };
}

const nested = (depth: number): Record<string, DnsOutcome> =>
  Object.fromEntries(
    Array.from({ length: depth }, (_, at) => [
      `TXT i${at}.example.net`,
      text(
        at === depth - 1 ? 'v=spf1 ip4:198.51.100.0/24 -all' : `v=spf1 include:i${at + 1}.example.net -all`,
      ),
    ]),
  );

/** What is asked, beside the sound sender; and the longest chain of questions that wait for each other. */
const senders: readonly (readonly [string, Record<string, DnsOutcome>, Partial<PreflightRequest>, number])[] =
  [
    ['a sound sender: PTR and its address', {}, {}, 2],
    [
      'an SPF record with nine includes, each in the one before',
      { 'TXT example.net': text('v=spf1 include:i0.example.net -all'), ...nested(9) },
      {},
      10,
    ],
    [
      'several terms mx with several hosts each: the record, an MX record, an address',
      {
        'TXT example.net': text('v=spf1 mx:a.example.net mx:b.example.net mx:c.example.net -all'),
        ...Object.fromEntries(
          ['a', 'b', 'c'].map((name) => [`MX ${name}.example.net`, mx(`1.${name}.net`, `2.${name}.net`)]),
        ),
        ...Object.fromEntries(
          ['a', 'b', 'c'].flatMap((name) =>
            [1, 2].map((at) => [`A ${at}.${name}.net`, address('192.0.2.1')]),
          ),
        ),
        'A 2.c.net': address('198.51.100.7'),
      },
      {},
      3,
    ],
    [
      'terms with macros, which a receiver asks one after another',
      {
        'TXT example.net': text(
          'v=spf1 exists:%{i}.a.example.net exists:%{i}.b.example.net exists:%{i}.c.example.net -all',
        ),
        'A 198.51.100.7.c.example.net': address('127.0.0.2'),
      },
      {},
      4,
    ],
    [
      'a signer and a bounce domain of other organizations: their policies do not wait for the key',
      {
        'TXT s1._domainkey.esp.org': text(goodKey),
        'TXT bounce.esp.org': text('v=spf1 ip4:198.51.100.0/24 -all'),
        'MX bounce.esp.org': mx('mx.example.net'),
        'TXT _dmarc.esp.org': text('v=DMARC1; p=none; rua=mailto:a@esp.org'),
      },
      { selectors: ['s1._domainkey.esp.org'], bounceDomain: 'bounce.esp.org' },
      2,
    ],
  ];

describe('a check takes at most 1.5 times as long as its slowest chain of questions', () => {
  test.each(senders)('%s', async (_, records, more, chain) => {
    const { resolver, until } = roundsOf({ ...base, ...records });
    const { check } = createPreflight({
      resolver,
      timers: systemTimers,
      zones: [],
      policyTransport: async () => ({
        kind: 'text',
        text: 'version: STSv1\nmode: enforce\nmx: mx.example.net\nmax_age: 86400',
      }),
      loadLibrary: async () => mailauthLibrary,
    });
    const { value, rounds } = await until(check({ ...request, ...more }));
    expect(value.facts.spf[0]!.ips).toMatchObject([{ result: 'pass' }]);
    expect(rounds).toBeGreaterThanOrEqual(chain);
    expect(rounds / chain).toBeLessThanOrEqual(1.5);
  });
});

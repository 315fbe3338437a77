// What a preflight costs, and how it ends when resolvers do not answer.

import { expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import type { DnsOutcome, DnsQuestion, Resolver } from '../../src/dns/resolver.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import type { PreflightRequest } from '../../src/preflight/finding.ts';
import { mailauthLibrary } from '../../src/preflight/mailauth.ts';
import { createPreflight } from '../../src/preflight/preflight.ts';
import { manualTimers } from '../dns/manual-timers.ts';
import { createResponder, fetchFrom, type Zone } from '../dns/zone.ts';
import { goodKey } from './zone-text.ts';

const request: PreflightRequest = {
  domain: 'example.net',
  selectors: ['s1'],
  ips: [],
  bounceDomain: 'bounce.example.net',
  helo: null,
  tracking: [],
};

const zone: Zone = {
  net: {},
  'example.net': { TXT: ['v=spf1 include:spf.sender.net -all'], MX: [[10, 'mx.example.net']] },
  'bounce.example.net': { TXT: ['v=spf1 include:spf.sender.net -all'], MX: [[10, 'mx.example.net']] },
  'mx.example.net': { A: ['198.41.0.4'] },
  'spf.sender.net': { TXT: ['v=spf1 ip4:198.51.100.0/24 -all'] },
  's1._domainkey.example.net': { TXT: [[goodKey.slice(0, 200), goodKey.slice(200)]] },
  '_dmarc.example.net': { TXT: ['v=DMARC1; p=reject; rua=mailto:a@reports.org'] },
  'example.net._report._dmarc.reports.org': { TXT: ['v=DMARC1'] },
  '_mta-sts.example.net': { TXT: ['v=STSv1; id=1'] },
  'mta-sts.example.net': { A: ['198.41.0.4'] },
  '_smtp._tls.example.net': { TXT: ['v=TLSRPTv1; rua=mailto:a@example.net'] },
  '7.100.51.198.in-addr.arpa': { PTR: ['out.example.net'] },
  'out.example.net': { A: ['198.51.100.7'] },
};

const overDoh = (records: Zone): Resolver =>
  createDohResolver({ url: 'https://dns.example/q', fetch: fetchFrom(createResponder(records)) });

/** A resolver that notes its questions. */
function noting(resolver: Resolver) {
  const asked: string[] = [];
  return {
    asked,
    resolver: {
      name: resolver.name,
      resolve: (question: DnsQuestion, signal: AbortSignal) => {
        asked.push(`${question.type} ${question.name}`);
        return resolver.resolve(question, signal);
      },
    },
  };
}

const ports = {
  timers: systemTimers,
  zones: [],
  policyTransport: async () => ({
    kind: 'text' as const,
    text: 'version: STSv1\nmode: enforce\nmx: mx.example.net\nmax_age: 86400',
  }),
  loadLibrary: async () => mailauthLibrary,
};

const ofSpf = (question: string) => /^TXT (?:example|bounce\.example|spf\.sender)\.net$/.test(question);

test('at most 12 queries beyond those of SPF and of selectors', async () => {
  const { resolver, asked } = noting(overDoh(zone));
  const { findings, facts } = await createPreflight({ ...ports, resolver }).check(request);
  expect(findings).toEqual([]);
  expect(new Set(asked).size).toBe(asked.length);
  expect(facts.queries).toBe(asked.length);
  expect(
    asked.filter((question) => !ofSpf(question) && !question.includes('_domainkey')).length,
  ).toBeLessThanOrEqual(12);
});

test('two further queries for each sending address', async () => {
  const without = await createPreflight({ ...ports, resolver: overDoh(zone) }).check(request);
  const { facts, findings } = await createPreflight({ ...ports, resolver: overDoh(zone) }).check({
    ...request,
    ips: ['198.51.100.7'],
  });
  expect(findings).toEqual([]);
  expect(facts.ips).toEqual([{ ip: '198.51.100.7', ptr: ['out.example.net'], confirmed: true }]);
  expect(facts.queries).toBe(without.facts.queries + 2);
});

test('resolvers that hang: it ends at the deadline, and nothing is a finding', async () => {
  const timers = manualTimers();
  const hanging: Resolver = {
    name: 'hanging',
    resolve: (_question, signal) =>
      new Promise<DnsOutcome>((resolve) => {
        const end = () => resolve({ kind: 'failure', cause: 'timeout' });
        if (signal.aborted) end();
        else signal.addEventListener('abort', end, { once: true });
      }),
  };
  const { check } = createPreflight({ ...ports, timers, resolver: hanging, deadlineMs: 4000 });
  let isOver = false;
  const checked = check({ ...request, ips: ['198.51.100.7'] }).finally(() => {
    isOver = true;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  timers.advance(3900);
  await turn();
  expect(isOver).toBe(false);
  timers.advance(100);
  const { findings, facts } = await checked;
  expect(findings).toEqual([]);
  expect(facts.not_answered.length).toBe(facts.queries);
});

test.each(['servfail', 'refused', 'garbage'] as const)('a zone with %s has no fault', async (fault) => {
  const broken = Object.fromEntries(Object.keys(zone).map((name) => [name, { fault }]));
  const { findings, facts } = await createPreflight({ ...ports, resolver: overDoh(broken) }).check({
    ...request,
    bounceDomain: null,
  });
  expect(findings).toEqual([]);
  expect(facts.dmarc).toMatchObject({ record: null, policy: null });
  expect(facts.spf).toMatchObject([{ record: null, lookups: null }]);
  expect(facts.not_answered.length).toBeGreaterThan(4);
});

test('without the library, syntax and keys are not checked, and the answer says so', async () => {
  const { findings, facts } = await createPreflight({
    ...ports,
    loadLibrary: null,
    resolver: overDoh({ ...zone, 'example.net': { ...zone['example.net'], TXT: ['v=spf1 ipv4:1 -all'] } }),
  }).check({ ...request, ips: ['198.51.100.7'] });
  expect(findings).toEqual([]);
  expect(facts.dkim).toMatchObject([{ state: 'not_checked', bits: null }]);
  expect(facts.not_checked.map(({ check }) => check)).toEqual(['spf_syntax', 'dkim_keys', 'blocklists']);
});

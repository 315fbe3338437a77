// The probe of each resolver: real stand-ins on loopback that answer, lie, fail, are down or hang.

import { expect, onTestFinished, test } from 'vitest';
import { probeResolvers } from '../../src/dns/probe-resolvers.ts';
import type { DnsOutcome, Resolver } from '../../src/dns/resolver.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { createPlainResolver } from '../../src/dns/transport/plain.ts';
import { createPlainTransport } from '../../src/dns/transport/plain-node.ts';
import { startDnsServer } from './dns-server.ts';
import { startDohServer } from './doh-server.ts';
import { manualTimers } from './manual-timers.ts';
import type { Zone } from './zone.ts';

const live = { 'example.com': { MX: [[0, '.']] } } as const satisfies Zone;

async function doh(zone: Zone): Promise<Resolver> {
  const server = await startDohServer(zone);
  onTestFinished(() => server.close());
  return createDohResolver({ url: server.url, fetch });
}

test('a resolver that is right about both names answers', async () => {
  const resolver = await doh(live);
  const [probe] = await probeResolvers([resolver]);
  expect(probe).toMatchObject({ name: resolver.name, outcome: 'answers' });
  expect(probe!.seen).toBe(`answers in ${Math.round(probe!.ms)} ms`);
});

test('a live name without MX records and a dead name without addresses are right answers', async () => {
  const resolver = await doh({ 'example.com': {}, 'presend-probe.invalid': {} });
  expect((await probeResolvers([resolver]))[0]!.outcome).toBe('answers');
});

test('plain DNS is probed as well', async () => {
  const server = await startDnsServer(live);
  onTestFinished(() => server.close());
  const [probe] = await probeResolvers([createPlainResolver(server.at, createPlainTransport())]);
  expect(probe!.outcome).toBe('answers');
});

test.each([
  ['says that example.com does not exist', {}],
  [
    'says that presend-probe.invalid, which does not exist, has the address 198.41.0.4',
    { ...live, 'presend-probe.invalid': { A: ['198.41.0.4'] } },
  ],
])('a resolver that lies is wrong: %s', async (seen, zone: Zone) => {
  expect(await probeResolvers([await doh(zone)])).toMatchObject([{ outcome: 'wrong', seen }]);
});

test.each([
  ['servfail', 'servfail', 'SERVFAIL'],
  ['refused', 'refused', 'refuses'],
  ['status 403', 'refused', 'refuses'],
  ['captive portal', 'not_dns', 'not a DNS answer'],
  ['garbage', 'not_dns', 'not a DNS answer'],
] as const)('a resolver whose fault is %s: %s', async (fault, outcome, seen) => {
  const [probe] = await probeResolvers([await doh({ 'example.com': { fault } })]);
  expect(probe).toMatchObject({ outcome, seen: expect.stringContaining(seen) });
});

test.each(['servfail', 'captive portal', 'refused'] as const)(
  'a network that answers all but the dead name, whose fault is %s, has a resolver that answers',
  async (fault) => {
    const resolver = await doh({ ...live, 'presend-probe.invalid': { fault } });
    expect((await probeResolvers([resolver]))[0]!.outcome).toBe('answers');
  },
);

test('a resolver that is down is unreachable, and each result belongs to its resolver', async () => {
  // Port 9 (discard) of loopback: nothing listens there.
  const down = createDohResolver({ url: 'http://127.0.0.1:9/dns-query', fetch });
  const up = await doh(live);
  expect(await probeResolvers([down, up, down])).toMatchObject([
    { name: '127.0.0.1:9', outcome: 'unreachable', seen: 'cannot be reached' },
    { name: up.name, outcome: 'answers' },
    { name: '127.0.0.1:9', outcome: 'unreachable' },
  ]);
});

test('a resolver that hangs has until the deadline', async () => {
  const timers = manualTimers();
  const hung: Resolver = {
    name: 'hung',
    resolve: (_, signal) =>
      new Promise<DnsOutcome>((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'failure', cause: 'timeout' }));
      }),
  };
  const probing = probeResolvers([hung], { deadlineMs: 700, timers });
  timers.advance(700);
  expect(await probing).toEqual([
    { name: 'hung', outcome: 'timeout', ms: 700, seen: 'does not answer within 700 ms' },
  ]);
});

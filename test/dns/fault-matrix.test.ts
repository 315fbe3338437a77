// Whatever goes wrong between us and the DNS: no domain is called dead for it, and no deadline is passed.

import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import { createMailHosts } from '../../src/dns/lookup.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { type DohServer, startDohServer } from './doh-server.ts';
import { mailHostIn } from './mail-host-in.ts';
import { type ManualTimers, manualTimers } from './manual-timers.ts';
import type { Fault, Records, Zone } from './zone.ts';

const faults: readonly Fault[] = [
  'servfail',
  'refused',
  'formerr',
  'badvers',
  'blocked',
  'status 403',
  'status 429',
  'status 500',
  'redirect',
  'wrong content type',
  'garbage',
  'empty body',
  'truncated body',
  'oversized body',
  'truncation bit',
  'a query',
  'another id',
  'no question',
  'another question',
  'another type',
  'referral',
  'no soa',
  'not ready',
  'prohibited',
  'not authoritative',
  'no reachable authority',
  'network error',
  'captive portal',
  'alias to nowhere',
];

const nameOf = (fault: Fault) => fault.replaceAll(' ', '-');
const many = Array.from({ length: 60 }, (_, index) => [index, `gone${index}.example`] as const);

/** Each fault at each step of a look-up: the MX question, a host's addresses, the domain's own addresses. */
const zone: Zone = {
  ...Object.fromEntries(
    faults.flatMap((fault): [string, Records][] => [
      [`${nameOf(fault)}.example`, { MX: [[0, '.']], fault }],
      [`host-${nameOf(fault)}.example`, { MX: [[0, `${nameOf(fault)}.example`]] }],
    ]),
  ),
  'hang.example': { fault: 'hang' },
  'host-hang.example': { MX: [[0, 'hang.example']] },
  'loop.example': { CNAME: 'loop2.example' },
  'loop2.example': { CNAME: 'loop.example' },
  'sixty.example': { MX: many },
  'good.example': { MX: [[0, 'mx.good.example']] },
  'mx.good.example': { A: ['198.41.0.4'] },
};

let server: DohServer;
let hung: DohServer;
let nobody: string;
beforeEach(async () => {
  server = await startDohServer(zone);
  hung = await startDohServer({ 'good.example': { fault: 'hang' }, 'mx.good.example': { fault: 'hang' } });
  nobody = await closedPort();
});
afterEach(() => Promise.all([server.close(), hung.close()]));

async function closedPort(): Promise<string> {
  const listener = createTcpServer();
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => {
    listener.close(resolve);
  });
  return `http://127.0.0.1:${port}/`;
}

const doh = (url: string) => createDohResolver({ url, fetch });

function mailHosts(resolver: Resolver, timers: ManualTimers, shareInFlight: boolean) {
  const hosts = createMailHosts({ resolver, timers, shareInFlight });
  return (domain: string) => mailHostIn(hosts.lookup(domain, timers.now() + 1500));
}

for (const shareInFlight of [true, false])
  describe(shareInFlight ? 'shared look-ups' : 'look-ups alone', () => {
    const lookUp = (domain: string, resolver = doh(server.url)) =>
      mailHosts(resolver, manualTimers(), shareInFlight)(domain);

    test.each(faults)('%s: undetermined, or still an MX', async (fault) => {
      expect(await lookUp(`${nameOf(fault)}.example`)).toMatchObject({ kind: 'undetermined' });
      expect(await lookUp(`host-${nameOf(fault)}.example`)).toMatchObject({ kind: 'mx' });
    });

    test('a CNAME loop: undetermined', async () => {
      expect(await lookUp('loop.example')).toEqual({ kind: 'undetermined', cause: 'servfail' });
    });

    test('sixty MX records, none of which can be found within reason: still an MX', async () => {
      expect(await lookUp('sixty.example')).toMatchObject({ kind: 'mx' });
    });

    test('connection refused: undetermined', async () => {
      expect(await lookUp('good.example', doh(nobody))).toEqual({ kind: 'undetermined', cause: 'network' });
    });

    test('no TLS where TLS was asked for: undetermined', async () => {
      const outcome = await lookUp('good.example', doh(server.url.replace('http:', 'https:')));
      expect(outcome).toEqual({ kind: 'undetermined', cause: 'network' });
    });

    test('one of two resolvers out: the other one answers', async () => {
      const resolver = createHedgedResolver([doh(nobody), doh(server.url)], { timers: manualTimers() });
      expect(await lookUp('good.example', resolver)).toMatchObject({ kind: 'mx' });
    });

    test('one of two resolvers hung: the other one answers after the hedge delay', async () => {
      const timers = manualTimers();
      const began = timers.now();
      const resolver = createHedgedResolver([doh(hung.url), doh(server.url)], { timers });
      const found = mailHosts(resolver, timers, shareInFlight)('good.example');
      for (const question of ['MX good.example', 'A mx.good.example']) {
        await hung.heard(question);
        timers.advance(150);
      }
      expect(await found).toMatchObject({ kind: 'mx' });
      expect(timers.now() - began).toBe(300);
    });

    test('both resolvers hung: undetermined at the deadline', async () => {
      const timers = manualTimers();
      const resolver = createHedgedResolver([doh(hung.url), doh(hung.url)], { timers });
      const found = mailHosts(resolver, timers, shareInFlight)('good.example');
      timers.advance(1500);
      expect(await found).toEqual({ kind: 'undetermined', cause: 'timeout' });
    });

    test('a host that hangs: still an MX at the deadline', async () => {
      const timers = manualTimers();
      const found = mailHosts(doh(server.url), timers, shareInFlight)('host-hang.example');
      await server.heard('A hang.example');
      timers.advance(1500);
      expect(await found).toMatchObject({ kind: 'mx' });
    });
  });

test('unencrypted queries go to this machine only', () => {
  for (const url of ['http://dns.example/', 'ftp://127.0.0.1/', 'not a url'])
    expect(() => createDohResolver({ url, fetch })).toThrow(TypeError);
  for (const url of ['https://dns.example/', 'http://localhost:8053/', 'http://[::1]/', 'http://127.0.0.2/'])
    expect(createDohResolver({ url, fetch }).name).toBe(new URL(url).host);
});

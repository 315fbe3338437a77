// Look-ups through dnsdist and BIND, as they are deployed.

import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { createDns } from '../../src/dns/create-dns.ts';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import { createMailHosts } from '../../src/dns/lookup.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { createDohResolver } from '../../src/dns/transport/doh.ts';
import { createPlainResolver } from '../../src/dns/transport/plain.ts';
import { createPlainTransport } from '../../src/dns/transport/plain-node.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { mailHostIn } from '../dns/mail-host-in.ts';
import { type DnsServers, skipWithoutDnsServers, startDnsServers } from './dns-servers.ts';

describe.skipIf(skipWithoutDnsServers('the DNS system tests'))('dnsdist and BIND', () => {
  let servers: DnsServers;
  beforeAll(async () => {
    servers = await startDnsServers();
  }, 20_000);
  afterAll(() => servers?.close());

  const over = (method: 'POST' | 'GET') => createDohResolver({ url: servers.url, fetch, method });
  const lookUp = async (domain: string, resolver: Resolver, within = 5000): Promise<MailHost> =>
    mailHostIn(
      createMailHosts({ resolver, timers: systemTimers, shareInFlight: true }).lookup(
        domain,
        Date.now() + within,
      ),
    );

  const expected: readonly (readonly [string, MailHost])[] = [
    [
      'mail-shop.net',
      {
        kind: 'mx',
        exchanges: [
          { preference: 10, host: 'mail.mail-shop.net' },
          { preference: 20, host: 'backup.mail-shop.net' },
        ],
      },
    ],
    ['gmail.com', { kind: 'mx', exchanges: [{ preference: 5, host: 'gmail-smtp-in.l.google.com' }] }],
    [
      'alias-shop.net',
      {
        kind: 'mx',
        exchanges: [
          { preference: 10, host: 'mail.mail-shop.net' },
          { preference: 20, host: 'backup.mail-shop.net' },
        ],
      },
    ],
    ['implicit-a.net', { kind: 'implicit_mx', via: 'A' }],
    ['implicit-aaaa.net', { kind: 'implicit_mx', via: 'AAAA' }],
    ['null-mx.net', { kind: 'null_mx' }],
    ['no-data.net', { kind: 'no_mail_host' }],
    ['missing.net', { kind: 'nxdomain' }],
    ['private-mx.net', { kind: 'unroutable', exchanges: [{ preference: 10, host: 'mail.private-mx.net' }] }],
    ['bare-ip-mx.net', { kind: 'unroutable', exchanges: [{ preference: 10, host: '198.41.0.4' }] }],
    ['lost-mx.net', { kind: 'unroutable', exchanges: [{ preference: 10, host: 'mail.lost-mx.net' }] }],
    ['half-broken.net', { kind: 'mx', exchanges: [{ preference: 10, host: 'mail.servfail.net' }] }],
    ['servfail.net', { kind: 'undetermined', cause: 'servfail' }],
    ['refused.net', { kind: 'undetermined', cause: 'refused' }],
    ['loop-one.net', { kind: 'undetermined', cause: 'servfail' }],
  ];

  const plain = () => createPlainResolver(servers.plain, createPlainTransport());

  test.each(expected)('plain DNS %s', async (domain, mailHost) => {
    expect(await lookUp(domain, plain())).toEqual(mailHost);
  });

  test('an answer that fits no datagram is whole over plain DNS too', async () => {
    const byDoh = await lookUp('many-mx.net', over('POST'));
    expect(byDoh.kind === 'mx' && byDoh.exchanges).toHaveLength(90);
    expect(await lookUp('many-mx.net', plain())).toEqual(byDoh);
  });

  test('both ways give the same answers, with the same time to live', async () => {
    const questions = expected
      .filter(([, { kind }]) => kind !== 'undetermined')
      .flatMap(([name]) => (['MX', 'A', 'AAAA'] as const).map((type) => ({ name, type })));
    for (const question of questions) {
      const byDoh = await over('POST').resolve(question, AbortSignal.timeout(5000));
      expect(byDoh.kind, question.name).not.toBe('failure');
      expect(await plain().resolve(question, AbortSignal.timeout(5000))).toEqual(byDoh);
    }
  });

  for (const method of ['POST', 'GET'] as const)
    test.each(expected)(`${method} %s`, async (domain, mailHost) => {
      expect(await lookUp(domain, over(method))).toEqual(mailHost);
    });

  test.each(expected)('two resolvers %s', async (domain, mailHost) => {
    const resolver = createHedgedResolver([over('POST'), over('GET')], { timers: systemTimers });
    expect(await lookUp(domain, resolver)).toEqual(mailHost);
  });

  test('put together from URLs, one of which nobody listens at', async () => {
    const nobody = 'http://127.0.0.1:1/dns-query';
    const { mailHosts, health } = createDns({ urls: [nobody, servers.url], shareInFlight: true });
    const found = (domain: string) => mailHostIn(mailHosts.lookup(domain, Date.now() + 5000));
    expect(await found('gmail.com')).toMatchObject({ kind: 'mx' });
    expect(await found('null-mx.net')).toEqual({ kind: 'undetermined', cause: 'unconfirmed' });
    expect(health()).toMatchObject([
      { name: '127.0.0.1:1', state: 'up' },
      { state: 'up', failures: 0 },
    ]);
  });

  test.each([
    ['DoH', () => over('POST')],
    ['plain DNS', plain],
  ])('%s: a domain that answers too slowly is undetermined within 50 ms of the deadline', async (_, way) => {
    const began = performance.now();
    const mailHost = await lookUp('slow.net', way(), 300);
    expect(mailHost).toEqual({ kind: 'undetermined', cause: 'timeout' });
    expect(performance.now() - began).toBeLessThan(350);
  });

  test('a certificate that nobody vouches for ends in undetermined; one that is trusted in an answer', async () => {
    const resolver = createDohResolver({ url: servers.tlsUrl, fetch });
    expect(await lookUp('null-mx.net', resolver)).toEqual({ kind: 'undetermined', cause: 'network' });
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, servers.certificate]);
    try {
      expect(await lookUp('null-mx.net', resolver)).toEqual({ kind: 'null_mx' });
    } finally {
      setDefaultCACertificates(trusted);
    }
  });
});

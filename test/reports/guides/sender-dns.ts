// Rules about the sender's own DNS: the preflight of senders that break them, and of one that does not.

import { expect } from 'vitest';
import { systemTimers } from '../../../src/clock.ts';
import { createDohResolver } from '../../../src/dns/transport/doh.ts';
import { parseBlocklistZone } from '../../../src/preflight/blocklists.ts';
import type { PreflightFinding, PreflightRequest } from '../../../src/preflight/finding.ts';
import { mailauthLibrary } from '../../../src/preflight/mailauth.ts';
import { createPreflight } from '../../../src/preflight/preflight.ts';
import { createResponder, fetchFrom, type Zone } from '../../dns/zone.ts';
import { goodKey } from '../../preflight/zone-text.ts';
import type { Rules } from './rule.ts';

const ip = '198.51.100.7';

const key = [goodKey.slice(0, 200), goodKey.slice(200)];

const sound: Zone = {
  net: {},
  'example.net': { TXT: ['v=spf1 include:spf.sender.net -all'], MX: [[10, 'mx.example.net']] },
  'mx.example.net': { A: ['198.41.0.4'] },
  'spf.sender.net': { TXT: [`v=spf1 ip4:${ip} -all`] },
  's1._domainkey.example.net': { TXT: [key] },
  '_dmarc.example.net': { TXT: ['v=DMARC1; p=reject; rua=mailto:a@example.net'] },
  '7.100.51.198.in-addr.arpa': { PTR: ['mx2.example.net'] },
  'mx2.example.net': { A: [ip] },
  '2.0.0.127.bl.lists.net': { A: ['127.0.0.2'] },
  'test.dbl.lists.net': { A: ['127.0.1.2'] },
};

async function findingsOf(
  changes: Zone = {},
  more: Partial<PreflightRequest> = {},
): Promise<readonly PreflightFinding[]> {
  const records = { ...sound, ...changes };
  const { findings } = await createPreflight({
    resolver: createDohResolver({
      url: 'https://dns.example/q',
      fetch: fetchFrom(createResponder(records)),
    }),
    timers: systemTimers,
    zones: ['bl.lists.net', 'domain:dbl.lists.net'].map((text) => parseBlocklistZone(text)!),
    policyTransport: async () => ({ kind: 'no_answer', cause: 'network' }),
    loadLibrary: async () => mailauthLibrary,
  }).check({
    domain: 'example.net',
    selectors: ['s1'],
    ips: [ip],
    bounceDomain: null,
    helo: null,
    tracking: [],
    ...more,
  });
  return findings;
}

const expectCodes = async (
  codes: readonly string[],
  changes: Zone = {},
  more: Partial<PreflightRequest> = {},
): Promise<readonly PreflightFinding[]> => {
  const findings = await findingsOf(changes, more);
  expect(findings.map(({ code }) => code)).toEqual(codes);
  return findings;
};

const listedIp: Zone = { '7.100.51.198.bl.lists.net': { A: ['127.0.0.2'] } };
const listedDomain: Zone = { 'example.net.dbl.lists.net': { A: ['127.0.1.2'] } };
const none = { TXT: [] };

export const senderDnsRules: Rules = {
  0.15: [
    'the reputation of the IP address: is it on a blocklist',
    async () => void (await expectCodes(['ip_listed'], listedIp)),
  ],
  1.2: [
    'SPF, DKIM and DMARC are read from public DNS',
    async () => {
      await expectCodes([]);
      await expectCodes(['spf_none', 'dmarc_none', 'dkim_missing'], {
        'example.net': { MX: [[10, 'mx.example.net']] },
        's1._domainkey.example.net': none,
        '_dmarc.example.net': none,
      });
    },
  ],
  1.16: [
    'confirm that it is not your own SPF, DKIM and DMARC: each fault names its bounces',
    async () => {
      const findings = await expectCodes(['dkim_missing'], { 's1._domainkey.example.net': none });
      expect(findings[0]).toMatchObject({ severity: 'error' });
      expect(findings[0]!.causes).toContain('5.7.26');
    },
  ],
  1.36: [
    'a check of everything on which delivery depends: reverse DNS too',
    async () => {
      const [missing] = await expectCodes(['ptr_missing'], { '7.100.51.198.in-addr.arpa': {} });
      expect(missing!.causes).toContain('5.7.25');
    },
  ],
  1.37: [
    'neither the address nor the domain is on a blocklist',
    async () => {
      await expectCodes(['domain_listed'], listedDomain);
      await expectCodes([], { '7.100.51.198.bl.lists.net': { A: ['127.255.255.254'] } });
    },
  ],
  2.25: [
    'a blacklist checker: the address and the domain',
    async () => void (await expectCodes(['ip_listed', 'domain_listed'], { ...listedIp, ...listedDomain })),
  ],
  4.3: ['SPF, DKIM and DMARC are in place', async () => void (await expectCodes([]))],
  4.36: [
    'the record to publish is ready to copy',
    async () => {
      const findings = await expectCodes(['spf_none', 'dmarc_none'], {
        'example.net': { MX: [[10, 'mx.example.net']] },
        '_dmarc.example.net': none,
      });
      expect(findings.map(({ publish }) => publish)).toEqual([
        { name: 'example.net', type: 'TXT', value: `v=spf1 ip4:${ip} ~all` },
        {
          name: '_dmarc.example.net',
          type: 'TXT',
          value: 'v=DMARC1; p=none; rua=mailto:dmarc-reports@example.net',
        },
      ]);
    },
  ],
  '4.50': [
    'SPF names all servers, in at most ten look-ups',
    async () => {
      await expectCodes(['spf_ip_not_allowed'], { 'spf.sender.net': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] } });
      await expectCodes(['spf_too_many_lookups'], {
        'spf.sender.net': { TXT: [`v=spf1 ${'a:mx.example.net '.repeat(10)}ip4:${ip} -all`] },
      });
    },
  ],
  4.51: [
    'DKIM is on every message: the key of each selector is there and long enough',
    async () =>
      void (await expectCodes(['dkim_missing'], {}, { selectors: ['s1', 's2._domainkey.news.example.net'] })),
  ],
  4.52: [
    'DMARC is aligned, and subdomains are covered',
    async () => {
      await expectCodes(
        ['dmarc_nothing_aligned'],
        {
          'bounce.sender.net': { TXT: [`v=spf1 ip4:${ip} -all`], MX: [[10, 'mx.example.net']] },
          's1._domainkey.sender.net': { TXT: [key] },
        },
        { bounceDomain: 'bounce.sender.net', selectors: ['s1._domainkey.sender.net'] },
      );
      await expectCodes(['dmarc_subdomains_open'], {
        '_dmarc.example.net': { TXT: ['v=DMARC1; p=reject; sp=none; rua=mailto:a@example.net'] },
      });
    },
  ],
  4.61: [
    'an audit of SPF, DKIM and DMARC: the most severe fault first',
    async () =>
      void (await expectCodes(['spf_pass_all', 'dmarc_policy_none'], {
        'example.net': { TXT: ['v=spf1 +all'], MX: [[10, 'mx.example.net']] },
        '_dmarc.example.net': { TXT: ['v=DMARC1; p=none; rua=mailto:a@example.net'] },
      })),
  ],
};

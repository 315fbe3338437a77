// What public DNS says about a synthetic sender, as plain data: a healthy state, harmless flaws that have been there for
// long, harmless changes, and faults.
//
// - SPF over ten look-ups is a permerror (RFC 7208 section 4.6.4); mail still passes DMARC by an aligned DKIM signature
//   (RFC 9989), so such a record can stand for years without a bounce.
// - Microsoft, Google and Yahoo ask for SPF, DKIM and DMARC of bulk senders (support.microsoft.com on 5.7.515).
// - Missing PTR records: 550 5.7.25 (github.com/mail-in-a-box/mailinabox/issues/2211 and 1746: it began overnight, when the
//   host started to use an IPv6 address without a PTR record).

import type { Random } from '../simulate/random.ts';
import { happens } from './sample.ts';

export type SpfResult = 'pass' | 'softfail' | 'fail' | 'permerror' | 'none';

export interface SendingAddress {
  readonly address: string;
  readonly ptr: string | null;
  readonly forwardConfirmed: boolean;
  readonly spf: SpfResult;
  readonly listedIn: readonly string[];
}

export interface DkimKey {
  readonly selector: string;
  readonly found: boolean;
  readonly revoked: boolean;
  readonly keyBits: number | null;
  readonly testing: boolean;
}

export interface SenderDns {
  readonly domain: string;
  readonly spf: {
    readonly records: readonly string[];
    readonly lookups: number;
    readonly voidLookups: number;
  };
  readonly dkim: readonly DkimKey[];
  readonly dmarc: {
    readonly record: string | null;
    readonly policy: 'none' | 'quarantine' | 'reject' | null;
  };
  /** Whether the identifiers of the sender's mail are aligned with the domain of its From address. */
  readonly aligned: { readonly spf: boolean; readonly dkim: boolean };
  readonly ips: readonly SendingAddress[];
  /** Blocklists that list the domain. */
  readonly listedIn: readonly string[];
  readonly hasMailHost: boolean;
}

/** A state of DNS, and what was done to reach it in words. */
export interface Changed {
  readonly dns: SenderDns;
  readonly what: string;
}

const includes = ['_spf.esp.example', '_spf.crm.example', '_spf.desk.example', '_spf.shop.example'];

const spfRecord = (addresses: readonly string[], count: number): string =>
  `v=spf1 ${addresses.map((one) => (one.includes(':') ? `ip6:${one}` : `ip4:${one}`)).join(' ')} ${includes
    .slice(0, count)
    .map((name) => `include:${name}`)
    .join(' ')} ~all`;

/** A sender whose mail passes every check. `by` is the way in which it passes DMARC. */
export function healthySender(random: Random, by: 'spf' | 'dkim' | 'both' = 'both'): SenderDns {
  const addresses = Array.from(
    { length: 1 + random.below(3) },
    (_, index) => `192.0.2.${10 + index + random.below(9) * 10}`,
  );
  const count = 1 + random.below(3);
  return {
    domain: `sender-${random.below(1000)}.example`,
    spf: { records: [spfRecord(addresses, count)], lookups: count + random.below(5), voidLookups: 0 },
    dkim: [
      { selector: 's1', found: true, revoked: false, keyBits: 2048, testing: false },
      ...(happens(random, 0.4)
        ? [{ selector: 'esp', found: true, revoked: false, keyBits: 1024, testing: false }]
        : []),
    ],
    dmarc: { record: 'v=DMARC1; p=none; rua=mailto:reports@sender.example', policy: 'none' },
    aligned: { spf: by !== 'dkim', dkim: by !== 'spf' },
    ips: addresses.map((address, index) => ({
      address,
      ptr: `mail${index + 1}.sender.example`,
      forwardConfirmed: true,
      spf: 'pass',
      listedIn: [],
    })),
    listedIn: [],
    hasMailHost: true,
  };
}

const withAddress = (
  dns: SenderDns,
  change: (one: SendingAddress, index: number) => SendingAddress,
): SenderDns => ({
  ...dns,
  ips: dns.ips.map(change),
});

const withKey = (dns: SenderDns, change: Partial<DkimKey>): SenderDns => ({
  ...dns,
  dkim: dns.dkim.map((key) => ({ ...key, ...change })),
});

/** A flaw that is older than the incident and explains nothing. It needs a sender that passes DMARC by DKIM. */
export function harmlessFlaw(random: Random, dns: SenderDns): Changed {
  const lookups = 11 + random.below(3);
  return random.pick<() => Changed>([
    () => ({
      dns: withAddress({ ...dns, spf: { ...dns.spf, lookups } }, (one) => ({ ...one, spf: 'permerror' })),
      what: `SPF has needed ${lookups} look-ups for long`,
    }),
    () => ({ dns: withKey(dns, { keyBits: 1024 }), what: 'short DKIM keys' }),
    () => ({ dns: withKey(dns, { testing: true }), what: 'DKIM in test mode' }),
    () => ({
      dns: withAddress(dns, (one, index) =>
        index === 0 ? { ...one, listedIn: ['minor.dnsbl.example'] } : one,
      ),
      what: 'an old listing on a minor blocklist',
    }),
  ])();
}

/** A change that harms nothing. */
export function harmlessChange(random: Random, dns: SenderDns): Changed {
  return random.pick<() => Changed>([
    () => ({
      dns: {
        ...dns,
        dkim: [...dns.dkim, { selector: 's2', found: true, revoked: false, keyBits: 2048, testing: false }],
      },
      what: 'a new DKIM key',
    }),
    () => ({
      dns: {
        ...dns,
        dmarc: { record: 'v=DMARC1; p=quarantine; rua=mailto:reports@sender.example', policy: 'quarantine' },
      },
      what: 'DMARC became p=quarantine',
    }),
    () => ({
      dns: {
        ...dns,
        spf: { ...dns.spf, lookups: Math.min(dns.spf.lookups + 1, Math.max(dns.spf.lookups, 10)) },
      },
      what: 'one more SPF look-up',
    }),
  ])();
}

/** Breaks the authentication. The sender must pass DMARC by one way alone, which is the one that breaks. */
export function brokenAuthentication(random: Random, dns: SenderDns): Changed {
  if (dns.aligned.dkim)
    return random.pick<() => Changed>([
      () => ({ dns: withKey(dns, { found: false, keyBits: null }), what: 'the DKIM keys are gone' }),
      () => ({ dns: withKey(dns, { revoked: true, keyBits: null }), what: 'the DKIM keys are revoked' }),
      () => ({
        dns: {
          ...dns,
          aligned: { spf: false, dkim: false },
          dmarc: { record: 'v=DMARC1; p=reject', policy: 'reject' },
        },
        what: 'signed by another domain, and DMARC became p=reject',
      }),
    ])();
  const broken = (spf: SenderDns['spf'], result: SpfResult, what: string): Changed => ({
    dns: withAddress({ ...dns, spf }, (one) => ({ ...one, spf: result })),
    what,
  });
  const { records, lookups } = dns.spf;
  return random.pick<() => Changed>([
    () =>
      broken(
        {
          records: [
            spfRecord(
              dns.ips.map(({ address }) => address),
              4,
            ),
          ],
          lookups: 11 + random.below(4),
          voidLookups: 0,
        },
        'permerror',
        'SPF needs more than ten look-ups',
      ),
    () =>
      broken(
        { records: [...records, 'v=spf1 include:_spf.new.example ~all'], lookups, voidLookups: 0 },
        'permerror',
        'a second SPF record',
      ),
    () => broken({ records: [], lookups: 0, voidLookups: 0 }, 'none', 'the SPF record is gone'),
    () =>
      broken(
        { records: [spfRecord(['203.0.113.9'], 1)], lookups: 1, voidLookups: 0 },
        'fail',
        'SPF does not name the sending addresses',
      ),
    () => broken({ records, lookups, voidLookups: 3 }, 'permerror', 'SPF has three void look-ups'),
  ])();
}

export function goneReverseDns(random: Random, dns: SenderDns): Changed {
  if (happens(random, 0.3))
    return {
      dns: withAddress(dns, (one) => ({ ...one, forwardConfirmed: false })),
      what: 'the PTR records do not resolve back',
    };
  return {
    dns: withAddress(dns, (one) => ({ ...one, ptr: null, forwardConfirmed: false })),
    what: 'the PTR records are gone',
  };
}

export function listed(random: Random, dns: SenderDns): Changed {
  if (happens(random, 0.25))
    return { dns: { ...dns, listedIn: ['dbl.dnsbl.example'] }, what: 'the domain is listed' };
  return {
    dns: withAddress(dns, (one) => ({ ...one, listedIn: [...one.listedIn, 'zen.dnsbl.example'] })),
    what: 'the sending addresses are listed',
  };
}

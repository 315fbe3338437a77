// What a preflight answers about a synthetic sender. The findings come from the service's catalogue.

import { findingsOf } from '../../src/preflight/catalogue.ts';
import type { PreflightRequest, SenderFault } from '../../src/preflight/finding.ts';
import type { PreflightAnswer } from '../../src/preflight/preflight.ts';
import type { SenderDns } from './sender-dns.ts';

export const requestOf = ({ domain, dkim, ips }: SenderDns): PreflightRequest => ({
  domain,
  selectors: dkim.map(({ selector }) => selector),
  ips: ips.map(({ address }) => address),
  bounceDomain: null,
  helo: null,
  tracking: [],
});

export function preflightOf(dns: SenderDns, request: PreflightRequest, at: number): PreflightAnswer {
  const { domain } = dns;
  const record = dns.spf.records.length === 1 ? dns.spf.records[0]! : null;
  const keys = dns.dkim.map((key) => ({ ...key, name: `${key.selector}._domainkey.${domain}` }));
  return {
    domain,
    checked_at: new Date(at).toISOString(),
    findings: findingsOf(faultsOf(dns), request),
    facts: {
      spf: [
        {
          domain,
          record,
          lookups: record === null ? null : dns.spf.lookups,
          void_lookups: record === null ? null : dns.spf.voidLookups,
          costs: [],
          ips: dns.ips.map(({ address, spf }) => ({ ip: address, result: spf })),
        },
      ],
      dkim: keys.map(({ selector, name, found, revoked, keyBits }) => ({
        ...{ selector, name, domain },
        source: 'given',
        state: !found ? 'missing' : revoked ? 'revoked' : 'valid',
        key_type: found && !revoked ? 'rsa' : null,
        bits: keyBits,
        alias: null,
      })),
      dmarc: {
        record: dns.dmarc.record,
        found_at: dns.dmarc.record && domain,
        organizational_domain: domain,
        policy: dns.dmarc.policy,
        spf_aligned: dns.aligned.spf,
        dkim_aligned: dns.aligned.dkim,
        alias: null,
      },
      mail_hosts: [
        {
          domain,
          kind: dns.hasMailHost ? 'mx' : 'no_mail_host',
          hosts: dns.hasMailHost ? ['mx.example'] : [],
        },
      ],
      ips: dns.ips.map(({ address, ptr, forwardConfirmed }) => ({
        ip: address,
        ptr: ptr === null ? [] : [ptr],
        confirmed: ptr === null ? null : forwardConfirmed,
      })),
      mta_sts: null,
      tls_rpt: null,
      bimi: null,
      tracking: [],
      blocklists: [
        ...dns.ips.flatMap(({ address, listedIn }) => listedIn.map((zone) => [zone, address] as const)),
        ...dns.listedIn.map((zone) => [zone, domain] as const),
      ].map(([zone, name]) => ({ zone, name, state: 'listed', codes: ['127.0.0.2'] })),
      not_answered: [],
      not_checked: [],
      queries: 20,
    },
  };
}

function faultsOf({
  domain,
  spf,
  dkim,
  dmarc,
  aligned,
  ips,
  listedIn,
  hasMailHost,
}: SenderDns): SenderFault[] {
  const fault = (isThere: boolean, code: string, about: string, seen: string): SenderFault[] =>
    isThere ? [{ code, about, seen }] : [];
  const isOne = spf.records.length === 1;
  return [
    ...fault(!hasMailHost, 'no_mail_host', domain, `${domain} has no mail host.`),
    ...fault(spf.records.length === 0, 'spf_none', domain, `There is no SPF record at ${domain}.`),
    ...fault(
      spf.records.length > 1,
      'spf_several',
      domain,
      `${domain} has ${spf.records.length} SPF records.`,
    ),
    ...fault(isOne && spf.lookups > 10, 'spf_too_many_lookups', domain, `${spf.lookups} DNS look-ups.`),
    ...fault(isOne && spf.voidLookups > 2, 'spf_too_many_voids', domain, `${spf.voidLookups} void look-ups.`),
    ...dkim.flatMap(({ selector, found, revoked, keyBits, testing }) => {
      const name = `${selector}._domainkey.${domain}`;
      return [
        ...fault(!found, 'dkim_missing', name, `There is no key at ${name}.`),
        ...fault(found && revoked, 'dkim_revoked', name, `The key at ${name} is empty.`),
        ...fault(
          (keyBits ?? 4096) < 2048,
          'dkim_key_weak',
          name,
          `The RSA key at ${name} has ${keyBits} bits.`,
        ),
        ...fault(testing, 'dkim_testing', name, `The key at ${name} has the flag t=y.`),
      ];
    }),
    ...fault(dmarc.record === null, 'dmarc_none', domain, `There is no DMARC record for ${domain}.`),
    ...fault(dmarc.policy === 'none', 'dmarc_policy_none', domain, 'The policy is none.'),
    ...fault(!aligned.spf && !aligned.dkim, 'dmarc_nothing_aligned', domain, 'Nothing is aligned.'),
    ...fault(!aligned.spf && aligned.dkim, 'dmarc_spf_not_aligned', domain, 'SPF is not aligned.'),
    ...fault(aligned.spf && !aligned.dkim, 'dmarc_dkim_not_aligned', domain, 'DKIM is not aligned.'),
    ...ips.flatMap(({ address, ptr, forwardConfirmed, spf: result, listedIn: zones }) => [
      ...fault(
        isOne && (result === 'fail' || result === 'softfail'),
        'spf_ip_not_allowed',
        domain,
        `SPF does not pass for ${address}.`,
      ),
      ...fault(ptr === null, 'ptr_missing', address, `${address} has no PTR record.`),
      ...fault(ptr !== null && !forwardConfirmed, 'ptr_not_confirmed', address, `${ptr} does not lead back.`),
      ...zones.flatMap((zone) =>
        fault(true, 'ip_listed', address, `${address} is on the blocklist ${zone}.`),
      ),
    ]),
    ...listedIn.flatMap((zone) =>
      fault(true, 'domain_listed', domain, `${domain} is on the blocklist ${zone}.`),
    ),
  ];
}

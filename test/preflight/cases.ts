// Senders with one fault each, and sound ones that checkers are known to fault.

import type { DnsFailure } from '../../src/dns/resolver.ts';
import type { PreflightRequest } from '../../src/preflight/finding.ts';
import { goodKey, keys, type SenderZone, txt } from './zone-text.ts';

export interface PreflightCase extends SenderZone {
  readonly what: string;
  /** The codes of all findings; none by default. */
  readonly finds?: readonly string[];
  /** What the facts contain. */
  readonly facts?: object;
  /** What the findings contain, in words. */
  readonly says?: readonly string[];
  /** The values of the records to publish. */
  readonly publish?: readonly (string | null)[];
  /** `{d}` stands for the domain of the case. */
  readonly ask?: Partial<PreflightRequest>;
  /** The zones of DNSBL_ZONES. */
  readonly zones?: readonly string[];
  /** The MTA-STS policy of the domain, or why there is none. */
  readonly policy?: string | { readonly why: string } | { readonly cause: DnsFailure['cause'] };
}

/** Lines that give `ip` a name, and the name an address. */
const named = (ip: string, host: string, address = ip): string[] => [
  `${ip.split('.').toReversed().join('.')}.in-addr.arpa. PTR ${host}`,
  ...(address === '' ? [] : [`${host} A ${address}`]),
];

const includes = (count: number, of = (at: number) => `i${at}.{d}`): string =>
  Array.from({ length: count }, (_, at) => `include:${of(at)}`).join(' ');
const included = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => txt(`i${at}`, `v=spf1 ip4:192.0.2.${at} -all`));

const spfCases: readonly PreflightCase[] = [
  { what: 'a sound sender', facts: { spf: [{ lookups: 0, void_lookups: 0 }], dmarc: { policy: 'reject' } } },
  { what: 'no SPF record', spf: null, finds: ['spf_none'], publish: ['v=spf1 mx ~all'] },
  {
    what: 'no SPF record, with a sending address',
    spf: null,
    ask: { ips: ['198.51.100.30'] },
    more: named('198.51.100.30', 'out'),
    finds: ['spf_none'],
    publish: ['v=spf1 ip4:198.51.100.30 ~all'],
  },
  {
    what: 'other TXT records beside the SPF record',
    more: [txt('@', 'google-site-verification=abc'), txt('@', 'v=verify1 spf')],
  },
  {
    what: 'two SPF records',
    spf: ['v=spf1 ip4:192.0.2.1 -all', 'v=spf1 mx ~all'],
    finds: ['spf_several'],
    says: ['v=spf1 ip4:192.0.2.1 -all', 'v=spf1 mx ~all'],
    publish: ['v=spf1 ip4:192.0.2.1 mx ~all'],
  },
  {
    what: 'two SPF records that redirect: the servers behind each stay allowed',
    spf: ['v=spf1 mx redirect=i0.{d}', 'v=spf1 REDIRECT=i1.{d}'],
    more: included(2),
    finds: ['spf_several'],
    publish: ['v=spf1 include:i1.{d} mx include:i0.{d} ~all'],
  },
  {
    what: 'an unknown mechanism: the invalid record is shown',
    spf: 'v=spf1 ipv4:192.0.2.1 -all',
    finds: ['spf_invalid'],
    says: ['v=spf1 ipv4:192.0.2.1 -all'],
  },
  {
    what: 'a prefix length that does not exist',
    spf: 'v=spf1 ip4:192.0.2.0/33 -all',
    finds: ['spf_invalid'],
  },
  {
    what: 'an equals sign instead of a colon',
    spf: 'v=spf1 include=i0.{d} -all',
    more: included(1),
    finds: ['spf_unknown_modifier'],
    facts: { spf: [{ lookups: 0 }] },
    publish: ['v=spf1 include:i0.{d} -all'],
  },
  {
    what: 'a modifier of somebody else',
    spf: 'v=spf1 -all example=1',
    finds: ['spf_unknown_modifier'],
    publish: [null],
  },
  {
    what: 'a semicolon after the version',
    spf: 'v=spf1; ip4:192.0.2.1 -all',
    finds: ['spf_invalid'],
    says: ['v=spf1; ip4:192.0.2.1 -all'],
  },
  { what: 'quotation marks in the record', spf: '"v=spf1 -all"', finds: ['spf_invalid'] },
  { what: 'the version without "v="', spf: 'spf1 ip4:192.0.2.1 -all', finds: ['spf_invalid'] },
  { what: 'upper case, which is valid', spf: 'V=SPF1 IP4:192.0.2.1 -ALL' },
  {
    what: 'ten look-ups',
    spf: `v=spf1 ${includes(8)} a mx -all`,
    more: [...included(8), '@ A 198.41.0.4'],
    facts: { spf: [{ lookups: 10 }] },
  },
  {
    what: 'eleven look-ups, most of them nested',
    spf: 'v=spf1 include:deep.{d} mx -all',
    more: [txt('deep', `v=spf1 ${includes(9)} -all`), ...included(9)],
    finds: ['spf_too_many_lookups'],
    facts: { spf: [{ lookups: 11, costs: [{ lookups: 10 }, { term: 'mx', lookups: 1 }] }] },
    says: ['needs 11 DNS look-ups', 'include:deep.{d} costs 10'],
    publish: [null],
  },
  {
    what: 'eleven look-ups, one of them twice: one is removed',
    spf: `v=spf1 ${includes(10)} include:i0.{d} -all`,
    more: included(10),
    finds: ['spf_too_many_lookups'],
    publish: [`v=spf1 ${includes(10)} -all`],
  },
  {
    what: 'every mechanism that costs a look-up, and those that cost none',
    spf: 'v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 a:mx.{d} mx:{d} exists:mx.{d} include:i0.{d} exp=why.{d} -all',
    more: included(1),
    facts: { spf: [{ lookups: 4, void_lookups: 0 }] },
  },
  {
    what: 'a prefix length is not a part of the host',
    spf: 'v=spf1 a:mx.{d}/24 mx/24//64 -all',
    facts: { spf: [{ lookups: 2, void_lookups: 0 }] },
  },
  {
    what: 'terms after "all" cost nothing, and are ignored',
    spf: 'v=spf1 mx ~all include:i0.{d}',
    more: included(1),
    finds: ['spf_terms_after_all'],
    facts: { spf: [{ lookups: 1 }] },
    publish: ['v=spf1 mx include:i0.{d} ~all'],
  },
  {
    what: 'two terms "all": the first counts',
    spf: 'v=spf1 mx ~all -all',
    finds: ['spf_terms_after_all'],
    publish: ['v=spf1 mx ~all'],
  },
  {
    what: 'a space after "include:" is a fault of the syntax alone',
    spf: 'v=spf1 include: i0.{d} -all',
    finds: ['spf_invalid'],
    publish: [null],
  },
  {
    what: '+all behind an include',
    spf: 'v=spf1 mx include:open.{d} -all',
    more: [txt('open', 'v=spf1 include:open2.{d} -all'), txt('open2', 'v=spf1 ip4:192.0.2.1 +all')],
    finds: ['spf_pass_all'],
    says: ['by "include:open.{d}"'],
    publish: ['v=spf1 mx ~all'],
  },
  {
    what: '+all behind an include that denies',
    spf: 'v=spf1 mx -include:open.{d} ~all',
    more: [txt('open', 'v=spf1 +all')],
  },
  {
    what: 'the whole internet as an address range',
    spf: 'v=spf1 ip4:0.0.0.0/0 -all',
    finds: ['spf_pass_all'],
    publish: ['v=spf1 ~all'],
  },
  {
    what: 'address ranges of 10 and of 101 bits are none of these',
    spf: 'v=spf1 ip4:192.0.0.0/10 ip6:2001:db8::/101 -all',
  },
  {
    what: 'no SPF record at a From domain whose bounces go elsewhere',
    spf: null,
    ask: { bounceDomain: 'bounce.{d}' },
    more: [txt('bounce', 'v=spf1 mx -all'), 'bounce MX 10 mx'],
    facts: { spf: [{ domain: 'bounce.{d}' }, { domain: '{d}', record: null }] },
  },
  {
    what: 'an invalid SPF record at a From domain whose bounces go elsewhere',
    spf: 'v=spf1 ipv4:192.0.2.1 ?all',
    ask: { bounceDomain: 'bounce.{d}' },
    more: [txt('bounce', 'v=spf1 mx -all'), 'bounce MX 10 mx'],
    finds: ['spf_elsewhere'],
    says: ['v=spf1 ipv4:192.0.2.1'],
  },
  {
    what: 'a redirect beside "all"',
    spf: 'v=spf1 redirect=i0.{d} -all',
    more: included(1),
    finds: ['spf_redirect_ignored'],
    facts: { spf: [{ lookups: 0 }] },
    publish: ['v=spf1 include:i0.{d} ~all'],
  },
  {
    what: 'a redirect alone',
    spf: 'v=spf1 redirect=i0.{d}',
    more: included(1),
    facts: { spf: [{ lookups: 1 }] },
  },
  {
    what: 'a redirect to a domain without a record',
    spf: 'v=spf1 redirect=mx.{d}',
    finds: ['spf_include_broken'],
    facts: { spf: [{ lookups: 1, void_lookups: 1 }] },
  },
  {
    what: 'an include of a domain that does not exist',
    spf: 'v=spf1 mx include:gone.{d} -all',
    finds: ['spf_include_broken'],
    facts: { spf: [{ lookups: 2, void_lookups: 1 }] },
    publish: ['v=spf1 mx -all'],
  },
  {
    what: 'an include of a domain with other TXT records, which is not void',
    spf: 'v=spf1 include:other.{d} -all',
    more: [txt('other', 'hello')],
    finds: ['spf_include_broken'],
    facts: { spf: [{ void_lookups: 0 }] },
  },
  {
    what: 'an include of a domain with two records',
    spf: 'v=spf1 include:two.{d} -all',
    more: [txt('two', 'v=spf1 -all'), txt('two', 'v=spf1 ~all')],
    finds: ['spf_include_broken'],
    says: ['which has 2 SPF records'],
  },
  {
    what: 'two look-ups that find nothing',
    spf: 'v=spf1 a:gone1.{d} exists:gone2.{d} -all',
    facts: { spf: [{ lookups: 2, void_lookups: 2 }] },
  },
  {
    what: 'three look-ups that find nothing',
    spf: 'v=spf1 a:gone1.{d} mx:gone2.{d} exists:gone3.{d} -all',
    finds: ['spf_too_many_voids'],
    says: ['a:gone1.{d}, mx:gone2.{d} and exists:gone3.{d}'],
    publish: ['v=spf1 -all'],
  },
  {
    what: 'a host with an IPv6 address alone is not void',
    spf: 'v=spf1 a:six.{d} -all',
    more: ['six AAAA 2001:db8::6'],
    facts: { spf: [{ void_lookups: 0 }] },
  },
  {
    what: '+all',
    spf: 'v=spf1 mx +all',
    finds: ['spf_pass_all'],
    publish: ['v=spf1 mx ~all'],
  },
  { what: 'all without a qualifier', spf: 'v=spf1 all', finds: ['spf_pass_all'], publish: ['v=spf1 ~all'] },
  { what: '?all', spf: 'v=spf1 mx ?all', finds: ['spf_neutral_all'], publish: ['v=spf1 mx ~all'] },
  { what: 'no all', spf: 'v=spf1 mx', finds: ['spf_neutral_all'], publish: ['v=spf1 mx ~all'] },
  { what: '~all', spf: 'v=spf1 mx ~all' },
  { what: '-all alone, at a domain that sends mail', spf: 'v=spf1 -all', finds: ['spf_allows_nobody'] },
  {
    what: '-all alone, at a From domain whose bounces go elsewhere',
    spf: 'v=spf1 -all',
    ask: { bounceDomain: 'bounce.{d}' },
    more: [txt('bounce', 'v=spf1 mx -all'), 'bounce MX 10 mx'],
  },
  {
    what: 'very many terms cost no more than forty look-ups of ours',
    spf: `v=spf1 ${Array.from({ length: 120 }, (_, at) => `a:h${at}.{d}`).join(' ')} -all`,
    finds: ['spf_too_many_lookups', 'spf_too_many_voids'],
    facts: { spf: [{ lookups: 120, void_lookups: 40 }] },
  },
  {
    what: 'ptr',
    spf: 'v=spf1 mx ptr -all',
    finds: ['spf_ptr'],
    facts: { spf: [{ lookups: 2 }] },
    publish: ['v=spf1 mx -all'],
  },
  {
    what: 'a macro, which lets the address pass',
    spf: 'v=spf1 exists:%{ir}.allowed.{d} -all',
    ask: { ips: ['198.51.100.31'] },
    more: [...named('198.51.100.31', 'out'), '31.100.51.198.allowed A 127.0.0.2'],
    finds: ['spf_macro'],
    facts: { spf: [{ lookups: 1, void_lookups: 0, ips: [{ result: 'pass' }] }] },
  },
  {
    what: 'a macro that does not exist',
    spf: 'v=spf1 exists:%{x}.{d} -all',
    finds: ['spf_invalid', 'spf_macro'],
  },
  {
    what: 'strings that are joined without a space',
    spf: [['v=spf1 ip4:192.0.2.1 include:i0.{d}', 'include:i1.{d} -all']],
    more: included(2),
    finds: ['spf_split_text'],
    says: ['include:i0.{d}include:i1.{d}'],
    publish: ['v=spf1 ip4:192.0.2.1 include:i0.{d} include:i1.{d} -all'],
  },
  {
    what: 'strings that are joined inside a term',
    spf: [['v=spf1 ip4:192.0', '.2.1 include:i0', '.{d} -all']],
    more: included(1),
    facts: { spf: [{ record: 'v=spf1 ip4:192.0.2.1 include:i0.{d} -all', lookups: 1 }] },
  },
  {
    what: 'a circle of includes',
    spf: 'v=spf1 include:b.{d} -all',
    more: [txt('b', 'v=spf1 include:{d} -all')],
    finds: ['spf_loop'],
  },
  {
    what: 'an invalid record behind an include',
    spf: 'v=spf1 include:bad.{d} -all',
    more: [txt('bad', 'v=spf1 ip4:300.0.2.1 -all')],
    finds: ['spf_invalid'],
    says: ['The record of bad.{d}', 'v=spf1 ip4:300.0.2.1 -all'],
    publish: [null],
  },
  {
    what: 'an address that passes by an include, and IPv6',
    spf: 'v=spf1 include:i0.{d} ip6:2001:db8:5::/48 -all',
    ask: { ips: ['198.51.100.32', '2001:db8:5::25'] },
    more: [
      txt('i0', 'v=spf1 ip4:198.51.100.32/31 ?all'),
      ...named('198.51.100.32', 'out'),
      `5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR out6`,
      'out6 AAAA 2001:db8:5::25',
    ],
    facts: {
      spf: [{ ips: [{ result: 'pass' }, { result: 'pass' }] }],
      ips: [{ confirmed: true }, { confirmed: true }],
    },
  },
  {
    what: 'an address that is not listed',
    spf: 'v=spf1 mx ~all',
    ask: { ips: ['198.51.100.33'] },
    more: named('198.51.100.33', 'out'),
    finds: ['spf_ip_not_allowed'],
    facts: { spf: [{ ips: [{ result: 'softfail' }] }] },
    publish: ['v=spf1 ip4:198.51.100.33 mx ~all'],
  },
  {
    what: 'the record of the bounce domain decides, which is a CNAME',
    spf: 'v=spf1 -all',
    ask: { ips: ['198.51.100.34'], bounceDomain: 'bounce.{d}' },
    more: [
      ...named('198.51.100.34', 'out'),
      'bounce CNAME return',
      txt('return', 'v=spf1 ip4:198.51.100.34 -all'),
      'return MX 10 mx',
    ],
    facts: {
      spf: [{ domain: 'bounce.{d}', ips: [{ result: 'pass' }] }, { domain: '{d}' }],
      dmarc: { spf_aligned: true },
    },
  },
  {
    what: 'an include that no resolver answers is no fault',
    spf: 'v=spf1 include:spf.broken.net -all',
    facts: { not_answered: [{ question: 'TXT spf.broken.net', cause: 'servfail' }] },
  },
];

const dkimCases: readonly PreflightCase[] = [
  {
    what: 'a key of 2048 bits',
    facts: { dkim: [{ state: 'valid', key_type: 'rsa', bits: 2048, alias: null }] },
  },
  { what: 'a selector without a key', dkim: null, finds: ['dkim_missing'] },
  {
    what: 'a selector that is a CNAME',
    dkim: null,
    more: ['s1._domainkey CNAME s1.keys', txt('s1.keys', goodKey)],
    facts: { dkim: [{ state: 'valid', alias: 's1.keys.{d}' }] },
  },
  {
    what: 'a selector that is a CNAME to nowhere',
    dkim: null,
    more: ['s1._domainkey CNAME gone'],
    finds: ['dkim_alias_broken'],
    says: ['leads to gone.{d}'],
  },
  {
    what: 'a revoked key',
    dkim: 'v=DKIM1; k=rsa; p=',
    finds: ['dkim_revoked'],
    facts: { dkim: [{ state: 'revoked' }] },
  },
  { what: 'a key of 512 bits', dkim: `v=DKIM1; p=${keys.rsa512}`, finds: ['dkim_key_short'] },
  { what: 'a key of 1024 bits', dkim: `v=DKIM1; p=${keys.rsa1024}`, finds: ['dkim_key_weak'] },
  {
    what: 'an Ed25519 key alone',
    dkim: `v=DKIM1; k=ed25519; p=${keys.ed25519}`,
    finds: ['dkim_ed25519_alone'],
  },
  {
    what: 'an Ed25519 key beside an RSA key',
    ask: { selectors: ['s1', 's2'] },
    more: [txt('s2._domainkey', `v=DKIM1; k=ed25519; p=${keys.ed25519}`)],
    facts: { dkim: [{ key_type: 'rsa' }, { key_type: 'ed25519', bits: null }] },
  },
  {
    what: 'test mode',
    dkim: `v=DKIM1; t=y:s; p=${keys.rsa2048}`,
    finds: ['dkim_testing'],
    publish: [`v=DKIM1; t=s; p=${keys.rsa2048}`],
  },
  { what: 'the flag s alone', dkim: `v=DKIM1; t=s; p=${keys.rsa2048}` },
  { what: 'no version, which is valid', dkim: `k=rsa; p=${keys.rsa2048}` },
  {
    what: 'a key that was cut off',
    dkim: `v=DKIM1; p=${keys.rsa2048.slice(0, 240)}`,
    finds: ['dkim_invalid'],
  },
  {
    what: 'a key that is not base64',
    dkim: 'v=DKIM1; p=-----BEGIN PUBLIC KEY-----',
    finds: ['dkim_invalid'],
  },
  {
    what: 'a key that allows sha1 alone',
    dkim: `v=DKIM1; h=sha1; p=${keys.rsa2048}`,
    finds: ['dkim_invalid'],
    says: ['does not allow sha256'],
  },
  { what: 'a key that allows sha1 and sha256', dkim: `v=DKIM1; h=sha1 : SHA256; p=${keys.rsa2048}` },
  {
    what: 'a key whose semicolons kept the backslashes of a zone file',
    dkim: goodKey.replaceAll(';', '\\;'),
    finds: ['dkim_invalid'],
  },
  { what: 'a key without the first semicolon', dkim: goodKey.replace('; k', ' k'), finds: ['dkim_invalid'] },
  { what: 'a key in quotation marks', dkim: `"${goodKey}"`, finds: ['dkim_invalid'] },
  { what: 'an SPF record at the selector', dkim: 'v=spf1 -all', finds: ['dkim_invalid'] },
  {
    what: 'a key whose version is not at its beginning',
    dkim: `k=rsa; v=DKIM1; p=${keys.rsa2048}`,
    finds: ['dkim_syntax'],
  },
  { what: 'another version', dkim: `v=DKIM2; p=${keys.rsa2048}`, finds: ['dkim_invalid'] },
  {
    what: 'a key for another service',
    dkim: `v=DKIM1; s=tlsrpt; p=${keys.rsa2048}`,
    finds: ['dkim_invalid'],
  },
  {
    what: 'two keys at one selector',
    dkim: [goodKey, goodKey.replace('rsa', 'rsa ')],
    finds: ['dkim_several'],
  },
  {
    what: 'a well-known selector',
    dkim: null,
    ask: { selectors: [] },
    more: [txt('google._domainkey', goodKey)],
    facts: { dkim: [{ selector: 'google', state: 'valid' }] },
  },
  {
    what: 'a well-known selector with a revoked key may be an old one',
    dkim: null,
    ask: { selectors: [] },
    more: [txt('google._domainkey', 'v=DKIM1; k=rsa; p='), txt('selector1._domainkey', goodKey)],
    finds: ['dkim_guessed_key'],
    says: ['The key at google._domainkey.{d} is empty'],
    facts: { dkim: [{ state: 'revoked' }, { state: 'valid' }], dmarc: { dkim_aligned: true } },
    publish: [null],
  },
  {
    what: 'a well-known selector with a revoked key alone: who signs is not known',
    dkim: null,
    ask: { selectors: [] },
    more: [txt('google._domainkey', 'v=DKIM1; k=rsa; p=')],
    finds: ['dkim_guessed_key'],
    facts: { dmarc: { dkim_aligned: null } },
  },
  {
    what: 'a well-known selector with a short key in test mode is one notice',
    dkim: null,
    ask: { selectors: [] },
    more: [txt('default._domainkey', `v=DKIM1; t=y; p=${keys.rsa512}`)],
    finds: ['dkim_guessed_key'],
    says: ['has 512 bits', 't=y'],
  },
  {
    what: 'a well-known selector with an Ed25519 key: others may sign too',
    dkim: null,
    ask: { selectors: [] },
    more: [txt('mail._domainkey', `v=DKIM1; k=ed25519; p=${keys.ed25519}`)],
    facts: { dkim: [{ key_type: 'ed25519' }] },
  },
  { what: 'no well-known selector', dkim: null, ask: { selectors: [] }, finds: ['dkim_not_found'] },
  {
    what: 'a wildcard TXT record is no key',
    dkim: null,
    ask: { selectors: [] },
    more: [txt('*', 'v=spf1 -all')],
    finds: ['dkim_not_found'],
    facts: { dkim: [] },
  },
];

const dmarcCases: readonly PreflightCase[] = [
  {
    what: 'no DMARC record',
    dmarc: null,
    finds: ['dmarc_none'],
    publish: ['v=DMARC1; p=none; rua=mailto:dmarc-reports@{d}'],
  },
  {
    what: 'no DMARC record: nothing is aligned with it or not',
    dmarc: null,
    ask: { bounceDomain: 'none-somebody.net', selectors: ['s1._domainkey.none-somebody.net'] },
    more: [
      txt('s1._domainkey.none-somebody.net.', goodKey),
      'none-somebody.net. TXT "v=spf1 mx -all"',
      'none-somebody.net. MX 10 mx',
    ],
    finds: ['dmarc_none'],
    facts: { dmarc: { record: null, spf_aligned: null, dkim_aligned: null } },
  },
  {
    what: 'two DMARC records',
    dmarc: ['v=DMARC1; p=none; rua=mailto:a@{d}', 'v=DMARC1; p=reject; rua=mailto:a@{d}'],
    finds: ['dmarc_several'],
  },
  {
    what: 'the version in lower case',
    dmarc: 'v=dmarc1; p=reject; rua=mailto:a@{d}',
    finds: ['dmarc_invalid'],
    says: ['v=dmarc1; p=reject'],
    publish: ['v=DMARC1; p=reject; rua=mailto:a@{d}'],
  },
  {
    what: 'semicolons that kept the backslashes of a zone file',
    dmarc: 'v=DMARC1\\; p=reject\\; rua=mailto:a@{d}',
    finds: ['dmarc_invalid'],
    publish: ['v=DMARC1; p=reject; rua=mailto:a@{d}'],
  },
  { what: 'the policy before the version', dmarc: 'p=none; v=DMARC1', finds: ['dmarc_invalid'] },
  {
    what: 'a policy that does not exist',
    dmarc: 'v=DMARC1; p=monitor; rua=mailto:a@{d}',
    finds: ['dmarc_counts_as_none'],
    facts: { dmarc: { policy: 'none' } },
    publish: ['v=DMARC1; p=none; rua=mailto:a@{d}'],
  },
  {
    what: 'no policy, but a report address: it counts as p=none',
    dmarc: 'v=DMARC1; rua=mailto:a@{d}',
    finds: ['dmarc_counts_as_none'],
    says: ['It has no policy'],
    facts: { dmarc: { policy: 'none' } },
  },
  {
    what: 'no policy, and a report address that cannot be used',
    dmarc: 'v=DMARC1; rua=a@{d}',
    finds: ['dmarc_invalid', 'dmarc_report_address_invalid'],
    facts: { dmarc: { policy: null } },
  },
  {
    what: 'a misspelled policy for subdomains: the record counts as p=none',
    dmarc: 'v=DMARC1; p=reject; sp=quarantin; rua=mailto:a@{d}',
    finds: ['dmarc_counts_as_none'],
    says: ['"sp" is not none'],
    facts: { dmarc: { policy: 'none' } },
    publish: ['v=DMARC1; p=reject; rua=mailto:a@{d}'],
  },
  {
    what: 'no policy and no report address',
    dmarc: 'v=DMARC1;',
    finds: ['dmarc_invalid', 'dmarc_no_reports'],
    facts: { dmarc: { policy: null } },
  },
  { what: 'the policy at the end, without spaces', dmarc: 'v=DMARC1;rua=mailto:a@{d};p=reject' },
  {
    what: 'tags that RFC 9989 removed',
    dmarc: 'v=DMARC1; p=reject; pct=50; rua=mailto:a@{d}',
    finds: ['dmarc_tags_ignored'],
    publish: ['v=DMARC1; p=reject; rua=mailto:a@{d}'],
  },
  { what: 'p=none', dmarc: 'v=DMARC1; p=none; rua=mailto:a@{d}', finds: ['dmarc_policy_none'] },
  {
    what: 't=y lowers the policy',
    dmarc: 'v=DMARC1; p=reject; t=y; rua=mailto:a@{d}',
    finds: ['dmarc_testing'],
    facts: { dmarc: { policy: 'quarantine' } },
  },
  {
    what: 'open subdomains',
    dmarc: 'v=DMARC1; p=reject; sp=none; rua=mailto:a@{d}',
    finds: ['dmarc_subdomains_open'],
  },
  {
    what: 'no report address',
    dmarc: 'v=DMARC1; p=reject',
    finds: ['dmarc_no_reports'],
    publish: ['v=DMARC1; p=reject; rua=mailto:dmarc-reports@{d}'],
  },
  {
    what: 'a report address without mailto',
    dmarc: 'v=DMARC1; p=reject; rua=reports@{d}',
    finds: ['dmarc_report_address_invalid'],
  },
  {
    what: 'reports to a domain that has not agreed',
    dmarc: 'v=DMARC1; p=reject; rua=mailto:a@reports.net',
    finds: ['dmarc_report_not_accepted'],
    publish: ['v=DMARC1;'],
  },
  {
    what: 'reports to another domain of the same organization need no consent',
    ask: { domain: 'news.{d}', selectors: ['s1._domainkey.{d}'] },
    more: [
      txt('news', 'v=spf1 mx -all'),
      'news MX 10 mx',
      txt('_dmarc.news', 'v=DMARC1; p=reject; rua=mailto:a@reports.{d}'),
    ],
    facts: { dmarc: { found_at: 'news.{d}' } },
  },
  {
    what: 'reports to the domain above need no consent',
    ask: { domain: 'news.{d}', selectors: ['s1._domainkey.{d}'] },
    more: [
      txt('news', 'v=spf1 mx -all'),
      'news MX 10 mx',
      txt('_dmarc.news', 'v=DMARC1; p=reject; rua=mailto:a@{d},mailto:b@x.news.{d}'),
    ],
  },
  {
    what: 'reports to a part that is an organization of its own need consent',
    dmarc: 'v=DMARC1; p=reject; rua=mailto:a@unit.{d}',
    more: [txt('_dmarc.unit', 'v=DMARC1; p=reject; psd=n; rua=mailto:a@unit.{d}')],
    finds: ['dmarc_report_not_accepted'],
  },
  {
    what: 'reports to a domain that no resolver answers for is no fault',
    dmarc: 'v=DMARC1; p=reject; rua=mailto:a@broken.net',
  },
  {
    what: 'reports to a domain that has agreed',
    dmarc: 'v=DMARC1; p=reject; rua=mailto:a@agreed.net!10m',
    more: ['{d}._report._dmarc.agreed.net. TXT "v=DMARC1;"'],
  },
  {
    what: 'reports to a domain that has agreed for everybody',
    dmarc: 'v=DMARC1; p=reject; rua=mailto:a@open.net',
    more: ['*._report._dmarc.open.net. TXT "v=DMARC1"'],
  },
  {
    what: 'a CNAME before the DMARC record',
    dmarc: null,
    more: ['_dmarc CNAME policy', txt('policy', 'v=DMARC1; p=reject; rua=mailto:a@{d}')],
    facts: { dmarc: { policy: 'reject', alias: 'policy.{d}' } },
  },
  {
    what: 'a CNAME to nowhere before the DMARC record',
    dmarc: null,
    more: ['_dmarc CNAME gone'],
    finds: ['dmarc_none'],
    says: ['leads to gone.{d}'],
  },
  {
    what: 'a wildcard TXT record is no DMARC record',
    dmarc: null,
    more: [txt('*', 'v=spf1 -all')],
    finds: ['dmarc_none'],
  },
  {
    what: 'the record at the parent, by tree walk',
    dmarc: 'v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@{d}',
    ask: { domain: 'deep.news.{d}', selectors: ['s1._domainkey.{d}'] },
    more: [txt('deep.news', 'v=spf1 mx -all'), 'deep.news MX 10 mx'],
    facts: { dmarc: { found_at: '{d}', policy: 'quarantine', dkim_aligned: true } },
  },
  {
    what: 'the shortest domain with a record is the organization',
    ask: { domain: 'news.{d}', selectors: ['s1._domainkey.{d}'] },
    more: [
      txt('news', 'v=spf1 mx -all'),
      'news MX 10 mx',
      txt('_dmarc.news', 'v=DMARC1; p=quarantine; rua=mailto:a@{d}'),
    ],
    facts: {
      dmarc: { found_at: 'news.{d}', policy: 'quarantine', organizational_domain: '{d}', dkim_aligned: true },
    },
  },
  {
    what: 'the policy for subdomains that do not exist',
    dmarc: 'v=DMARC1; p=none; np=reject; rua=mailto:a@{d}',
    ask: { domain: 'missing.{d}', selectors: ['s1._domainkey.{d}'] },
    finds: ['domain_nonexistent', 'dmarc_policy_none'],
    facts: { dmarc: { policy: 'reject' } },
  },
  {
    what: 'a domain below a public suffix with a policy',
    dmarc: 'v=DMARC1; p=none; psd=y; rua=mailto:a@{d}',
    ask: { domain: 'shop.{d}', bounceDomain: 'other.{d}', selectors: ['s1._domainkey.shop.{d}'] },
    more: ['shop', 'other']
      .flatMap((name) => [txt(name, 'v=spf1 mx -all'), `${name} MX 10 mx`])
      .concat(txt('s1._domainkey.shop', goodKey)),
    finds: ['dmarc_spf_not_aligned', 'dmarc_policy_none'],
    facts: {
      dmarc: { found_at: '{d}', organizational_domain: 'shop.{d}', spf_aligned: false, dkim_aligned: true },
    },
  },
  {
    what: 'psd=n ends the organization',
    ask: { bounceDomain: 'unit.{d}' },
    more: [
      txt('unit', 'v=spf1 mx -all'),
      'unit MX 10 mx',
      txt('_dmarc.unit', 'v=DMARC1; p=reject; psd=n; rua=mailto:a@{d}'),
    ],
    finds: ['dmarc_spf_not_aligned'],
  },
  {
    what: 'a bounce domain of somebody else',
    ask: { bounceDomain: 'bounce-somebody.net' },
    more: ['bounce-somebody.net. TXT "v=spf1 mx -all"', 'bounce-somebody.net. MX 10 mx'],
    finds: ['dmarc_spf_not_aligned'],
    facts: { dmarc: { spf_aligned: false, dkim_aligned: true } },
  },
  {
    what: 'a signature of somebody else',
    ask: { selectors: ['s1._domainkey.sign-somebody.net'] },
    more: [txt('s1._domainkey.sign-somebody.net.', goodKey)],
    finds: ['dmarc_dkim_not_aligned'],
    facts: { dmarc: { spf_aligned: true, dkim_aligned: false } },
  },
  {
    what: 'nothing that speaks for the domain',
    ask: { bounceDomain: 'all-somebody.net', selectors: ['s1._domainkey.all-somebody.net'] },
    more: [
      txt('s1._domainkey.all-somebody.net.', goodKey),
      'all-somebody.net. TXT "v=spf1 mx -all"',
      'all-somebody.net. MX 10 mx',
    ],
    finds: ['dmarc_nothing_aligned'],
  },
  {
    what: 'strict alignment of SPF',
    dmarc: 'v=DMARC1; p=reject; aspf=s; rua=mailto:a@{d}',
    ask: { bounceDomain: 'bounce.{d}' },
    more: [txt('bounce', 'v=spf1 mx -all'), 'bounce MX 10 mx'],
    finds: ['dmarc_spf_not_aligned'],
  },
  {
    what: 'relaxed alignment of SPF',
    ask: { bounceDomain: 'bounce.{d}' },
    more: [txt('bounce', 'v=spf1 mx -all'), 'bounce MX 10 mx'],
    facts: { dmarc: { spf_aligned: true } },
  },
];

const hostCases: readonly PreflightCase[] = [
  {
    what: 'an address record instead of MX',
    mail: ['@ A 198.41.0.4'],
    facts: { mail_hosts: [{ kind: 'implicit_mx' }] },
  },
  { what: 'no mail host', mail: [], finds: ['no_mail_host'] },
  { what: 'a null MX record', mail: ['@ MX 0 .'], finds: ['null_mx'] },
  { what: 'a mail host without an address', mail: ['@ MX 10 mx'], finds: ['mail_host_unroutable'] },
  {
    what: 'a mail host with a private address',
    mail: ['@ MX 10 mx', 'mx A 10.0.0.1'],
    finds: ['mail_host_unroutable'],
  },
  {
    what: 'a bounce domain with a null MX record',
    ask: { bounceDomain: 'bounce.{d}' },
    more: [txt('bounce', 'v=spf1 mx -all'), 'bounce MX 0 .'],
    finds: ['null_mx'],
  },
  {
    what: 'a bounce domain that does not exist',
    ask: { bounceDomain: 'bounce.{d}' },
    finds: ['domain_nonexistent'],
  },
  {
    what: 'an address without a name',
    spf: 'v=spf1 ip4:198.51.100.40 -all',
    ask: { ips: ['198.51.100.40'], helo: 'mx.{d}' },
    finds: ['ptr_missing', 'helo_other_address'],
    publish: ['mx.{d}.', null],
  },
  {
    what: 'a name that leads elsewhere',
    spf: 'v=spf1 ip4:198.51.100.41 -all',
    ask: { ips: ['198.51.100.41'] },
    more: named('198.51.100.41', 'out', '198.51.100.99'),
    finds: ['ptr_not_confirmed'],
    publish: ['198.51.100.41'],
  },
  {
    what: 'a name without an address',
    spf: 'v=spf1 ip4:198.51.100.42 -all',
    ask: { ips: ['198.51.100.42'] },
    more: named('198.51.100.42', 'out', ''),
    finds: ['ptr_not_confirmed'],
  },
  {
    what: 'two names, one of which leads back',
    spf: 'v=spf1 ip4:198.51.100.43 -all',
    ask: { ips: ['198.51.100.43'] },
    more: [...named('198.51.100.43', 'old', ''), ...named('198.51.100.43', 'out')],
    facts: { ips: [{ confirmed: true }] },
  },
  {
    what: 'a name that the provider generated',
    spf: 'v=spf1 ip4:198.51.100.44 -all',
    ask: { ips: ['198.51.100.44'] },
    more: named('198.51.100.44', 'host-198-51-100-44'),
    finds: ['ptr_generic'],
  },
  {
    what: 'a name that no resolver answers is no fault',
    spf: 'v=spf1 ip4:198.51.100.45 -all',
    ask: { ips: ['198.51.100.45'] },
    more: named('198.51.100.45', 'out.broken.net.', ''),
    facts: { ips: [{ confirmed: null }] },
  },
  {
    what: 'a private address',
    spf: 'v=spf1 ip4:10.0.0.7 -all',
    ask: { ips: ['10.0.0.7'] },
    finds: ['ip_not_public'],
  },
  {
    what: 'a HELO name without an address',
    ask: { ips: ['198.51.100.46'], helo: 'gone.{d}' },
    spf: 'v=spf1 ip4:198.51.100.46 -all',
    more: named('198.51.100.46', 'out'),
    finds: ['helo_unknown'],
    publish: ['198.51.100.46'],
  },
  {
    what: 'a HELO name with the address',
    ask: { ips: ['198.51.100.47'], helo: 'out.{d}' },
    spf: 'v=spf1 ip4:198.51.100.47 -all',
    more: named('198.51.100.47', 'out'),
  },
];

const listed = (ip: string, answer: string, zone: string) =>
  `${ip.split('.').toReversed().join('.')}.${zone}. A ${answer}`;

const blocklistCases: readonly PreflightCase[] = (
  [
    ['an address on a blocklist', 50, '127.0.0.3', 'bl.lists.net', 'listed'],
    ['an address on no blocklist', 51, '', 'bl.lists.net', 'not_listed'],
    ['a list that refuses public resolvers', 52, '127.255.255.254', 'bl.lists.net', 'not_answered'],
    ['a list that refuses too many questions', 53, '127.255.255.255', 'bl.lists.net', 'not_answered'],
    ['a list that answers 127.0.0.1', 54, '127.0.0.1', 'bl.lists.net', 'not_answered'],
    ['a list whose domain was sold', 55, '198.41.0.9', 'bl.lists.net', 'not_answered'],
    ['a list that lists everything', 56, '', 'dead.lists.net', 'not_answered'],
    ['a list that is empty for this resolver', 57, '', 'empty.lists.net', 'not_answered'],
    ['a list that does not answer', 58, '', 'bl.broken.net', 'not_answered'],
  ] as const
).map(([what, host, answer, zone, state]) => {
  const ip = `198.51.100.${host}`;
  return {
    what,
    spf: `v=spf1 ip4:${ip} -all`,
    ask: { ips: [ip] },
    zones: [zone],
    more: [...named(ip, 'out'), ...(answer === '' ? [] : [listed(ip, answer, zone)])],
    finds: state === 'listed' ? ['ip_listed'] : [],
    facts: { blocklists: [{ zone, name: ip, state }] },
  };
});

const otherCases: readonly PreflightCase[] = [
  ...blocklistCases,
  {
    what: 'a domain on a blocklist',
    zones: ['domain:dbl.lists.net'],
    more: ['{d}.dbl.lists.net. A 127.0.1.2'],
    finds: ['domain_listed'],
  },
  {
    what: 'an IPv6 address on a blocklist',
    spf: 'v=spf1 ip6:2001:db8::50 -all',
    ask: { ips: ['2001:db8::50'] },
    zones: ['bl.lists.net'],
    more: [
      '0.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR out',
      'out AAAA 2001:db8::50',
      '0.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.lists.net. A 127.0.0.2',
    ],
    finds: ['ip_listed'],
  },
  {
    what: 'MTA-STS with its policy',
    more: [txt('_mta-sts', 'v=STSv1; id=20261101'), 'mta-sts A 198.41.0.4'],
    policy: 'version: STSv1\r\nmode: enforce\r\nmx: *.{d}\r\nmax_age: 604800\r\n',
    facts: { mta_sts: { mode: 'enforce', mx: ['*.{d}'] } },
  },
  {
    what: 'MTA-STS without an id',
    more: [txt('_mta-sts', 'v=STSv1;'), 'mta-sts A 198.41.0.4'],
    policy: 'version: STSv1\nmode: testing\nmx: mx.{d}\nmax_age: 86400',
    finds: ['mta_sts_invalid'],
  },
  {
    what: 'MTA-STS with a policy that cannot be fetched',
    more: [txt('_mta-sts', 'v=STSv1; id=1'), 'mta-sts A 198.41.0.4'],
    policy: { why: 'the server answers with status 404' },
    finds: ['mta_sts_no_policy'],
    says: ['status 404'],
  },
  {
    what: 'MTA-STS with a policy that our network does not reach is no fault',
    more: [txt('_mta-sts', 'v=STSv1; id=1'), 'mta-sts A 198.41.0.4'],
    policy: { cause: 'network' },
    facts: {
      mta_sts: { mode: null },
      not_answered: [{ question: 'GET https://mta-sts.{d}/.well-known/mta-sts.txt', cause: 'network' }],
    },
  },
  {
    what: 'MTA-STS in testing mode with a policy for other hosts',
    more: [txt('_mta-sts', 'v=STSv1; id=1'), 'mta-sts A 198.41.0.4'],
    policy: 'version: STSv1\nmode: testing\nmx: mail.{d}\nmax_age: 86400',
    finds: ['mta_sts_testing_other_hosts'],
    says: ['mode testing'],
  },
  {
    what: 'MTA-STS whose host does not exist',
    more: [txt('_mta-sts', 'v=STSv1; id=1')],
    finds: ['mta_sts_no_policy'],
    says: ['its host has no address'],
  },
  {
    what: 'MTA-STS whose host is private is not fetched',
    more: [txt('_mta-sts', 'v=STSv1; id=1'), 'mta-sts A 10.0.0.1'],
    policy: 'version: STSv1\nmode: enforce\nmx: mx.{d}\nmax_age: 86400',
    finds: ['mta_sts_no_policy'],
    says: ['no public address'],
  },
  {
    what: 'MTA-STS with an invalid policy',
    more: [txt('_mta-sts', 'v=STSv1; id=1'), 'mta-sts A 198.41.0.4'],
    policy: '<html>not found</html>',
    finds: ['mta_sts_policy_invalid'],
  },
  {
    what: 'MTA-STS with a policy for other hosts',
    more: [txt('_mta-sts', 'v=STSv1; id=1'), 'mta-sts A 198.41.0.4'],
    policy: 'version: STSv1\nmode: enforce\nmx: mail.{d}\nmax_age: 86400',
    finds: ['mta_sts_other_hosts'],
  },
  { what: 'TLS reports', more: [txt('_smtp._tls', 'v=TLSRPTv1; rua=mailto:tls@{d}')] },
  {
    what: 'TLS reports to nobody',
    more: [txt('_smtp._tls', 'v=TLSRPTv1; rua=tls@{d}')],
    finds: ['tls_rpt_invalid'],
    publish: ['v=TLSRPTv1; rua=mailto:tls-reports@{d}'],
  },
  { what: 'BIMI', more: [txt('default._bimi', 'v=BIMI1; l=https://{d}/logo.svg')] },
  {
    what: 'BIMI without https',
    more: [txt('default._bimi', 'v=BIMI1; l=http://{d}/a.svg')],
    finds: ['bimi_invalid'],
  },
  {
    what: 'BIMI with p=none',
    dmarc: 'v=DMARC1; p=none; rua=mailto:a@{d}',
    more: [txt('default._bimi', 'v=BIMI1; l=https://{d}/logo.svg')],
    finds: ['bimi_without_enforcement', 'dmarc_policy_none'],
  },
  {
    what: 'a tracking host',
    ask: { tracking: ['click.{d}'] },
    more: ['click CNAME mx'],
    facts: { tracking: [{ target: 'mx.{d}', resolves: true }] },
  },
  {
    what: 'a tracking host with an IPv6 address alone',
    ask: { tracking: ['click.{d}'] },
    more: ['click AAAA 2a00:1450:4013:c01::1a'],
    facts: { tracking: [{ target: null, resolves: true }] },
  },
  {
    what: 'a tracking host that does not exist',
    ask: { tracking: ['click.{d}'] },
    finds: ['tracking_missing'],
  },
  {
    what: 'a tracking host that leads nowhere',
    ask: { tracking: ['click.{d}'] },
    more: ['click CNAME gone'],
    finds: ['tracking_dangling'],
    says: ['leads to gone.{d}'],
  },
];

/** Senders of the shapes that large ones have. None of them has a fault, unless the case says so. */
const largeSenderCases: readonly PreflightCase[] = [
  {
    what: 'an SPF record split over several of its own, by redirect and nested includes',
    spf: 'v=spf1 redirect=_spf.{d}',
    ask: { ips: ['198.51.100.60', '2001:db8:60::1'] },
    more: [
      txt('_spf', 'v=spf1 include:_netblocks.{d} include:_netblocks2.{d} include:_netblocks3.{d} ~all'),
      txt('_netblocks', 'v=spf1 ip4:192.0.2.0/25 ip4:198.51.100.60/32 ~all'),
      txt('_netblocks2', 'v=spf1 ip6:2001:db8:60::/48 ~all'),
      txt('_netblocks3', 'v=spf1 ip4:203.0.113.0/24 ~all'),
      ...named('198.51.100.60', 'out'),
      '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR out6',
      'out6 AAAA 2001:db8:60::1',
    ],
    facts: { spf: [{ lookups: 4, void_lookups: 0, ips: [{ result: 'pass' }, { result: 'pass' }] }] },
  },
  {
    what: 'an SPF record of macros alone, as managed SPF services give it',
    spf: 'v=spf1 include:%{ir}.%{v}.%{o}.spf.has.{d} ~all',
    ask: { ips: ['198.51.100.61'] },
    more: [
      txt('61.100.51.198.in-addr.{d}.spf.has', 'v=spf1 ip4:198.51.100.61 ~all'),
      ...named('198.51.100.61', 'out'),
    ],
    finds: ['spf_macro'],
    facts: { spf: [{ lookups: 1, void_lookups: 0, ips: [{ result: 'pass' }] }] },
  },
  {
    what: 'an SPF record in a TXT record of 600 characters, split inside addresses',
    spf: `v=spf1 ${Array.from({ length: 32 }, (_, at) => `ip4:203.0.113.${at + 100}`).join(' ')} ip4:198.51.100.62 -all`,
    ask: { ips: ['198.51.100.62'] },
    more: named('198.51.100.62', 'out'),
    facts: { spf: [{ lookups: 0, ips: [{ result: 'pass' }] }] },
  },
  {
    what: 'two DKIM selectors that are CNAME records of a service, for rotation; one key is not used yet',
    dkim: null,
    ask: { selectors: ['s1', 's2'] },
    more: [
      's1._domainkey CNAME s1.domainkey.u1.wl.esp-{d}.',
      's2._domainkey CNAME s2.domainkey.u1.wl.esp-{d}.',
      txt('s1.domainkey.u1.wl.esp-{d}.', goodKey),
      txt('s2.domainkey.u1.wl.esp-{d}.', goodKey),
    ],
    facts: { dkim: [{ state: 'valid', alias: 's1.domainkey.u1.wl.esp-{d}' }, { state: 'valid' }] },
  },
  {
    what: 'well-known selectors of which one is retired by an empty key: a notice',
    dkim: null,
    ask: { selectors: [] },
    more: [txt('selector1._domainkey', goodKey), txt('selector2._domainkey', 'v=DKIM1; p=')],
    finds: ['dkim_guessed_key'],
    facts: { dmarc: { dkim_aligned: true } },
  },
  {
    what: 'mail from a subdomain: bounces and signature are its own, the policy that of the domain above',
    dmarc: 'v=DMARC1; p=reject; sp=reject; rua=mailto:a@{d},mailto:b@agreed.net; ruf=mailto:c@{d}; fo=1',
    ask: {
      domain: 'news.{d}',
      bounceDomain: 'bounce.news.{d}',
      selectors: ['k1'],
      tracking: ['click.news.{d}'],
    },
    more: [
      txt('news', 'v=spf1 -all'),
      'news MX 10 mx',
      txt('bounce.news', 'v=spf1 include:esp-{d} -all'),
      'bounce.news MX 10 mx',
      txt('esp-{d}.', 'v=spf1 ip4:203.0.113.0/24 -all'),
      'k1._domainkey.news CNAME dkim.esp-{d}.',
      txt('dkim.esp-{d}.', goodKey),
      'click.news CNAME track.esp-{d}.',
      'track.esp-{d}. A 198.41.0.4',
      '{d}._report._dmarc.agreed.net. TXT "v=DMARC1;"',
    ],
    facts: { dmarc: { found_at: '{d}', policy: 'reject', spf_aligned: true, dkim_aligned: true } },
  },
  {
    what: 'a bounce domain that is a CNAME of a service, whose SPF and MX are those of the service',
    ask: { bounceDomain: 'em.{d}' },
    more: [
      'em CNAME u1.wl.esp-{d}.',
      txt('u1.wl.esp-{d}.', 'v=spf1 ip4:203.0.113.0/24 -all'),
      'u1.wl.esp-{d}. MX 10 mx.esp-{d}.',
      'mx.esp-{d}. A 198.41.0.4',
    ],
    facts: { dmarc: { spf_aligned: true } },
  },
  {
    what: 'several MX hosts of a provider, under a policy with a wildcard',
    mail: [
      '@ MX 1 aspmx.l.mail-{d}.',
      '@ MX 5 alt1.aspmx.l.mail-{d}.',
      '@ MX 10 alt2.mail-{d}.',
      ...['aspmx.l', 'alt1.aspmx.l', 'alt2'].map((host) => `${host}.mail-{d}. A 198.41.0.4`),
      'mx A 198.41.0.4',
    ],
    more: [txt('_mta-sts', 'v=STSv1; id=20261101T000000;'), 'mta-sts CNAME mx'],
    policy:
      'version: STSv1\nmode: enforce\nmx: aspmx.l.mail-{d}\nmx: *.aspmx.l.mail-{d}\nmx: *.mail-{d}\nmax_age: 604800\n',
    facts: { mta_sts: { mode: 'enforce' } },
  },
  {
    what: 'a wildcard of MTA-STS matches one label alone',
    mail: ['@ MX 10 a.b', 'a.b A 198.41.0.4'],
    more: [txt('_mta-sts', 'v=STSv1; id=1'), 'mta-sts A 198.41.0.4'],
    policy: 'version: STSv1\nmode: enforce\nmx: *.{d}\nmax_age: 604800',
    finds: ['mta_sts_other_hosts'],
  },
  {
    what: 'an MTA-STS policy that was switched off says nothing about hosts',
    more: [txt('_mta-sts', 'v=STSv1; id=9'), 'mta-sts A 198.41.0.4'],
    policy: 'version: STSv1\nmode: none\nmax_age: 86400',
    facts: { mta_sts: { mode: 'none' } },
  },
  {
    what: 'BIMI with a certificate, and BIMI that declines',
    more: [txt('default._bimi', 'v=BIMI1; l=https://{d}/logo.svg; a=https://{d}/vmc.pem; avp=brand;')],
  },
  { what: 'BIMI that declines', more: [txt('default._bimi', 'v=BIMI1; l=; a=;')] },
  {
    what: 'a sender with IPv6 addresses alone',
    spf: 'v=spf1 ip6:2001:db8:64::/64 -all',
    mail: ['@ MX 10 mx', 'mx AAAA 2a00:1450:4013:c01::1a'],
    ask: { ips: ['2001:db8:64::25'], helo: 'out.{d}' },
    more: [
      '5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR out',
      'out AAAA 2001:db8:64::25',
    ],
    facts: { mail_hosts: [{ kind: 'mx' }], ips: [{ confirmed: true }] },
  },
  {
    what: 'a record of every kind beside SPF at the domain',
    more: [
      txt('@', 'MS=ms12345678'),
      txt('@', 'apple-domain-verification=abc'),
      txt('@', 'spf2.0/pra include:spf.{d} -all'),
      txt('@', 'docusign=1b0a6754-49b1-4db5-8540-d2c12664b289'),
      txt('@', 'atlassian-domain-verification=v=spf1'),
    ],
  },
  {
    what: 'a DMARC record with upper case, spaces and a size at the address',
    dmarc: 'v=DMARC1 ; P=Reject ; RUA=mailto:a@{d}!10m , MAILTO:b@{d}; AdKim=S; aspf = r;',
    facts: { dmarc: { policy: 'reject', spf_aligned: true, dkim_aligned: true } },
  },
  {
    what: 'a DKIM key with an empty version, notes, hashes and spaces in the key',
    dkim: `v=DKIM1; h=sha256; n=notes here; t=s; k=rsa; p=${keys.rsa2048.slice(0, 100)} ${keys.rsa2048.slice(100)};`,
    facts: { dkim: [{ state: 'valid', bits: 2048 }] },
  },
  { what: 'a DKIM key with tags in upper case', dkim: `V=DKIM1; P=${keys.rsa2048}`, finds: ['dkim_syntax'] },
];

export const preflightCases = [
  ...spfCases,
  ...dkimCases,
  ...dmarcCases,
  ...hostCases,
  ...otherCases,
  ...largeSenderCases,
];

/** Zones that the cases share. */
export const sharedZone = [
  '2.0.0.127.bl.lists.net. A 127.0.0.2',
  '*.dead.lists.net. A 127.0.0.2',
  'empty.lists.net. A 198.41.0.4',
  'test.dbl.lists.net. A 127.0.1.2',
].join('\n');

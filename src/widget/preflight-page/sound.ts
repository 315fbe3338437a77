// Lists what is right according to a report, in one line each.

import type { ShownDomainFacts, ShownMessageFacts, ShownReport } from './preflight-answer.ts';

export const soundLinesOf = ({ facts }: ShownReport): string[] =>
  'spf' in facts ? ofDomain(facts) : ofMessage(facts);

const ofDomain = ({ spf, dkim, dmarc, ips }: ShownDomainFacts): string[] => [
  ...spf.flatMap(({ domain, lookups, ips: tested }) => [
    ...(lookups === null ? [] : [`SPF of ${domain} needs ${lookups} of 10 look-ups.`]),
    ...tested.filter(({ result }) => result === 'pass').map(({ ip }) => `SPF passes for ${ip}.`),
  ]),
  ...dkim
    .filter(({ state }) => state === 'valid')
    .map(
      ({ name, key_type, bits }) =>
        `${name} has a valid DKIM key (${key_type}${bits === null ? '' : `, ${bits} bits`}).`,
    ),
  ...(dmarc.policy === null ? [] : [`The DMARC record at ${dmarc.found_at} has the policy ${dmarc.policy}.`]),
  ...ips
    .filter(({ confirmed }) => confirmed)
    .map(
      ({ ip, ptr }) =>
        `${ip} has the PTR record ${(ptr ?? []).join(', ')}, which resolves back to this address.`,
    ),
];

const ofMessage = (facts: ShownMessageFacts): string[] => [
  ...facts.signatures
    .filter(({ state }) => state === 'valid')
    .map(({ domain }) => `The DKIM signature by ${domain} is valid.`),
  ...(facts.dkim_aligned ? [`DKIM is aligned with ${facts.from}.`] : []),
  ...(facts.spf_aligned ? [`The bounce domain is aligned with ${facts.from}.`] : []),
  ...(facts.unsubscribe.one_click ? ['Readers can unsubscribe with one click.'] : []),
  `The message has ${Math.ceil(facts.bytes.message / 1024)} KB and ${facts.links.count} links.`,
];

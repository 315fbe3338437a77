// The check of DNS blocklists (RFC 5782). If a list does not work, or refuses the resolver, its answer says nothing about a name.
// The result is then "not answered", and neither "listed" nor "not listed".

import type { DnsOutcome } from '../dns/resolver.ts';
import { isPublicAddress } from '../domain/ip-address.ts';
import { type BlocklistOperator, listsOf, operatorOf, shownZone } from './blocklist-codes.ts';
import type { CheckResult, SenderFault, UnansweredQuestion } from './finding.ts';
import type { SendingHostFaultCode } from './host-faults.ts';
import type { PreflightQuestions } from './questions.ts';
import { reversedAddress } from './reverse-name.ts';

/** A zone in the setting DNSBL_ZONES. */
export interface BlocklistZone {
  readonly zone: string;
  readonly lists: 'ips' | 'domains';
}

/**
 * Reads `zen.example.org`, which lists IP addresses, or `domain:dbl.example.org`, which lists domains. Null for anything else.
 */
export function parseBlocklistZone(text: string): BlocklistZone | null {
  const [, prefix, zone = ''] = /^(domain:)?(.+)$/i.exec(text.trim().toLowerCase().replace(/\.$/, '')) ?? [];
  const isZone =
    zone.length <= 200 && /^[a-z0-9_]([\w-]*[a-z0-9_])?(\.[a-z0-9_]([\w-]*[a-z0-9_])?)+$/.test(zone);
  return isZone ? { zone, lists: prefix === undefined ? 'ips' : 'domains' } : null;
}

export interface BlocklistFacts {
  /** The zone without the key of a customer, so it may be shown. */
  readonly zone: string;
  /** The IP address or the domain. */
  readonly name: string;
  readonly state: 'listed' | 'not_listed' | 'not_answered';
  /** The addresses that the list answers with, whose meaning its operator documents. */
  readonly codes: readonly string[];
}

/** Names of test entries (RFC 5782 section 5): the first must be listed, the second must not. */
const testEntries = {
  ips: { listed: '2.0.0.127', unlisted: '1.0.0.127' },
  domains: { listed: 'test', unlisted: 'invalid' },
} as const;

export async function gatherBlocklist(
  { zone, lists }: BlocklistZone,
  names: readonly string[],
  { ask }: PreflightQuestions,
): Promise<readonly BlocklistFacts[]> {
  const operator = operatorOf(zone);
  const read = async (entry: string) => readListing(await ask(`${entry}.${zone}`, 'A'), operator);
  const asked = lists === 'ips' ? names.filter(isPublicAddress) : names;
  const entries = await Promise.all(
    asked.map(async (name) => ({
      name,
      ...(await read(lists === 'ips' ? reversedAddress(name) : name)),
    })),
  );
  const isTrusted = async (state: BlocklistFacts['state']): Promise<boolean> => {
    if (state === 'not_answered') return false;
    const test = testEntries[lists];
    // Ask about the test entries: a list that was shut down may list everything, and a list that refuses the resolver may list
    // nothing.
    if (state === 'listed') return (await read(test.unlisted)).state !== 'listed';
    return (await read(operator?.testEntry ?? test.listed)).state === 'listed';
  };
  return Promise.all(
    entries.map(async ({ name, state, codes }) => ({
      zone: shownZone(zone),
      name,
      state: (await isTrusted(state)) ? state : 'not_answered',
      codes,
    })),
  );
}

/** An unanswered question without the key in the zone of a customer, so it may be shown. */
export function shownQuestion(
  asked: UnansweredQuestion,
  zones: readonly BlocklistZone[],
): UnansweredQuestion {
  const { question } = asked;
  const secret = zones.find(({ zone }) => shownZone(zone) !== zone && question.endsWith(`.${zone}`));
  if (secret === undefined) return asked;
  return { ...asked, question: `${question.slice(0, -secret.zone.length)}${shownZone(secret.zone)}` };
}

/**
 * Reads the answer of a list. Addresses in 127.255.255.0/24 refuse the question, for example because it came through a public
 * resolver; 127.0.0.1 and addresses outside of 127.0.0.0/8 mean that the list does not work. If the operator publishes the
 * meaning of each address, all other addresses mean no listing.
 */
function readListing(
  outcome: DnsOutcome,
  operator: BlocklistOperator | null = null,
): Pick<BlocklistFacts, 'state' | 'codes'> {
  if (outcome.kind === 'nxdomain' || outcome.kind === 'no_data') return { state: 'not_listed', codes: [] };
  if (outcome.kind !== 'addresses') return { state: 'not_answered', codes: [] };
  const codes = outcome.addresses.toSorted();
  const isListing = (code: string) =>
    code.startsWith('127.') &&
    !code.startsWith('127.255.255.') &&
    code !== '127.0.0.1' &&
    // A list of domains gives this answer to a question about an IP address.
    code !== '127.0.1.255' &&
    listsOf(code, operator)?.length !== 0;
  return { state: codes.length > 0 && codes.every(isListing) ? 'listed' : 'not_answered', codes };
}

/** The address and, if the operator publishes them, the names of the lists that it means. */
const codeWords = (code: string, zone: string): string =>
  [code, ...(listsOf(code, operatorOf(zone)) ?? [])].join(' ');

export function judgeBlocklists(
  facts: readonly BlocklistFacts[],
  ips: readonly string[],
): CheckResult<readonly BlocklistFacts[]> {
  const listed = facts.filter(({ state }) => state === 'listed');
  const faults = listed.map(
    ({ zone, name, codes }): SenderFault<SendingHostFaultCode> => ({
      code: ips.includes(name) ? 'ip_listed' : 'domain_listed',
      about: name,
      seen: `${name} is on the blocklist ${zone} (${codes.map((code) => codeWords(code, zone)).join(', ')}).`,
    }),
  );
  return { facts, faults };
}

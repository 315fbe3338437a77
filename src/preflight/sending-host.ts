// The check of the sending IP addresses: reverse DNS, whether it is confirmed, and the HELO name.

import { isIpAddress, isPublicAddress } from '../domain/ip-address.ts';
import { type CheckResult, inWords, type SenderFault } from './finding.ts';
import type { SendingHostFaultCode } from './host-faults.ts';
import type { PreflightQuestions } from './questions.ts';
import { isGenericName, isSameAddress, reverseName } from './reverse-name.ts';

export interface SendingHostFacts {
  readonly ip: string;
  /** The host names in PTR records; null if no resolver answered. */
  readonly ptr: readonly string[] | null;
  /** Whether one of these names resolves back to the address. Null if that is unknown. */
  readonly confirmed: boolean | null;
}

export interface PtrName {
  readonly name: string;
  /** The addresses of the host name; null if no resolver answered. */
  readonly addresses: readonly string[] | null;
}

export interface SendingHostAnswer {
  readonly ip: string;
  /** The PTR names. Null if no resolver answered. Empty for an address that is not public, because DNS is not asked about it. */
  readonly names: readonly PtrName[] | null;
}

export interface HeloAnswer {
  readonly helo: string;
  readonly ips: readonly string[];
  readonly addresses: readonly string[] | null;
}

/** Maximum number of PTR names whose addresses are asked. */
const maxPtrNames = 3;

/** The addresses of a host: IPv4 or IPv6 addresses, as the IP address `like` is. Null if no resolver answered. */
async function addressesLike(
  host: string,
  like: string,
  { confirm }: PreflightQuestions,
): Promise<readonly string[] | null> {
  const outcome = await confirm(host, like.includes(':') ? 'AAAA' : 'A', ({ kind }) => kind === 'addresses');
  return outcome.kind === 'failure' ? null : outcome.kind === 'addresses' ? outcome.addresses : [];
}

export async function gatherSendingHost(
  ip: string,
  questions: PreflightQuestions,
): Promise<SendingHostAnswer> {
  if (!isPublicAddress(ip)) return { ip, names: [] };
  const outcome = await questions.confirm(reverseName(ip), 'PTR', ({ kind }) => kind === 'names');
  if (outcome.kind === 'failure') return { ip, names: null };
  const names = outcome.kind === 'names' ? outcome.names.toSorted() : [];
  return {
    ip,
    names: await Promise.all(
      names
        .slice(0, maxPtrNames)
        .map(async (name) => ({ name, addresses: await addressesLike(name, ip, questions) })),
    ),
  };
}

export async function gatherHelo(
  helo: string,
  ips: readonly string[],
  questions: PreflightQuestions,
): Promise<HeloAnswer> {
  const kinds = [ips.find((ip) => !ip.includes(':')), ips.find((ip) => ip.includes(':'))];
  const asked = kinds.filter((ip) => ip !== undefined);
  const found = await Promise.all(
    (asked.length > 0 ? asked : ['192.0.2.1']).map((like) => addressesLike(helo, like, questions)),
  );
  return { helo, ips, addresses: found.includes(null) ? null : found.flatMap((addresses) => addresses!) };
}

const leadsTo = (addresses: readonly string[], ip: string): boolean =>
  addresses.some((address) => isIpAddress(address) && isSameAddress(address, ip));

type SendingHostFault = SenderFault<SendingHostFaultCode>;

export function judgeSendingHost({ ip, names }: SendingHostAnswer): CheckResult<SendingHostFacts> {
  const confirmed = names?.some(({ addresses }) => addresses !== null && leadsTo(addresses, ip)) ?? null;
  const isUnknown = confirmed === false && names!.some(({ addresses }) => addresses === null);
  const facts = {
    ip,
    ptr: names?.map(({ name }) => name) ?? null,
    confirmed: isUnknown ? null : confirmed,
  };
  if (!isPublicAddress(ip))
    return {
      facts: { ...facts, confirmed: null },
      faults: [{ code: 'ip_not_public', about: ip, seen: `${ip} is not a public IP address.` }],
    };
  if (names === null) return { facts, faults: [] };
  const faults: SendingHostFault[] = [];
  if (names.length === 0) faults.push({ code: 'ptr_missing', about: ip, seen: `${ip} has no PTR record.` });
  else if (confirmed === false && !isUnknown)
    faults.push({
      code: 'ptr_not_confirmed',
      about: ip,
      seen: names
        .map(({ name, addresses }) =>
          addresses!.length === 0
            ? `${ip} has the PTR record ${name}, a name without an address.`
            : `${ip} has the PTR record ${name}, a name with the address ${inWords(addresses!)}.`,
        )
        .join(' '),
      parts: names.map(({ name }) => name),
    });
  const generic = names.filter(({ name }) => isGenericName(name, ip));
  if (generic.length > 0 && generic.length === names.length)
    faults.push({
      code: 'ptr_generic',
      about: ip,
      seen: `${ip} has the PTR record ${generic[0]!.name}, which looks like a name that the provider generated.`,
      parts: [generic[0]!.name],
    });
  return { facts, faults };
}

export function judgeHelo({ helo, ips, addresses }: HeloAnswer): readonly SendingHostFault[] {
  if (addresses === null) return [];
  if (addresses.length === 0)
    return [{ code: 'helo_unknown', about: helo, seen: `The HELO name ${helo} has no address.`, parts: ips }];
  const others = ips.filter((ip) => !leadsTo(addresses, ip));
  if (others.length < ips.length || ips.length === 0) return [];
  return [
    {
      code: 'helo_other_address',
      about: helo,
      seen: `The HELO name ${helo} has the address ${inWords(addresses)}, but mail comes from ${inWords(others)}.`,
      parts: others,
    },
  ];
}

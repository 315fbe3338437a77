// The addresses at which the mail hosts of a domain are tried, in their order (RFC 5321 section 5.1).

import type { Resolver } from '../dns/resolver.ts';
import { isPublicAddress } from '../domain/ip-address.ts';
import type { Exchange, MailHost } from '../domain/mail-host.ts';
import type { ConnectTarget } from './connect.ts';

/** Looks up the IP addresses of a host, of both families. Resolves to null if they are not known, because DNS failed. */
export type AddressesOf = (host: string) => Promise<readonly string[] | null>;

export interface TargetOptions {
  readonly addressesOf: AddressesOf;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  /** Whether an address may be connected to; only public ones by default. */
  readonly mayConnect?: (address: string) => boolean;
  readonly port?: number;
}

/** How many hosts of a domain are looked up, and how many addresses of each are tried. */
const maxHosts = 4;
const maxAddresses = 2;

/** Returns the mail hosts of a domain. Empty if the domain has no mail hosts, or if they are not known. */
export function exchangesOf(domain: string, mailHost: MailHost): readonly Exchange[] {
  if (mailHost.kind === 'mx') return mailHost.exchanges;
  return mailHost.kind === 'implicit_mx' ? [{ preference: 0, host: domain }] : [];
}

export interface MailTargets {
  readonly targets: readonly ConnectTarget[];
  /** False if DNS failed for one of the hosts. */
  readonly isComplete: boolean;
}

/** Lowest preference first. Hosts with equal preference are in random order, so the load is shared. */
export async function mailTargets(
  exchanges: readonly Exchange[],
  { addressesOf, random, mayConnect = isPublicAddress, port = 25 }: TargetOptions,
): Promise<MailTargets> {
  const ordered = exchanges
    .map((exchange) => ({ ...exchange, turn: random() }))
    .sort((a, b) => a.preference - b.preference || a.turn - b.turn)
    .slice(0, maxHosts);
  const targets: ConnectTarget[] = [];
  let isComplete = true;
  for (const { host } of ordered) {
    const found = await addressesOf(host);
    isComplete &&= found !== null;
    const addresses = (found ?? []).filter(mayConnect);
    for (const address of bothFamilies(addresses)) targets.push({ host, address, port });
  }
  return { targets, isComplete };
}

/** An IPv4 address first, because more senders can use it, then an IPv6 address. */
function bothFamilies(addresses: readonly string[]): readonly string[] {
  const v4 = addresses.filter((address) => !address.includes(':'));
  const v6 = addresses.filter((address) => address.includes(':'));
  return [...v4.slice(0, 1), ...v6.slice(0, 1), ...v4.slice(1), ...v6.slice(1)].slice(0, maxAddresses);
}

/** Looks up addresses by DNS. */
export const addressesByDns =
  (resolver: Resolver, newSignal: () => AbortSignal): AddressesOf =>
  async (host) => {
    const outcomes = await Promise.all(
      (['A', 'AAAA'] as const).map((type) => resolver.resolve({ name: host, type }, newSignal())),
    );
    const found = outcomes.flatMap((outcome) => (outcome.kind === 'addresses' ? outcome.addresses : []));
    return found.length === 0 && outcomes.some(({ kind }) => kind === 'failure') ? null : found;
  };

// Decides whether a callback URL is allowed. It must use https and a host that has only public IP addresses. Otherwise callers
// of the API could make presend send requests to internal services. `CallbackTargets` can also allow this computer.

import { isIpAddress, isLoopback } from '../domain/ip-address.ts';

import { findSpecialUse } from '../domain/special-use.ts';

/** The DNS lookup of a callback's host, and the rules about IP addresses. */
export interface CallbackNames {
  /**
   * Returns all IPv4 and IPv6 addresses of a host; empty if there are none, null if no resolver answered.
   */
  addressesOf(host: string): Promise<readonly string[] | null>;
  /** Whether an IP address is reachable from the public internet. */
  isPublic(address: string): boolean;
  /** Whether the host of a URL is an IP address instead of a name. */
  isBareAddress(host: string): boolean;
}

/** `public`: only public hosts are allowed. `loopback`: this computer is allowed too, also without https. */
export type CallbackTargets = 'public' | 'loopback';

export type TargetRefusal =
  | 'not_a_url'
  | 'not_https'
  | 'has_credentials'
  | 'other_port'
  | 'bare_address'
  | 'not_public';

export type CallbackTarget =
  /** Connect to one of `addresses`. Do not look up the host again: a second answer may differ and was not checked. */
  | { readonly kind: 'allowed'; readonly url: URL; readonly addresses: readonly string[] }
  | { readonly kind: 'refused'; readonly why: TargetRefusal }
  /** The host has no address, or no resolver answered. */
  | { readonly kind: 'no_answer' };

export const refusalSentences: Readonly<Record<TargetRefusal, string>> = {
  not_a_url: 'must be a valid URL',
  not_https: 'must begin with https://',
  has_credentials: 'must not contain a user name or password',
  other_port: 'must use port 443 or a port from 1024 to 65535',
  bare_address: 'must have a host name, not an IP address',
  not_public: 'must have a public host name whose IP addresses are all public',
};

/** Checks a URL without DNS. Returns why it is refused, or the parsed URL. `local`: its host is this computer. */
export function readCallbackUrl(
  text: string,
  targets: CallbackTargets,
  { isBareAddress }: Pick<CallbackNames, 'isBareAddress'>,
): { readonly url: URL; readonly local: boolean } | TargetRefusal {
  if (!URL.canParse(text)) return 'not_a_url';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'has_credentials';
  if (targets === 'loopback' && isLoopback(url.hostname) && /^https?:$/.test(url.protocol))
    return { url, local: true };
  if (url.protocol !== 'https:') return 'not_https';
  if (url.port !== '' && Number(url.port) < 1024) return 'other_port';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isBareAddress(host)) return 'bare_address';
  const special = findSpecialUse(host.replace(/\.$/, ''));
  // Names under .example are allowed, so examples in documentation pass this check. They never resolve.
  if (special !== null && special !== 'example') return 'not_public';
  return { url, local: false };
}

/** Checks a URL and looks up its host. Refuses the host if even one of its addresses is not public. */
export async function callbackTarget(
  text: string,
  targets: CallbackTargets,
  names: CallbackNames,
): Promise<CallbackTarget> {
  const read = readCallbackUrl(text, targets, names);
  if (typeof read === 'string') return { kind: 'refused', why: read };
  const { url } = read;
  if (read.local) return { kind: 'allowed', url, addresses: [localAddress(url.hostname)] };
  const addresses = await names.addressesOf(url.hostname.replace(/\.$/, ''));
  if (addresses === null || addresses.length === 0) return { kind: 'no_answer' };
  return addresses.every((address) => names.isPublic(address))
    ? { kind: 'allowed', url, addresses }
    : { kind: 'refused', why: 'not_public' };
}

/** Returns the IP address in `hostname`, or 127.0.0.1 if it is a name such as localhost. */
function localAddress(hostname: string): string {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIpAddress(host) ? host : '127.0.0.1';
}

// Allowed callback targets: https on public addresses only. Otherwise API callers could reach internal services.

import { isIpAddress, isLoopback } from '../domain/ip-address.ts';

import { findSpecialUse } from '../domain/special-use.ts';

/** The DNS lookup and the rules about addresses that a callback needs. */
export interface CallbackNames {
  /**
   * Returns all IPv4 and IPv6 addresses of a host; empty if there are none, null if no resolver answered.
   */
  addressesOf(host: string): Promise<readonly string[] | null>;
  isPublic(address: string): boolean;
  isBareAddress(host: string): boolean;
}

export type CallbackTargets = 'public' | 'loopback';

export type TargetRefusal =
  | 'not_a_url'
  | 'not_https'
  | 'has_credentials'
  | 'other_port'
  | 'bare_address'
  | 'not_public';

export type CallbackTarget =
  /** Connect to one of `addresses`. Do not look up the host again, because a second answer may differ. */
  | { readonly kind: 'allowed'; readonly url: URL; readonly addresses: readonly string[] }
  | { readonly kind: 'refused'; readonly why: TargetRefusal }
  | { readonly kind: 'no_answer' };

export const refusalSentences: Readonly<Record<TargetRefusal, string>> = {
  not_a_url: 'must be a URL',
  not_https: 'must begin with https://',
  has_credentials: 'must not contain a user name or password',
  other_port: 'must use port 443, or 1024 or higher',
  bare_address: 'must have a host name, not an IP address',
  not_public: 'must have a public host name',
};

/** Checks the URL without DNS. */
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
  // Names under .example never resolve, so documentation can use them.
  if (special !== null && special !== 'example') return 'not_public';
  return { url, local: false };
}

/** Checks the URL and resolves its host. Refuses a host that has any address that is not public. */
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

/** The loopback address itself, or 127.0.0.1 for a name such as localhost. */
function localAddress(hostname: string): string {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIpAddress(host) ? host : '127.0.0.1';
}

// A service on loopback may run without keys. This file protects it from DNS rebinding, cross-origin requests and requests
// through proxies.

import { isLoopback } from '../../domain/ip-address.ts';

/** Matches the usual URLs of a local service. Their host is loopback, so a request without an Origin header can pass. */
const usualUrl = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\//;

/** Headers that proxies add. A request with one of them may come from any network, so it is refused. */
const proxyHeaders = ['x-forwarded-for', 'forwarded', 'via'] as const;

export type KeylessRefusal = 'host' | 'origin' | 'proxied';

/**
 * Returns why a request must not pass without a key, or null if it may pass. `proxied`: it came through a proxy. `origin`: it
 * is a cross-origin request of a web page that is open on this machine. `host`: its host name is not a loopback name. That
 * happens in DNS rebinding, where the owner of a web page makes the page's own host name resolve to loopback.
 */
export function keylessRefusal(
  url: string,
  header: (name: string) => string | undefined,
): KeylessRefusal | null {
  if (proxyHeaders.some((name) => header(name) !== undefined)) return 'proxied';
  const origin = header('origin');
  if (origin === undefined && usualUrl.test(url)) return null;
  const { hostname, origin: own } = new URL(url);
  if (!isLoopback(hostname)) return 'host';
  // A form of the console is sent without its origin, because its pages send no Referer. Pages cannot write Sec-Fetch-Site.
  const isOwnForm = origin === 'null' && header('sec-fetch-site') === 'same-origin';
  return origin !== undefined && origin !== own && !isOwnForm ? 'origin' : null;
}

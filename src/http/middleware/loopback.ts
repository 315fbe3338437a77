// Protection of a service without keys from DNS rebinding, cross-origin requests and proxies.

import { isLoopback } from '../../domain/ip-address.ts';

/** The usual URLs of a local service. They need no URL parsing. */
const usualUrl = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\//;

/** Headers that a proxy adds. A request through a proxy may come from anywhere. */
const proxyHeaders = ['x-forwarded-for', 'forwarded', 'via'] as const;

export type KeylessRefusal = 'host' | 'origin' | 'proxied';

/**
 * Why a request must not pass without a key, or null. Any page in a browser on this machine can reach the service: from
 * its own origin, or under a foreign host name that its owner resolves to loopback (DNS rebinding).
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
  return origin !== undefined && origin !== own ? 'origin' : null;
}

// A service on loopback may run without keys. Protects it from DNS rebinding, cross-origin requests and requests through
// proxies.

import { isLoopback } from '../../domain/ip-address.ts';

/** Matches the usual URLs of a local service, whose host need not be checked further. */
const usualUrl = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\//;

/** Headers that a proxy adds. A request with one of them is refused, since it may come from anywhere. */
const proxyHeaders = ['x-forwarded-for', 'forwarded', 'via'] as const;

export type KeylessRefusal = 'host' | 'origin' | 'proxied';

/**
 * Returns why a request must not pass without a key, or null. Any web page that is open on this machine can send requests to
 * the service: with a cross-origin request (`origin`), or under its own host name if its owner makes that resolve to loopback
 * (DNS rebinding, `host`).
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

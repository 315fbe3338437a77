// What a page of another site tries to reach through a browser on this machine.

import { isLoopback } from '../../domain/ip-address.ts';

/** What needs no more reading. */
const usualUrl = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\//;

/**
 * Why a request must not pass that needs no key, or null. A browser on this machine reaches the service for any page:
 * under a foreign name that its owner let point here (DNS rebinding), or from a foreign origin.
 */
export function foreignPage(url: string, origin: string | undefined): 'host' | 'origin' | null {
  if (origin === undefined && usualUrl.test(url)) return null;
  const { hostname, origin: own } = new URL(url);
  if (!isLoopback(hostname)) return 'host';
  return origin !== undefined && origin !== own ? 'origin' : null;
}

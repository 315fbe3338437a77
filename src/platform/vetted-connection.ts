// Connections of Node's http and https to IP addresses that the caller has checked.

import { isIPv6, type LookupFunction } from 'node:net';

/**
 * Returns the options of a request that connects only to `addresses`. A second DNS lookup of the name could return another
 * address, such as a private one, so the `lookup` function returns these addresses. The connection is not shared with other
 * requests.
 */
export function connectingTo(addresses: readonly string[]): {
  readonly agent: false;
  readonly lookup: LookupFunction;
} {
  const vetted = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return {
    agent: false,
    lookup: (_host, options, done) => {
      if (options.all) done(null, vetted);
      else done(null, vetted[0]!.address, vetted[0]!.family);
    },
  };
}

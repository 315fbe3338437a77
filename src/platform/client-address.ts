// Finds the IP address of a client: the peer of the connection, or, behind trusted proxies, an address in
// X-Forwarded-For.

import { BlockList, isIP } from 'node:net';

/**
 * Returns a BlockList of the given addresses and networks.
 * @throws RangeError if one of them is neither an address nor a network such as 10.0.0.0/8.
 */
export function trustedNetworks(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', length] = network.split('/');
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const prefix = length === undefined ? bits : /^\d+$/.test(length) ? Number(length) : Number.NaN;
    if (family === 0 || !(prefix <= bits))
      throw new RangeError(
        `TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, comma-separated.`,
      );
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/**
 * Returns the address of the client that sent a request over the connection from `peer`. Each proxy adds, at the end of
 * X-Forwarded-For, the address from which it received the request. A client can send a forged header, so only what
 * trusted proxies added counts: read from the right, the first address that is not a trusted proxy is the client.
 */
export function clientAddressOf(peer: string, forwardedFor: string | undefined, trusted: BlockList): string {
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(',').map((hop) => hop.trim());
  let client = peer;
  while (isTrusted(client, trusted)) {
    const hop = addressIn(hops.pop() ?? '');
    if (hop === null) break;
    client = hop;
  }
  return client;
}

/**
 * Returns the IP address of one element of X-Forwarded-For; null if it has none. Some proxies add the port:
 * `192.0.2.1:4711`, `[2001:db8::1]:4711`.
 */
function addressIn(hop: string): string | null {
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  return isIP(address) === 0 ? null : address;
}

const isTrusted = (address: string, trusted: BlockList): boolean => {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

// The client address: from the socket, or from the X-Forwarded-For of trusted proxies.

import { BlockList, isIP } from 'node:net';

/**
 * The networks as a BlockList.
 * @throws RangeError if one is not an address or a network such as 10.0.0.0/8.
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
 * The client of the connection from `peer`. Each proxy appends the address of its own peer, and everything to the left of
 * a trusted proxy's entry may be forged, so the client is the right-most address that is not a trusted proxy.
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

/** The address in `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`: some proxies add the port. */
function addressIn(hop: string): string | null {
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  return isIP(address) === 0 ? null : address;
}

const isTrusted = (address: string, trusted: BlockList): boolean => {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

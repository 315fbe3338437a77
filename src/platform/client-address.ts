// Who asks: the address at the other end of the socket, or the one that trusted proxies tell (X-Forwarded-For).

import { BlockList, isIP } from 'node:net';

/**
 * The networks as a list that can be asked.
 * @throws RangeError when one is neither an address nor a network such as 10.0.0.0/8.
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
 * The client behind `peer`. Each proxy appends the address that it was asked from, and everything to the left of what
 * a trusted one appended may be made up: so the right-most address that is no trusted proxy is the client.
 */
export function clientBehind(peer: string, forwardedFor: string | undefined, trusted: BlockList): string {
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(',').map((hop) => hop.trim());
  let client = peer;
  while (isTrusted(client, trusted)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) break;
    client = hop;
  }
  return client;
}

const isTrusted = (address: string, trusted: BlockList): boolean => {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

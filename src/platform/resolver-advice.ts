// What the log advises if no DNS resolver works: on Node, the resolvers that the operating system uses.

import { getServers } from 'node:dns';
import { createPlainResolver, parseDnsServer } from '../dns/transport/plain.ts';
import { createPlainTransport } from '../dns/transport/plain-node.ts';
import type { ResolverAdvice } from './resolver-watch.ts';

/** `servers` are the operating system's, as `node:dns` names them. */
export function nodeResolverAdvice(servers: () => readonly string[] = getServers): ResolverAdvice {
  const transport = createPlainTransport();
  const system = servers()
    .map(parseDnsServer)
    .filter((server) => server !== null)
    .map((server) => createPlainResolver(server, transport));
  return {
    // An address that documentation uses (RFC 5737).
    example: 'DNS_SERVERS=192.0.2.53',
    system,
    setting: (names) => `DNS_SERVERS=${names.join(',')}`,
  };
}

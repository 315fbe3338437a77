// Stand-ins for DNS that know an MX record for every name: a resolver in memory, and a server on UDP. They are for
// benches that measure everything except the network.

import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { decode, encode, RECURSION_AVAILABLE } from '@leichtgewicht/dns-packet';
import type { Resolver } from '../src/dns/resolver.ts';

/** Answers at once: an MX for every domain, a public address for every host. */
export const knowsEverything: Resolver = {
  name: 'in memory',
  resolve: ({ name, type }) =>
    Promise.resolve(
      type === 'MX'
        ? { kind: 'mx', exchanges: [{ preference: 10, host: `mx.${name}` }], ttl: 86_400 }
        : { kind: 'addresses', addresses: ['198.41.0.4'], ttl: 86_400 },
    ),
};

/**
 * A DNS server on UDP, for other libraries that use node:dns. It answers every question with an MX record. `address` is
 * the server's address for `dns.setServers`.
 */
export async function startUdpServer(): Promise<{ address: string; close: () => void }> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { id = 0, questions = [] } = decode(message);
    const { name } = questions[0]!;
    const answers = [
      { name, type: 'MX', ttl: 86_400, data: { preference: 10, exchange: `mx.${name}` } },
    ] as const;
    socket.send(
      encode({ type: 'response', id, flags: RECURSION_AVAILABLE, questions, answers: [...answers] }),
      port,
      address,
    );
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  return { address: `127.0.0.1:${(socket.address() as AddressInfo).port}`, close: () => socket.close() };
}

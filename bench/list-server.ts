// A DoH server for lists of any size, in a process of its own: each domain has an MX, and some thousands share a host.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decode, encode, RECURSION_AVAILABLE } from '@leichtgewicht/dns-packet';

const hosts = 2000;
let queries = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    queries++;
    const { id = 0, questions } = decode(Buffer.concat(chunks));
    const { name, type } = questions![0]!;
    const host = `mx${Number(/\d+/.exec(name)?.[0] ?? 0) % hosts}.brisk-otter.com`;
    const body = encode({
      type: 'response',
      id,
      flags: RECURSION_AVAILABLE,
      questions: questions!,
      answers: [
        type === 'MX'
          ? { name, type: 'MX', ttl: 86_400, data: { preference: 10, exchange: host } }
          : { name, type: 'A', ttl: 86_400, data: '198.41.0.4' },
      ],
    });
    response.writeHead(200, { 'content-type': 'application/dns-message' }).end(body);
  });
});

process.on('message', () => {
  process.send!({ queries });
  queries = 0;
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  process.send!({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`, hosts });
});

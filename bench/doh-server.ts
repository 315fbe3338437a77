// A resolver for any number of domains, in its own process: each domain has an MX, and thousands share a host. It speaks
// HTTP/2 and HTTP/1.1 over TLS on one port (the arguments name the files of a key and a certificate), HTTP/1.1 without TLS
// on another, and plain DNS over UDP and TCP on a third.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { answerWith } from './programs.ts';

export interface DohServer {
  readonly url: string;
  readonly plainUrl: string;
  /** The port of plain DNS, by UDP and TCP. */
  readonly udpPort: number;
  /** Number of mail hosts that the domains share. */
  readonly hosts: number;
  /** Number of queries since the last message to this process. */
  readonly queries: number;
}

const hosts = 2000;
const typeA = 1;
let queries = 0;

/** The octets of a domain name (RFC 1035 section 3.1). */
const nameOctets = (name: string): Buffer =>
  Buffer.from(
    `${name.replace(/[^.]+/g, (label) => String.fromCharCode(label.length) + label).replaceAll('.', '')}\0`,
  );

/** One answer to the question at octet 12: its name by a pointer, class IN, one day to live, and the data. */
const record = (type: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 1, 0x51, 0x80, 0, data.length]), data]);

const addressRecord = record(typeA, Buffer.from([198, 41, 0, 4]));
const mxRecords = Array.from({ length: hosts }, (_, host) =>
  record(15, Buffer.concat([Buffer.from([0, 10]), nameOctets(`mx${host}.brisk-otter.com`)])),
);

/**
 * Answers a query by copying its octets. Decoding and encoding messages would take longer than the client under test
 * does.
 */
function answer(query: Buffer): Buffer {
  queries++;
  const end = query.indexOf(0, 12) + 5;
  const number = /\d+/.exec(query.toString('latin1', 12, end))?.[0] ?? 0;
  const records = query[end - 3] === typeA ? addressRecord : mxRecords[Number(number) % hosts]!;
  const message = Buffer.concat([query.subarray(0, end), records]);
  // The header after the id: a response to a recursive query, with one question, one answer and nothing else.
  message.set([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], 2);
  return message;
}

const contentType = { 'content-type': 'application/dns-message' };

function whenRead(request: Readable, then: (query: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => then(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
}

const overHttp1 = (request: IncomingMessage, response: ServerResponse) =>
  whenRead(request, (query) => {
    const body = answer(query);
    response.writeHead(200, { ...contentType, 'content-length': body.length }).end(body);
  });

const overHttp2 = (stream: ServerHttp2Stream) =>
  whenRead(stream, (query) => {
    stream.respond({ ':status': 200, ...contentType });
    stream.end(answer(query));
  });

/** Plain DNS over TCP: each message after its length (RFC 1035 section 4.2.2). */
function overTcp(socket: Socket): void {
  let received = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const replies: Buffer[] = [];
    while (received.length > 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const message = answer(received.subarray(2, end));
      const prefix = Buffer.alloc(2);
      prefix.writeUInt16BE(message.length);
      replies.push(prefix, message);
      received = received.subarray(end);
    }
    if (replies.length > 0) socket.write(Buffer.concat(replies));
  });
}

const [key, cert] = process.argv.slice(2).map((file) => readFileSync(file));
const plain = createServer(overHttp1).listen(0, '127.0.0.1');
const http2 = createHttp2Server().on('stream', overHttp2);
const secure = createTlsServer({ key: key!, cert: cert!, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) =>
  (socket.alpnProtocol === 'h2' ? http2 : plain).emit('connection', socket),
).listen(0, '127.0.0.1');
const udp = createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });
udp.on('message', (query, { port, address }) => udp.send(answer(query), port, address));
udp.bind(0, '127.0.0.1');
await Promise.all([plain, secure, udp].map((server) => once(server, 'listening')));
const tcp = createTcpServer(overTcp).listen(udp.address().port, '127.0.0.1');
await once(tcp, 'listening');
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

answerWith(async (): Promise<DohServer> => {
  const sinceLast = queries;
  queries = 0;
  return {
    url: `https://localhost:${portOf(secure)}/dns-query`,
    plainUrl: `http://127.0.0.1:${portOf(plain)}/dns-query`,
    udpPort: portOf(udp),
    hosts,
    queries: sinceLast,
  };
});

// A DoH server for any number of domains, in a process of its own: each has an MX, and some thousands share a host.
// Given the files of a key and a certificate it speaks HTTP/2 and HTTP/1.1 over TLS on one port, and HTTP/1.1 without TLS
// on another.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import {
  createFrameReader,
  frameFlag,
  frameType,
  uint32,
  writeFrame,
} from '../src/dns/transport/http2-frames.ts';
import { answerWith } from './programs.ts';

export interface DohServer {
  readonly url: string;
  readonly plainUrl: string;
  /** How many hosts the domains share. */
  readonly hosts: number;
  /** Since it was last asked. */
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

/** The answer by octets, since decoding and encoding would take longer than whoever asks. */
function answer(query: Buffer): Buffer {
  queries++;
  const end = query.indexOf(0, 12) + 5;
  const number = /\d+/.exec(query.toString('latin1', 12, end))?.[0] ?? 0;
  const records = query[end - 3] === typeA ? addressRecord : mxRecords[Number(number) % hosts]!;
  const message = Buffer.concat([query.subarray(0, end), records]);
  // A response to a recursive query, one question, one answer and nothing else.
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

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Status 200 and the content type, as a header block. */
const answerHeaders = Buffer.concat([
  Buffer.from([0x88, 0x0f, 0x10, 23]),
  Buffer.from('application/dns-message'),
]);

/** Answers each POST of one DATA frame by frames, since node:http2 would take longer than whoever asks. */
function overHttp2(socket: Socket): void {
  const read = createFrameReader();
  let isGreeted = false;
  socket.on('data', (piece: Buffer) => {
    const replies: Buffer[] = [];
    if (!isGreeted) replies.push(writeFrame(frameType.settings, 0, 0, nothing));
    const frames = read(isGreeted ? piece : piece.subarray(preface.length))!;
    isGreeted = true;
    for (const { type, flags, id, payload } of frames) {
      const isAck = (flags & frameFlag.ack) !== 0;
      if (type === frameType.data)
        replies.push(
          writeFrame(frameType.headers, frameFlag.endHeaders, id, answerHeaders),
          writeFrame(frameType.data, frameFlag.endStream, id, answer(payload)),
          writeFrame(frameType.window, 0, 0, uint32(payload.length)),
        );
      else if (type === frameType.settings && !isAck)
        replies.push(writeFrame(frameType.settings, frameFlag.ack, 0, nothing));
      else if (type === frameType.ping && !isAck)
        replies.push(writeFrame(frameType.ping, frameFlag.ack, 0, payload));
    }
    if (replies.length > 0) socket.write(Buffer.concat(replies));
  });
  socket.on('error', () => socket.destroy());
}
const nothing = Buffer.alloc(0);

const [key, cert] = process.argv.slice(2).map((file) => readFileSync(file));
const plain = createServer(overHttp1).listen(0, '127.0.0.1');
const secure = createTlsServer({ key: key!, cert: cert!, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
  if (socket.alpnProtocol === 'h2') overHttp2(socket);
  else plain.emit('connection', socket);
}).listen(0, '127.0.0.1');
await Promise.all([plain, secure].map((server) => once(server, 'listening')));
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

answerWith(async (): Promise<DohServer> => {
  const sinceLast = queries;
  queries = 0;
  return {
    url: `https://localhost:${portOf(secure)}/dns-query`,
    plainUrl: `http://127.0.0.1:${portOf(plain)}/dns-query`,
    hosts,
    queries: sinceLast,
  };
});

// A DoH server on loopback, in this process, that answers from a zone object.

import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { decode } from '@leichtgewicht/dns-packet';
import { createResponder, fromBase64url, type Zone } from './zone.ts';

export interface DohServer {
  readonly url: string;
  /** `TYPE name` of each question that came in, in order. */
  readonly asked: string[];
  /** How often somebody connected. */
  readonly connections: { readonly count: number };
  /** Has every connection end, and new ones welcome. */
  hangUp(): void;
  /** Settles when `question` has come in. */
  heard(question: string): Promise<void>;
  /** The process may end while this listens. */
  unref(): void;
  close(): Promise<void>;
}

/** What the requests and responses of HTTP/1.1 and HTTP/2 have in common. */
type Incoming = Readable & { method?: string; url?: string };
interface Outgoing {
  writeHead(status: number, headers: Record<string, string>): { end(body: Uint8Array): void };
}

/** Over plain HTTP/1.1, or over TLS and HTTP/2 where given a key and a certificate for localhost. On a free port, if none is given. */
export async function startDohServer(
  zone: Zone,
  tls?: { readonly key: string; readonly cert: string },
  port = 0,
): Promise<DohServer> {
  const respond = createResponder(zone);
  const asked: string[] = [];
  const waiting = new Map<string, () => void>();
  const sockets = new Set<Socket>();
  const connections = { count: 0 };
  const onRequest = async (request: Incoming, response: Outgoing) => {
    const query = await readQuery(request);
    if (query.length === 0) {
      response.writeHead(400, {}).end(query);
      return;
    }
    const { name, type } = decode(query).questions![0]!;
    asked.push(`${type} ${name}`);
    waiting.get(`${type} ${name}`)?.();
    const reply = respond(query);
    if (!reply) return;
    const { status, contentType, body, location } = reply;
    response.writeHead(status, { 'content-type': contentType, ...(location && { location }) }).end(body);
  };
  const server = tls ? createSecureServer(tls, onRequest as never) : createServer(onRequest as never);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    connections.count++;
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${(server.address() as AddressInfo).port}/dns-query`,
    asked,
    connections,
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
    heard: (question) =>
      new Promise((resolve) => {
        if (asked.includes(question)) resolve();
        else waiting.set(question, resolve);
      }),
    unref: () => {
      server.unref();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function readQuery(request: Incoming): Promise<Uint8Array> {
  const encoded = new URL(request.url!, 'http://localhost').searchParams.get('dns');
  if (request.method === 'GET' && encoded !== null) return fromBase64url(encoded);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

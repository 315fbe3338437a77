// A DoH server on loopback, in this process, that answers from a zone object.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decode } from '@leichtgewicht/dns-packet';
import { createResponder, fromBase64url, type Zone } from './zone.ts';

export interface DohServer {
  readonly url: string;
  /** `TYPE name` of each question that came in, in order. */
  readonly asked: string[];
  /** Settles when `question` has come in. */
  heard(question: string): Promise<void>;
  /** The process may end while this listens. */
  unref(): void;
  close(): Promise<void>;
}

export async function startDohServer(zone: Zone): Promise<DohServer> {
  const respond = createResponder(zone);
  const asked: string[] = [];
  const waiting = new Map<string, () => void>();
  const server = createServer(async (request, response) => {
    const query = await readQuery(request);
    const { name, type } = decode(query).questions![0]!;
    asked.push(`${type} ${name}`);
    waiting.get(`${type} ${name}`)?.();
    const reply = respond(query);
    if (!reply) return;
    const { status, contentType, body, location } = reply;
    response.writeHead(status, { 'content-type': contentType, ...(location && { location }) }).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`,
    asked,
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
        server.closeAllConnections();
      }),
  };
}

async function readQuery(request: IncomingMessage): Promise<Uint8Array> {
  const encoded = new URL(request.url!, 'http://localhost').searchParams.get('dns');
  if (request.method === 'GET' && encoded !== null) return fromBase64url(encoded);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

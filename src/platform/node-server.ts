// The HTTP server on Node: a connection limit, timeouts and a graceful stop.

import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';

export interface NodeServerOptions {
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>;
  readonly host: string;
  readonly port: number;
  /**
   * Whether the response to a path is an event stream that never ends. `stop` closes such streams, and their clients
   * reconnect.
   */
  readonly isEndless: (path: string) => boolean;
  /** Maximum number of open connections. A connection beyond it is answered with 503 and closed. */
  readonly maxConnections: number;
}

export interface NodeServer {
  readonly port: number;
  /**
   * Stops accepting connections, and closes event streams and connections that have not sent a complete request.
   * Resolves to true when all other requests have been answered. After `graceMs` milliseconds it closes them too and
   * resolves to false.
   */
  stop(graceMs: number): Promise<boolean>;
}

const timeouts = {
  headersTimeout: 10_000,
  /**
   * Maximum milliseconds to receive a whole request: long enough to upload a list over a slow connection. Other routes
   * set a shorter limit for their bodies themselves.
   */
  requestTimeout: 60 * 60_000,
  connectionsCheckingInterval: 2000,
};

/** Maximum bytes of a body that Node buffers per connection before a handler reads them. */
const bufferBytes = 16 * 1024;

const busyBody = JSON.stringify({
  type: 'urn:presend:problem:overloaded',
  title: 'Service unavailable',
  status: 503,
  detail: 'Too many connections. Retry after the number of seconds in Retry-After.',
});
const busy =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n' +
  `Content-Type: application/problem+json\r\nContent-Length: ${busyBody.length}\r\n\r\n${busyBody}`;

const lingerMs = 1000;
const pollMs = 20;

/** Starts the server. Resolves when it listens, and rejects with the system's error if it cannot. */
export async function startNodeServer({
  fetch,
  host,
  port,
  isEndless,
  maxConnections,
}: NodeServerOptions): Promise<NodeServer> {
  const server = createAdaptorServer({
    fetch,
    serverOptions: { ...timeouts, highWaterMark: bufferBytes },
  }) as Server;
  /** The open connections. The value is the latest response, or null before the first request. */
  const exchanges = new Map<Socket, ServerResponse | null>();
  const isBeingAnswered = (response: ServerResponse | null): boolean =>
    response !== null && !response.closed && response.req.complete && !isEndless(response.req.url ?? '');

  // Node's own `connection` listener starts reading requests. It must not run for a connection that is refused, so it
  // is called by hand for the others.
  const accept = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket) => {
    if (exchanges.size >= maxConnections) return refuse(socket);
    exchanges.set(socket, null);
    socket.once('close', () => exchanges.delete(socket));
    for (const listener of accept) listener.call(server, socket);
  });
  // A listener for the end of each response would cost every request time, and only `stop` needs to know it.
  server.on('request', ({ socket }, response) => {
    exchanges.set(socket, response);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    async stop(graceMs) {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      const until = Date.now() + graceMs;
      for (;;) {
        for (const [socket, response] of exchanges) if (!isBeingAnswered(response)) socket.destroy();
        if (exchanges.size === 0) break;
        if (Date.now() >= until) {
          for (const socket of exchanges.keys()) socket.destroy();
          return false;
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
      await closed;
      return true;
    },
  };
}

/**
 * Answers 503 on a connection beyond the limit. For a second it reads and discards what the client sends: if the socket
 * closed at once, the client could lose the response.
 */
function refuse(socket: Socket): void {
  socket.on('error', () => {});
  socket.end(busy);
  socket.resume();
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

// DoH over one HTTP/2 connection to each resolver, as RFC 8484 section 5.2 advises: many questions at once share it, and
// giving one up does not close it.

import { connect as connectTls } from 'node:tls';
import type { DohRequest, DohTransport } from './fetch.ts';
import { encodeRequest } from './hpack.ts';
import { type Http2Connection, NotUnderstood, speakHttp2 } from './http2-connection.ts';

/** Milliseconds within which a connection on which a question was given up must show that it is alive. */
const pingTimeout = 2000;

/** Milliseconds for TCP and TLS together. */
const connectTimeout = 5000;

/** Milliseconds without a question after which a connection is closed. */
const idleTimeout = 60_000;

/** `http1` where the server speaks no HTTP/2, or none that is understood. */
type Connection = Http2Connection | 'http1';

/** Asks over HTTP/2 where an https server speaks it, else through `fallback`. Does not keep the process alive. */
export function createHttp2Transport(fallback: DohTransport): DohTransport {
  const connections = new Map<string, Promise<Connection>>();

  const connectionTo = (url: URL): Promise<Connection> => {
    const known = connections.get(url.origin);
    if (known) return known;
    const forget = () => {
      if (connections.get(url.origin) === connection) connections.delete(url.origin);
    };
    const connection = open(url, forget);
    connections.set(url.origin, connection);
    connection.catch(forget);
    return connection;
  };

  // A POST looks like every other to the same URL, but for its body; and there are some hundred lengths of a question.
  const posts = new Map<string, Buffer>();
  const blockOf = (url: URL, { method, headers, body }: DohRequest): Buffer => {
    const path = url.pathname + url.search;
    if (body === null) return encodeRequest(method, url.host, path, headers);
    const key = `${body.length} ${url.href}`;
    const known = posts.get(key);
    if (known) return known;
    const length = { 'content-length': String(body.length) };
    const block = encodeRequest(method, url.host, path, { ...headers, ...length });
    posts.set(key, block);
    return block;
  };

  let latest = new URL('https://localhost');
  const parsed = (text: string): URL => {
    if (latest.href !== text) latest = new URL(text);
    return latest;
  };

  return async (request, limit, signal) => {
    if (!request.url.startsWith('https:')) return fallback(request, limit, signal);
    const url = parsed(request.url);
    const connection = await connectionTo(url);
    signal.throwIfAborted();
    if (connection === 'http1') return fallback(request, limit, signal);
    const block = blockOf(url, request);
    try {
      const { age, ...reply } = await connection.exchange(block, request.body, limit, signal);
      return { ...reply, age: Number(age) || 0 };
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      // Slower answers are better than none, whichever side is mistaken.
      connections.set(url.origin, Promise.resolve('http1'));
      return fallback(request, limit, signal);
    }
  };
}

/** `onLost` is called when the connection can take no further questions. */
function open(url: URL, onLost: () => void): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port) || 443,
      servername: isAddress(url.hostname) ? '' : url.hostname,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    socket.unref();
    const tooSlow = () => socket.destroy(new Error('no connection in time'));
    socket.setTimeout(connectTimeout, tooSlow);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.setTimeout(0, tooSlow);
      if (socket.alpnProtocol !== 'h2') {
        socket.destroy();
        return resolve('http1');
      }
      resolve(speakHttp2(socket, onLost, { idle: idleTimeout, ping: pingTimeout }));
    });
  });
}

const isAddress = (host: string): boolean => host.startsWith('[') || /^[\d.]+$/.test(host);

// DoH over one HTTP/2 connection to each resolver, as RFC 8484 section 5.2 advises: many questions at once share it, and
// giving one up does not close it.

import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import type { DohReply, DohRequest, DohTransport } from '../dns/doh-transport.ts';

/** Milliseconds within which a connection on which a question was given up must show that it is alive. */
const pingTimeout = 2000;

/** Milliseconds for TCP and TLS together. */
const connectTimeout = 5000;

/** Milliseconds without a question after which a connection is closed. */
const idleTimeout = 60_000;

/** `http1` where the server speaks no HTTP/2. */
type Connection = ClientHttp2Session | 'http1';

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

  // Nearly all questions go to the same URL.
  let latest = new URL('https://localhost');
  const parsed = (text: string): URL => {
    if (latest.href !== text) latest = new URL(text);
    return latest;
  };

  return async (request, limit, signal) => {
    const url = parsed(request.url);
    if (url.protocol !== 'https:') return fallback(request, limit, signal);
    const connection = await connectionTo(url);
    signal.throwIfAborted();
    return connection === 'http1'
      ? fallback(request, limit, signal)
      : exchange(connection, url, request, limit, signal);
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
    socket.setTimeout(connectTimeout, () => socket.destroy(new Error('no connection in time')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      if (socket.alpnProtocol !== 'h2') {
        socket.destroy();
        return resolve('http1');
      }
      const session = connectHttp2(url.origin, { createConnection: () => socket });
      // Each question hears of the failure itself.
      session.on('error', onLost).on('goaway', onLost).on('close', onLost);
      session.setTimeout(idleTimeout, () => session.close());
      session.unref();
      resolve(session);
    });
  });
}

const isAddress = (host: string): boolean => host.startsWith('[') || /^[\d.]+$/.test(host);

function exchange(
  session: ClientHttp2Session,
  url: URL,
  request: DohRequest,
  limit: number,
  signal: AbortSignal,
): Promise<DohReply> {
  return new Promise((resolve, reject) => {
    const stream = session.request(
      {
        ':method': request.method,
        ':path': url.pathname + url.search,
        ...request.headers,
        ...(request.body && { 'content-length': request.body.length }),
      },
      { endStream: request.body === null },
    );
    const chunks: Buffer[] = [];
    let reply = { status: 0, contentType: null as string | null, age: 0 };
    let length = 0;
    const giveUp = () => {
      stream.close(constants.NGHTTP2_CANCEL);
      checkAlive(session);
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp);
    stream.on('response', (headers) => {
      reply = {
        status: headers[':status'] ?? 0,
        contentType: headers['content-type'] ?? null,
        age: Number(headers['age']) || 0,
      };
    });
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) return chunks.push(chunk);
      stream.close(constants.NGHTTP2_CANCEL);
      return resolve({ ...reply, body: null });
    });
    stream.on('end', () =>
      resolve({ ...reply, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) }),
    );
    stream.on('error', reject);
    stream.on('close', () => {
      signal.removeEventListener('abort', giveUp);
      // An error is costly to make, and with an answer nobody would hear of it.
      if (!stream.readableEnded) reject(new Error('the stream was closed without an answer'));
    });
    stream.end(request.body ?? undefined);
  });
}

const beingChecked = new WeakSet<ClientHttp2Session>();

/** A peer that went away without a word looks like a slow one, for ever. */
function checkAlive(session: ClientHttp2Session): void {
  if (beingChecked.has(session) || session.destroyed || session.closed) return;
  beingChecked.add(session);
  const timer = setTimeout(() => session.destroy(), pingTimeout);
  timer.unref();
  session.ping(() => {
    clearTimeout(timer);
    beingChecked.delete(session);
  });
}

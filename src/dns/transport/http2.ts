// DNS over HTTPS (DoH) over HTTP/2 (RFC 8484 section 5.2), on Node. All questions to a resolver share one connection. It stays
// open when a question is canceled, unless the server then fails to answer a ping.

import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { systemTimers, type Timers } from '../../clock.ts';
import type { DohReply, DohRequest, DohTransport } from './fetch.ts';

/** Maximum milliseconds for opening a connection, including TCP and TLS. */
const connectTimeout = 5000;

/** Milliseconds without traffic after which a connection is closed. */
const idleTimeout = 60_000;

/** Maximum milliseconds for the reply to a ping. A ping checks whether a connection works after a question was canceled. */
const pingTimeout = 2000;

/** Milliseconds for which HTTP/1.1 is used after a server has turned out not to support HTTP/2. Then HTTP/2 is tried again. */
const withoutHttp2 = 600_000;

/** Milliseconds for which HTTP/1.1 is used after a violation of the HTTP/2 protocol. Then HTTP/2 is tried again. */
const afterProtocolError = 5000;

/** The server did not process the request, so sending it again is safe (RFC 9113 section 8.7). */
class NotProcessed extends Error {}

/** A violation of the HTTP/2 protocol, detected by the server or by us. */
class ProtocolError extends Error {}

interface Connection {
  /**
   * Sends one request. Rejects with a `NotProcessed` or a `ProtocolError`, with the reason of `signal` if it aborts, or with
   * any other error if the connection fails.
   */
  exchange(path: string, request: DohRequest, limit: number, signal: AbortSignal): Promise<DohReply>;
}

interface Server {
  readonly url: URL;
  /** The current connection; null if there is none. `http1` means that the server does not support HTTP/2. */
  connection: Promise<Connection | 'http1'> | null;
  /** Epoch milliseconds until which HTTP/1.1 is used for this server. */
  http1Until: number;
}

/**
 * A `DohTransport` that uses HTTP/2. It uses `fallback` (`fetch`, which speaks HTTP/1.1) for servers without HTTP/2, for http
 * URLs, and for a few seconds after a violation of the HTTP/2 protocol. If the server resets a question, the next question
 * opens a new connection. Open connections do not keep the process alive.
 */
export function createHttp2Transport(fallback: DohTransport, timers: Timers = systemTimers): DohTransport {
  const servers = new Map<string, Server>();

  const serverAt = (url: URL): Server => {
    const known = servers.get(url.origin);
    if (known) return known;
    const server = { url, connection: null, http1Until: 0 };
    servers.set(url.origin, server);
    return server;
  };

  // Remembers the URL of the last request, because every POST to a resolver has the same URL and parsing takes time.
  let latest: { readonly href: string; readonly server: Server; readonly path: string } | null = null;
  const resolveUrl = (href: string) => {
    if (latest?.href === href) return latest;
    const url = new URL(href);
    latest = { href, server: serverAt(url), path: url.pathname + url.search };
    return latest;
  };

  const connectionTo = (server: Server): Promise<Connection | 'http1'> => {
    if (server.connection) return server.connection;
    const forget = () => {
      if (server.connection === connection) server.connection = null;
    };
    const connection = openConnection(server.url, forget, timers);
    server.connection = connection;
    connection.catch(forget);
    return connection;
  };

  const overHttp1 = async (
    server: Server,
    request: DohRequest,
    limit: number,
    signal: AbortSignal,
  ): Promise<DohReply> => {
    try {
      return await fallback(request, limit, signal);
    } catch (error) {
      // HTTP/1.1 failed too. Let the next question try HTTP/2 again.
      if (!signal.aborted) server.http1Until = 0;
      throw error;
    }
  };

  const ask = async (
    request: DohRequest,
    limit: number,
    signal: AbortSignal,
    mayRepeat: boolean,
  ): Promise<DohReply> => {
    const { server, path } = resolveUrl(request.url);
    if (timers.now() < server.http1Until) return overHttp1(server, request, limit, signal);
    const connection = await connectionTo(server);
    signal.throwIfAborted();
    if (connection === 'http1') {
      server.connection = null;
      server.http1Until = timers.now() + withoutHttp2;
      return overHttp1(server, request, limit, signal);
    }
    try {
      return await connection.exchange(path, request, limit, signal);
    } catch (error) {
      if (error instanceof NotProcessed && mayRepeat && !signal.aborted)
        return ask(request, limit, signal, false);
      if (!(error instanceof ProtocolError)) throw error;
      server.http1Until = timers.now() + afterProtocolError;
      return overHttp1(server, request, limit, signal);
    }
  };

  return (request, limit, signal) =>
    request.url.startsWith('https:') ? ask(request, limit, signal, true) : fallback(request, limit, signal);
}

/** Opens a connection. Calls `onLost` when it can take no more questions, so the next question opens a new one. */
function openConnection(url: URL, onLost: () => void, timers: Timers): Promise<Connection | 'http1'> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connectTls({
      host,
      port: Number(url.port) || 443,
      servername: isAddress(url.hostname) ? '' : host,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    socket.unref();
    const abandon = () => socket.destroy(new Error('connection timed out'));
    socket.setTimeout(connectTimeout, abandon);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.setTimeout(0, abandon);
      if (socket.alpnProtocol === 'h2') {
        resolve(http2Connection(connect(url.origin, { createConnection: () => socket }), onLost, timers));
      } else {
        socket.destroy();
        resolve('http1');
      }
    });
  });
}

function http2Connection(session: ClientHttp2Session, onLost: () => void, timers: Timers): Connection {
  let pinging = false;
  session.unref();
  session.setTimeout(idleTimeout, () => session.destroy());
  session.on('goaway', onLost);
  session.on('close', onLost);
  // The error itself is handled for each question: every open stream of the session gets it too.
  session.on('error', onLost);

  /** Stops using the connection for new questions, and closes it when the pending questions have ended. */
  const retire = () => {
    onLost();
    session.close();
  };

  /**
   * Closes the connection if it does not answer a ping in time. Without this check, a dead connection would be used further,
   * because it looks like a slow one.
   */
  const checkAlive = () => {
    if (pinging || session.destroyed) return;
    pinging = true;
    const timer = timers.setTimeout(() => session.destroy(), pingTimeout);
    session.ping(() => {
      pinging = false;
      timers.clearTimeout(timer);
    });
  };

  return {
    exchange: (path, { method, headers, body }, limit, signal) =>
      new Promise((resolve, reject) => {
        const stream = session.request(
          { ':method': method, ':path': path, ...headers },
          { endStream: body === null },
        );
        const chunks: Buffer[] = [];
        let reply: Omit<DohReply, 'body'> | null = null;
        let length = 0;
        const end = (octets: Uint8Array | null) => {
          if (reply !== null) resolve({ ...reply, body: octets });
        };
        const giveUp = () => {
          reject(signal.reason);
          stream.close(constants.NGHTTP2_CANCEL);
          checkAlive();
        };
        signal.addEventListener('abort', giveUp);
        stream.on('response', (fields) => {
          reply = {
            status: fields[':status'] ?? 0,
            contentType: fields['content-type'] ?? null,
            age: Number(fields.age) || 0,
          };
        });
        stream.on('data', (chunk: Buffer) => {
          length += chunk.length;
          chunks.push(chunk);
          if (length <= limit) return;
          end(null);
          stream.close(constants.NGHTTP2_CANCEL);
        });
        stream.on('end', () => end(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
        stream.on('error', (error: NodeJS.ErrnoException) => {
          if (protocolErrors.has(error.code ?? '')) reject(new ProtocolError(error.message));
        });
        stream.on('close', () => {
          signal.removeEventListener('abort', giveUp);
          if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) {
            onLost();
            reject(new NotProcessed('request refused'));
          } else if (!resetByUs.has(stream.rstCode ?? 0)) retire();
          reject(new Error('stream closed before the response ended'));
        });
        if (body !== null) stream.end(body);
      }),
  };
}

/** Codes of Node's errors for a whole session: the other side sent invalid frames, or closed it with an error code (GOAWAY). */
const protocolErrors: ReadonlySet<string> = new Set(['ERR_HTTP2_ERROR', 'ERR_HTTP2_SESSION_ERROR']);

/** Codes of streams that ended normally or that we canceled. With any other code, the server reset the stream. */
const resetByUs: ReadonlySet<number> = new Set([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL]);

const isAddress = (host: string): boolean => host.startsWith('[') || /^[\d.]+$/.test(host);

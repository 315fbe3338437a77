// A TCP connection to a DNS server that concurrent questions share (RFC 7766 section 6.2.1.1).

import { connect, type Socket } from 'node:net';
import type { DnsServer } from './plain.ts';

/** Number of octets in front of each message on TCP. They hold the length of the message (RFC 1035 section 4.2.2). */
const prefixLength = 2;

/** Milliseconds without traffic after which a connection without pending questions is closed. */
const idleTimeout = 5000;

/** Maximum milliseconds for opening a connection. */
const connectTimeout = 1000;

export interface TcpPipeline {
  /**
   * Sends `query` and returns the answer. Rejects when the connection is lost or `signal` aborts. If several pending queries
   * have the same id, `isAnswer` decides which of them a message answers. The caller must check the returned message, because
   * only its id is certain to be that of the query.
   */
  ask(
    query: Uint8Array,
    isAnswer: (message: Uint8Array) => boolean,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
}

/** A query that was sent and has no answer yet. */
interface Waiting {
  readonly id: number;
  readonly isAnswer: (message: Uint8Array) => boolean;
  readonly resolve: (message: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

interface Connection {
  readonly socket: Socket;
  readonly waiting: Set<Waiting>;
  /**
   * Whether the server has answered on this connection. If so, a loss of the connection may only mean that the server closed it
   * as idle just when a query was sent, and the query is sent once more on a new connection.
   */
  hasAnswered: boolean;
}

/**
 * Opens the connection with the first query, and a new one with the next query after it was closed. A connection without
 * pending queries does not keep the process alive.
 */
export function createTcpPipeline({ address, port }: DnsServer): TcpPipeline {
  let current: Connection | null = null;

  const open = (): Connection => {
    const socket = connect({ host: address, port, noDelay: true });
    const connection: Connection = { socket, waiting: new Set(), hasAnswered: false };
    const forget = () => {
      if (current === connection) current = null;
    };
    let received: Buffer = Buffer.alloc(0);
    socket.setTimeout(connectTimeout, () => socket.destroy(new Error('connection timed out')));
    socket.once('connect', () => {
      socket.setTimeout(0);
      // Do not close the connection while a query is pending. The query has its own deadline.
      socket.setTimeout(idleTimeout, () => connection.waiting.size === 0 && socket.destroy());
    });
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      while (received.length >= prefixLength) {
        const end = prefixLength + received.readUInt16BE(0);
        if (received.length < end) return;
        hear(connection, received.subarray(prefixLength, end));
        received = received.subarray(end);
      }
    });
    socket.on('error', forget);
    socket.on('end', forget);
    socket.on('close', () => {
      forget();
      for (const { reject } of connection.waiting) reject(new Error('connection closed without an answer'));
    });
    current = connection;
    return connection;
  };

  const hear = (connection: Connection, message: Uint8Array) => {
    const id = ((message[0] ?? 0) << 8) | (message[1] ?? 0);
    const meant = [...connection.waiting].filter((waiting) => waiting.id === id);
    const asked = meant.find(({ isAnswer }) => isAnswer(message)) ?? meant[0];
    if (!asked) return;
    connection.hasAnswered = true;
    connection.waiting.delete(asked);
    if (connection.waiting.size === 0) connection.socket.unref();
    asked.resolve(message);
  };

  const send = (
    query: Uint8Array,
    isAnswer: Waiting['isAnswer'],
    signal: AbortSignal,
    mayRepeat: boolean,
  ): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const connection = current ?? open();
      const { socket, waiting } = connection;
      const wasUsed = connection.hasAnswered;
      const end = () => signal.removeEventListener('abort', giveUp);
      const asked: Waiting = {
        id: (query[0]! << 8) | query[1]!,
        isAnswer,
        resolve: (message) => {
          end();
          resolve(message);
        },
        reject: (error) => {
          end();
          if (wasUsed && mayRepeat) resolve(send(query, isAnswer, signal, false));
          else reject(error);
        },
      };
      const giveUp = () => {
        waiting.delete(asked);
        // If no other query is pending, close the connection, because the server may be unreachable on it.
        if (waiting.size === 0) socket.destroy();
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp);
      if (waiting.size === 0) socket.ref();
      waiting.add(asked);
      // Hold the queries back until the end of this event-loop turn, to send them all with a single write.
      if (socket.writableCorked === 0) {
        socket.cork();
        setImmediate(() => socket.uncork());
      }
      socket.write(prefixed(query));
    });

  return { ask: (query, isAnswer, signal) => send(query, isAnswer, signal, true) };
}

function prefixed(message: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(prefixLength + message.length);
  whole.writeUInt16BE(message.length, 0);
  whole.set(message, prefixLength);
  return whole;
}

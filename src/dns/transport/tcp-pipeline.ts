// A TCP connection to a DNS server that concurrent questions share (RFC 7766 section 6.2.1.1).

import { connect, type Socket } from 'node:net';
import type { DnsServer } from './plain.ts';

/** Octets of the length before a message on TCP (RFC 1035 section 4.2.2). */
const prefixLength = 2;

/** Milliseconds without a question after which the connection is closed. Servers close idle connections too. */
const idleTimeout = 5000;

/** Connection timeout in milliseconds. */
const connectTimeout = 1000;

export interface TcpPipeline {
  /**
   * Rejects when the connection is lost or `signal` aborts. If several questions have the same id, `isAnswer` decides which
   * question a message answers. The caller must check the message, since only its id is certain to match.
   */
  ask(
    query: Uint8Array,
    isAnswer: (message: Uint8Array) => boolean,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
}

interface Waiting {
  readonly id: number;
  readonly isAnswer: (message: Uint8Array) => boolean;
  readonly resolve: (message: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

interface Connection {
  readonly socket: Socket;
  readonly waiting: Set<Waiting>;
  /** Whether the connection has answered before. The server may close it as idle at the moment a question is sent. */
  hasAnswered: boolean;
}

/** Connects with the first question and reconnects after a loss. Does not keep the process alive. */
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
      // Do not close while a question is pending: the question has its own deadline.
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
        // Close the connection if no question is left: the server may be unreachable.
        if (waiting.size === 0) socket.destroy();
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp);
      if (waiting.size === 0) socket.ref();
      waiting.add(asked);
      // Cork the socket to send all queries of one event-loop turn in a single write.
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

// Connects to mail hosts by the sockets of Node.

import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Connect, ConnectFailure, SmtpStream } from '../connect.ts';

export interface DirectOptions {
  /** The IP addresses to connect from, one for each family; any address of the machine if absent. */
  readonly from?: { readonly v4?: string; readonly v6?: string };
}

/** Connects without a proxy. */
export const directConnect =
  ({ from = {} }: DirectOptions = {}): Connect =>
  async ({ address, port }, signal) => {
    const localAddress = address.includes(':') ? from.v6 : from.v4;
    const socket = createConnection({
      host: address,
      port,
      ...(localAddress !== undefined && { localAddress }),
    });
    const failure = await connecting(socket, signal);
    return failure === null
      ? { kind: 'connected', stream: smtpStream(socket) }
      : { kind: 'failed', cause: failure };
  };

/** Resolves to null once the socket is connected, or to the reason why it is not. */
export const connecting = (socket: Socket, signal: AbortSignal): Promise<ConnectFailure | null> =>
  new Promise((resolve) => {
    const settle = (failure: ConnectFailure | null) => {
      signal.removeEventListener('abort', abort);
      if (failure !== null) socket.destroy();
      resolve(failure);
    };
    const abort = () => settle('timeout');
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    socket.once('connect', () => settle(null));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(causeOf(code)));
    // An error after the connection is closed must not end the process.
    socket.on('error', () => {});
  });

const causeOf = (code: string | undefined): ConnectFailure =>
  code === 'ECONNREFUSED' ? 'refused' : code === 'ETIMEDOUT' ? 'timeout' : 'unreachable';

/** Wraps a connected socket. */
export function smtpStream(socket: Socket): SmtpStream {
  const unread: Uint8Array[] = [];
  let isOver = false;
  let waiting: ((bytes: Uint8Array | null) => void) | null = null;

  const give = (bytes: Uint8Array | null) => {
    const resolve = waiting;
    waiting = null;
    resolve?.(bytes);
  };
  const onData = (bytes: Buffer) => {
    if (waiting !== null) give(bytes);
    else {
      unread.push(bytes);
      // Read no more before the reader asks for it.
      socket.pause();
    }
  };
  const onEnd = () => {
    isOver = true;
    if (unread.length === 0) give(null);
  };
  socket.on('data', onData);
  socket.on('error', () => {});
  for (const event of ['end', 'close', 'error'] as const) socket.on(event, onEnd);

  return {
    read: () =>
      new Promise((resolve) => {
        const next = unread.shift();
        if (next !== undefined) resolve(next);
        else if (isOver) resolve(null);
        else {
          waiting = resolve;
          socket.resume();
        }
      }),
    write(bytes) {
      if (!socket.destroyed && socket.writable) socket.write(bytes);
    },
    startTls(serverName) {
      socket.off('data', onData);
      isOver = true;
      give(null);
      return encrypted(socket, serverName);
    },
    close() {
      isOver = true;
      give(null);
      // Sends what was written, such as QUIT, and does not wait for the peer.
      socket.end(() => socket.destroy());
    },
  };
}

function encrypted(socket: Socket, serverName: string): Promise<SmtpStream | null> {
  return new Promise((resolve) => {
    const settled = (stream: SmtpStream | null) => {
      if (stream === null) socket.destroy();
      resolve(stream);
    };
    try {
      const secure = connectTls({
        socket,
        // Opportunistic encryption (RFC 7435): most mail hosts have no certificate for their name.
        rejectUnauthorized: false,
        ...(/[a-z]/i.test(serverName) && { servername: serverName }),
      });
      secure.once('secureConnect', () => settled(smtpStream(secure)));
      secure.once('error', () => settled(null));
      secure.once('close', () => settled(null));
      socket.once('close', () => settled(null));
    } catch {
      settled(null);
    }
  });
}

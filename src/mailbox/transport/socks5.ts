// Connects to mail hosts through a SOCKS5 proxy (RFC 1928), with user name and password if the proxy asks for them (RFC 1929).

import { createConnection, isIPv6, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Connect, Connected, ConnectFailure } from '../connect.ts';
import type { SocksProxy } from '../socks-proxy.ts';
import { connecting, smtpStream } from './node.ts';

/** Connects through the proxy. The proxy gets the IP address of the mail host, which was checked, and never its name. */
export const socksConnect =
  (proxy: SocksProxy): Connect =>
  async ({ address, port }, signal) => {
    const socket = createConnection({ host: proxy.host, port: proxy.port });
    if ((await connecting(socket, signal)) !== null) return failed('proxy');
    const abort = () => socket.destroy();
    signal.addEventListener('abort', abort);
    const cause = await greetProxy(socket, proxy, address, port);
    signal.removeEventListener('abort', abort);
    if (cause === null && !signal.aborted) return { kind: 'connected', stream: smtpStream(socket) };
    socket.destroy();
    return failed(signal.aborted ? 'timeout' : (cause ?? 'proxy'));
  };

const failed = (cause: ConnectFailure): Connected => ({ kind: 'failed', cause });

/** What the replies of a proxy mean (RFC 1928 section 6). All others are faults of the proxy. */
const meanings: ReadonlyMap<number, ConnectFailure> = new Map([
  [3, 'unreachable'],
  [4, 'unreachable'],
  [5, 'refused'],
  [6, 'timeout'],
]);

const version = 5;
const connectCommand = 1;
const method = { none: 0, password: 2 };
const addressType = { v4: 1, name: 3, v6: 4 };

/** Resolves to null once the proxy is connected to the mail host. */
async function greetProxy(
  socket: Socket,
  { user }: SocksProxy,
  address: string,
  port: number,
): Promise<ConnectFailure | null> {
  const methods = user === null ? [method.none] : [method.none, method.password];
  socket.write(Uint8Array.from([version, methods.length, ...methods]));
  const chosen = await take(socket, 2);
  if (chosen === null || chosen[0] !== version || !methods.includes(chosen[1]!)) return 'proxy';
  if (chosen[1] === method.password && user !== null) {
    const [name, password] = [Buffer.from(user.name), Buffer.from(user.password)];
    socket.write(Uint8Array.from([1, name.length, ...name, password.length, ...password]));
    const admitted = await take(socket, 2);
    if (admitted === null || admitted[1] !== 0) return 'proxy';
  }
  const type = isIPv6(address) ? addressType.v6 : addressType.v4;
  const octets = ipaddr.parse(address).toByteArray();
  socket.write(Uint8Array.from([version, connectCommand, 0, type, ...octets, port >> 8, port & 255]));
  const reply = await take(socket, 4);
  if (reply === null || reply[0] !== version) return 'proxy';
  if (reply[1] !== 0) return meanings.get(reply[1]!) ?? 'proxy';
  return (await takeBoundAddress(socket, reply[3]!)) ? null : 'proxy';
}

async function takeBoundAddress(socket: Socket, type: number): Promise<boolean> {
  if (type === addressType.name) {
    const length = await take(socket, 1);
    return length !== null && (await take(socket, length[0]! + 2)) !== null;
  }
  return (await take(socket, (type === addressType.v6 ? 16 : 4) + 2)) !== null;
}

/**
 * Reads exactly `count` bytes, and leaves the rest in the socket for the mail host's stream. Null if the connection ends before.
 */
function take(socket: Socket, count: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const settle = (bytes: Buffer | null) => {
      socket.off('readable', onReadable);
      for (const event of ['end', 'close', 'error'] as const) socket.off(event, onEnd);
      resolve(bytes);
    };
    const onEnd = () => settle(null);
    const onReadable = () => {
      const bytes: Buffer | null = socket.read(count);
      if (bytes !== null) settle(bytes.length === count ? bytes : null);
    };
    socket.on('readable', onReadable);
    for (const event of ['end', 'close', 'error'] as const) socket.on(event, onEnd);
    if (socket.destroyed) settle(null);
    else onReadable();
  });
}

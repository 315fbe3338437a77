// A server of plain DNS on loopback, in this process, that answers from a zone object by UDP and by TCP.

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { decode, encode, TRUNCATED_RESPONSE } from '@leichtgewicht/dns-packet';
import type { DnsServer } from '../../src/dns/transport/plain.ts';
import { forgeries } from '../contract/resolver.ts';
import { createResponder, type Responder, type Zone } from './zone.ts';

export interface PlainDnsServer {
  readonly at: DnsServer;
  /** `UDP TYPE name` or `TCP TYPE name` of each question that came in, in order. */
  readonly asked: string[];
  /** Port from which, and id with which, each datagram came. */
  readonly senders: { readonly port: number; readonly id: number }[];
  /** Settles when so many questions have come in. */
  heard(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface Misbehaviour {
  /** Datagrams that get lost at first. */
  readonly lost?: number;
  /** What becomes of the message on a TCP connection; sent whole where absent. */
  readonly onTcp?: (socket: Socket, message: Buffer) => void;
  /** The address to listen at. */
  readonly host?: string;
}

/** Octets of the largest datagram that a server sends (DNS Flag Day 2020). */
const largestDatagram = 1232;

export async function startDnsServer(zone: Zone, how: Misbehaviour = {}): Promise<PlainDnsServer> {
  const { host = '127.0.0.1', onTcp = (socket, message) => socket.write(message) } = how;
  const respond = createResponder(zone);
  const respondSoundly = createResponder(withoutForgeries(zone));
  const asked: string[] = [];
  const senders: { port: number; id: number }[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let lost = how.lost ?? 0;

  const hear = (over: 'UDP' | 'TCP', query: Uint8Array): boolean => {
    const { name, type } = decode(query).questions![0]!;
    asked.push(`${over} ${type} ${name}`);
    for (const { count, resolve } of waiting) if (asked.length >= count) resolve();
    return forgeries.includes(zone[name.toLowerCase()]?.fault ?? 'hang');
  };

  const { udp, tcp } = await listen(host);
  udp.on('message', (query, { port, address }) => {
    senders.push({ port, id: decode(query).id! });
    const forged = hear('UDP', query);
    if (lost-- > 0) return;
    const send = (by: Responder) => {
      const message = by(query)?.body;
      if (message) udp.send(message.length > largestDatagram ? truncated(query) : message, port, address);
    };
    send(respond);
    if (forged) send(respondSoundly);
  });
  const sockets = new Set<Socket>();
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length > 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const query = received.subarray(2, 2 + received.readUInt16BE(0));
        received = received.subarray(2 + query.length);
        hear('TCP', query);
        const body = respondSoundly(query)?.body;
        if (!body) continue;
        const prefix = Buffer.alloc(2);
        prefix.writeUInt16BE(body.length);
        onTcp(socket, Buffer.concat([prefix, body]));
      }
    });
  });
  return {
    at: { address: host, port: udp.address().port },
    asked,
    senders,
    heard: (count) =>
      new Promise((resolve) => {
        if (asked.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      udp.close();
      tcp.close();
      await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    },
  };
}

const withoutForgeries = (zone: Zone): Zone =>
  Object.fromEntries(
    Object.entries(zone).map(([name, { fault, ...records }]) => [
      name,
      fault === undefined || forgeries.includes(fault) ? records : { ...records, fault },
    ]),
  );

const truncated = (query: Uint8Array): Uint8Array =>
  encode({
    type: 'response',
    id: decode(query).id!,
    flags: TRUNCATED_RESPONSE,
    questions: decode(query).questions!,
  });

/** Both on one port: a port that is free for one may be taken for the other. */
async function listen(host: string): Promise<{ udp: UdpSocket; tcp: Server }> {
  for (;;) {
    const tcp = createServer();
    await once(tcp.listen(0, host), 'listening');
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    udp.bind((tcp.address() as AddressInfo).port, host);
    const bound = await once(udp, 'listening').catch(() => null);
    if (bound) return { udp, tcp };
    tcp.close();
  }
}

// Plain DNS on Node: a UDP socket for each question, and a TCP connection where an answer does not fit a datagram.

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { systemTimers, type Timers } from '../../clock.ts';
import type { PlainDns, PlainTransport } from './plain.ts';

/** Milliseconds until a query counts as lost and is sent again; twice as long each time. */
const firstResend = 400;

/** Octets of the length before a message on TCP (RFC 1035 section 4.2.2). */
const prefixLength = 2;

/** What the settings say of plain DNS, as options: empty where DoH is to be asked. */
export const plainDnsOf = ({
  dnsServers,
}: {
  readonly dnsServers: PlainDns['servers'];
}): { plainDns?: PlainDns } =>
  dnsServers.length === 0 ? {} : { plainDns: { servers: dnsServers, transport: createPlainTransport() } };

export function createPlainTransport(timers: Timers = systemTimers): PlainTransport {
  return {
    overUdp: ({ address, port }, query, isAnswer, signal) =>
      new Promise((resolve, reject) => {
        const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
        let isOpen = true;
        let resend: unknown;
        const end = () => {
          if (!isOpen) return;
          isOpen = false;
          timers.clearTimeout(resend);
          signal.removeEventListener('abort', giveUp);
          socket.close();
        };
        const fail = (error: unknown) => {
          end();
          reject(error);
        };
        const giveUp = () => fail(signal.reason);
        const sendAndWait = (wait: number) => {
          socket.send(query);
          resend = timers.setTimeout(() => sendAndWait(wait * 2), wait);
        };
        signal.addEventListener('abort', giveUp);
        socket.on('error', fail);
        socket.on('message', (datagram) => {
          if (!isAnswer(datagram)) return;
          end();
          resolve(datagram);
        });
        // The system passes on only what comes from where a socket is connected to.
        socket.connect(port, address, (error?: Error) => {
          if (error) fail(error);
          else if (isOpen) sendAndWait(firstResend);
        });
      }),

    overTcp: ({ address, port }, query, signal) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: address, port });
        const giveUp = () => socket.destroy(signal.reason);
        const chunks: Buffer[] = [];
        let length = 0;
        signal.addEventListener('abort', giveUp);
        socket.on('error', reject);
        socket.on('close', () => {
          signal.removeEventListener('abort', giveUp);
          reject(new Error('the connection was closed without an answer'));
        });
        socket.on('data', (chunk) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length < prefixLength) return;
          const received = Buffer.concat(chunks);
          const end = prefixLength + received.readUInt16BE(0);
          if (length < end) return;
          resolve(received.subarray(prefixLength, end));
          socket.destroy();
        });
        socket.write(prefixed(query));
      }),
  };
}

function prefixed(message: Uint8Array): Buffer {
  const whole = Buffer.alloc(prefixLength + message.length);
  whole.writeUInt16BE(message.length, 0);
  whole.set(message, prefixLength);
  return whole;
}

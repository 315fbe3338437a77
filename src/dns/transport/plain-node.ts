// Plain DNS on Node: a UDP socket per question, and a TCP connection per server for answers that do not fit a
// datagram and for the questions of lists.

import { createSocket } from 'node:dgram';
import { systemTimers, type Timers } from '../../clock.ts';
import type { DnsServer, PlainDns, PlainTransport } from './plain.ts';
import { createTcpPipeline, type TcpPipeline } from './tcp-pipeline.ts';

/** Milliseconds before a query is sent again. Each further wait is twice as long. */
const firstResend = 400;

/**
 * From this many pending questions on, questions share a TCP connection (RFC 7766 section 6.2.1.1). One write then sends
 * many of them, while UDP needs a socket and several system calls for each.
 */
const manyQuestions = 8;

/** After UDP was faster than TCP this many times in a row, TCP rests: the server must handle TCP questions one by one. */
const udpWinsToRest = 8;

/** Milliseconds for which only UDP is used after TCP failed. */
const tcpRest = 60_000;

/** The part of the DNS options that the setting of DNS servers gives; empty if DoH is used. */
export const plainDnsOf = ({
  dnsServers,
}: {
  readonly dnsServers: PlainDns['servers'];
}): { plainDns?: PlainDns } =>
  dnsServers.length === 0 ? {} : { plainDns: { servers: dnsServers, transport: createPlainTransport() } };

interface ServerState {
  readonly pipeline: TcpPipeline;
  underWay: number;
  udpWins: number;
  tcpRestsUntil: number;
}

type IsAnswer = (message: Uint8Array) => boolean;

export function createPlainTransport(timers: Timers = systemTimers): PlainTransport {
  const states = new Map<string, ServerState>();

  const stateOf = (server: DnsServer): ServerState => {
    const key = `${server.address} ${server.port}`;
    const known = states.get(key);
    if (known) return known;
    const state = { pipeline: createTcpPipeline(server), underWay: 0, udpWins: 0, tcpRestsUntil: 0 };
    states.set(key, state);
    return state;
  };

  const overUdp = (
    { address, port }: DnsServer,
    query: Uint8Array,
    isAnswer: IsAnswer,
    signal: AbortSignal,
  ): Promise<Uint8Array> =>
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
      // Connect the socket: it then receives datagrams only from the server.
      socket.connect(port, address, (error?: Error) => {
        if (error) fail(error);
        else if (isOpen) sendAndWait(firstResend);
      });
    });

  /** Asks by TCP. Also asks by UDP if TCP fails or takes unusually long. */
  const overBoth = (
    server: DnsServer,
    state: ServerState,
    query: Uint8Array,
    isAnswer: IsAnswer,
    signal: AbortSignal,
  ): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const tcp = new AbortController();
      let udp: AbortController | null = null;
      const giveUp = () => {
        tcp.abort();
        end(() => reject(signal.reason));
      };
      const end = (then: () => void) => {
        timers.clearTimeout(late);
        signal.removeEventListener('abort', giveUp);
        then();
        udp?.abort();
      };
      const askByUdp = () => {
        if (udp) return;
        udp = new AbortController();
        overUdp(server, query, isAnswer, udp.signal).then(
          (message) => {
            if (++state.udpWins >= udpWinsToRest) restTcp();
            tcp.abort();
            end(() => resolve(message));
          },
          (error) => {
            tcp.abort();
            end(() => reject(error));
          },
        );
      };
      const restTcp = () => {
        state.udpWins = 0;
        state.tcpRestsUntil = timers.now() + tcpRest;
      };
      const late = timers.setTimeout(askByUdp, firstResend);
      signal.addEventListener('abort', giveUp);
      state.pipeline.ask(query, isAnswer, tcp.signal).then(
        (message) => {
          state.udpWins = 0;
          end(() => resolve(message));
        },
        () => {
          if (tcp.signal.aborted) return;
          restTcp();
          askByUdp();
        },
      );
    });

  return {
    exchange: async (server, query, isAnswer, signal) => {
      const state = stateOf(server);
      state.underWay++;
      try {
        const isBusy = state.underWay >= manyQuestions && timers.now() >= state.tcpRestsUntil;
        return await (isBusy
          ? overBoth(server, state, query, isAnswer, signal)
          : overUdp(server, query, isAnswer, signal));
      } finally {
        state.underWay--;
      }
    },
    overTcp: (server, query, isAnswer, signal) => stateOf(server).pipeline.ask(query, isAnswer, signal),
  };
}

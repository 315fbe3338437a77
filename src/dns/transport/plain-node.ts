// Plain DNS on Node. Each question has its own UDP socket. Questions whose answers do not fit into a datagram, and questions
// that are asked while many others are pending, share one TCP connection per server.

import { createSocket } from 'node:dgram';
import { systemTimers, type Timers } from '../../clock.ts';
import type { DnsServer, PlainDns, PlainTransport } from './plain.ts';
import { createTcpPipeline, type TcpPipeline } from './tcp-pipeline.ts';

/**
 * Milliseconds to wait for an answer by UDP before the query is sent again. Each further wait is twice as long. A question
 * that was sent by TCP because many others are pending is sent by UDP too after this time.
 */
const firstResend = 400;

/**
 * A new question is sent by TCP, on a shared connection (RFC 7766 section 6.2.1.1), if at least this many questions to the
 * server are pending, including the new one. This takes less work: a single write sends many questions, while UDP needs a
 * socket and several system calls for each.
 */
const manyQuestions = 8;

/**
 * A question that is slow by TCP is sent by UDP too. If the answer comes first by UDP this many times in a row, TCP is not used
 * for `tcpRest` milliseconds: the server probably answers the questions of a TCP connection one after another.
 */
const udpWinsToRest = 8;

/**
 * Milliseconds for which questions are sent by UDP even if many are pending, after TCP failed or was repeatedly slower than
 * UDP. A question whose answer does not fit into a datagram is still sent by TCP.
 */
const tcpRest = 60_000;

/**
 * The option `plainDns` for the DNS servers in the settings. Empty if the settings contain no DNS servers; DNS over HTTPS is
 * used in this case.
 */
export const plainDnsOf = ({
  dnsServers,
}: {
  readonly dnsServers: PlainDns['servers'];
}): { plainDns?: PlainDns } =>
  dnsServers.length === 0 ? {} : { plainDns: { servers: dnsServers, transport: createPlainTransport() } };

interface ServerState {
  /** The TCP connection that questions to this server share. */
  readonly pipeline: TcpPipeline;
  /** Number of pending questions. */
  underWay: number;
  /** How many times in a row UDP was faster than TCP. */
  udpWins: number;
  /** Epoch milliseconds until which questions are sent by UDP even if many are pending. */
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
      // A connected socket receives datagrams only from this server.
      socket.connect(port, address, (error?: Error) => {
        if (error) fail(error);
        else if (isOpen) sendAndWait(firstResend);
      });
    });

  /** Asks by TCP. Asks by UDP too if TCP fails or takes longer than `firstResend`. */
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

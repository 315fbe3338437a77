// A Resolver over plain DNS (RFC 1035): by UDP, and by TCP where the answer does not fit. For an operator's own resolver.

import { isIpAddress } from '../../domain/ip-address.ts';
import type { DnsFailure, DnsOutcome, Question, Resolver } from '../resolver.ts';
import { decodeAnswer, encodeQuery, isAskable, isTruncated, mayAnswer } from '../wire.ts';

export interface DnsServer {
  /** An IP address, without brackets. */
  readonly address: string;
  readonly port: number;
}

/** How messages travel. Both reject on any failure of the network, and as soon as `signal` aborts. */
export interface PlainTransport {
  /**
   * Sends `query` from a port that nobody can foresee (RFC 5452 section 9.2), again and again until an answer comes: the first
   * datagram from just that server which `isAnswer`.
   */
  overUdp(
    server: DnsServer,
    query: Uint8Array,
    isAnswer: (datagram: Uint8Array) => boolean,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
  overTcp(server: DnsServer, query: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}

/** The servers to ask, in order of preference, and how. */
export interface PlainDns {
  readonly servers: readonly DnsServer[];
  readonly transport: PlainTransport;
}

const usualPort = 53;

export function createPlainResolver(server: DnsServer, transport: PlainTransport): Resolver {
  const exchange = async (question: Question, signal: AbortSignal): Promise<DnsOutcome> => {
    const query = encodeQuery(question, randomId());
    try {
      const datagram = await transport.overUdp(server, query, (message) => mayAnswer(message, query), signal);
      const message = isTruncated(datagram) ? await transport.overTcp(server, query, signal) : datagram;
      return decodeAnswer(message, query, question);
    } catch {
      return failure(signal.aborted ? 'timeout' : 'network');
    }
  };

  return {
    name: dnsServerText(server),
    resolve: (question, signal) => {
      if (signal.aborted) return Promise.resolve(failure('timeout'));
      if (!isAskable(question.name)) return Promise.resolve(failure('bad_response'));
      return exchange(question, signal);
    },
  };
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`; null for anything else. */
export function parseDnsServer(text: string): DnsServer | null {
  const [, v6, v4 = '', port] = /^(?:\[(.*)\]|([\d.]*))(?::(\d{1,5}))?$/.exec(text) ?? [undefined, text];
  const server = { address: v6 ?? v4, port: port === undefined ? usualPort : Number(port) };
  const { address } = server;
  const isSound = v6 === undefined || address.includes(':');
  return isSound && isIpAddress(address) && server.port >= 1 && server.port <= 65_535 ? server : null;
}

/** As `parseDnsServer` reads it, without the usual port. */
export function dnsServerText({ address, port }: DnsServer): string {
  if (port === usualPort) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const failure = (cause: DnsFailure['cause']): DnsFailure => ({ kind: 'failure', cause });

const randomId = (): number => crypto.getRandomValues(new Uint16Array(1))[0]!;

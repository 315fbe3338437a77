// A `Resolver` that asks by plain, unencrypted DNS (RFC 1035): by UDP, and by TCP if the answer does not fit into a datagram.
// It is meant for resolvers that the operator of presend runs.

import { isIpAddress } from '../../domain/ip-address.ts';
import type { DnsFailure, DnsOutcome, DnsQuestion, Resolver } from '../resolver.ts';
import { decodeAnswer, encodeQuery, isAskable, isTruncated, mayAnswer } from '../wire.ts';

export interface DnsServer {
  /** An IP address, without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Sends queries and receives the answers. Both methods reject on any network failure, and as soon as `signal` aborts. */
export interface PlainTransport {
  /**
   * Sends `query` by UDP and returns the first message from `server` that passes `isAnswer`. This message may be truncated. The
   * query is sent from an unpredictable port (RFC 5452 section 9.2), and is repeated until the answer comes. If many questions
   * are pending, the transport may use TCP instead.
   */
  exchange(
    server: DnsServer,
    query: Uint8Array,
    isAnswer: (message: Uint8Array) => boolean,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
  /**
   * Sends `query` by TCP, which does not truncate answers. The caller must check the returned message: only its id is certain
   * to be that of the query. `isAnswer` serves to distinguish pending queries with the same id.
   */
  overTcp(
    server: DnsServer,
    query: Uint8Array,
    isAnswer: (message: Uint8Array) => boolean,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
}

/** The DNS servers to ask, in order of preference, and the transport to them. */
export interface PlainDns {
  readonly servers: readonly DnsServer[];
  readonly transport: PlainTransport;
}

const usualPort = 53;

export function createPlainResolver(server: DnsServer, transport: PlainTransport): Resolver {
  const exchange = async (question: DnsQuestion, signal: AbortSignal): Promise<DnsOutcome> => {
    const query = encodeQuery(question, randomId());
    try {
      const isAnswer = (received: Uint8Array) => mayAnswer(received, query);
      const first = await transport.exchange(server, query, isAnswer, signal);
      const message = isTruncated(first) ? await transport.overTcp(server, query, isAnswer, signal) : first;
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

/** Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. Returns null for anything else. */
export function parseDnsServer(text: string): DnsServer | null {
  const [, v6, v4 = '', port] = /^(?:\[(.*)\]|([\d.]*))(?::(\d{1,5}))?$/.exec(text) ?? [undefined, text];
  const server = { address: v6 ?? v4, port: port === undefined ? usualPort : Number(port) };
  const { address } = server;
  const isSound = v6 === undefined || address.includes(':');
  return isSound && isIpAddress(address) && server.port >= 1 && server.port <= 65_535 ? server : null;
}

/** Writes a server as `parseDnsServer` reads it. Omits the port if it is 53. */
export function dnsServerText({ address, port }: DnsServer): string {
  if (port === usualPort) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const failure = (cause: DnsFailure['cause']): DnsFailure => ({ kind: 'failure', cause });

/** Random ids for the next queries. The first `nextId` of them are used up. */
const ids = new Uint16Array(256);
let nextId = ids.length;

/** An unpredictable id for a query. Random numbers are generated 256 at a time, which is faster than one call for each. */
function randomId(): number {
  if (nextId === ids.length) {
    crypto.getRandomValues(ids);
    nextId = 0;
  }
  return ids[nextId++]!;
}

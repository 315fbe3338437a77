// A `Resolver` that asks by DNS over HTTPS (DoH, RFC 8484).

import { isLoopback } from '../../domain/ip-address.ts';
import type { DnsFailure, DnsOutcome, DnsQuestion, Resolver } from '../resolver.ts';
import { decodeAnswer, encodeQuery, isAskable } from '../wire.ts';
import { type DohReply, type DohRequest, type DohTransport, fetchTransport } from './fetch.ts';

const mediaType = 'application/dns-message';

/** Maximum length of a DNS message in octets (RFC 1035 section 4.2.2). */
const maxMessage = 65_535;

const failure = (cause: DnsFailure['cause']): DnsFailure => ({ kind: 'failure', cause });

export type DohOptions = {
  /** The URL of the resolver: https, or http if the host is this machine. */
  readonly url: string;
  /** The HTTP method; POST by default. Use GET if HTTP caches should store the replies. */
  readonly method?: 'POST' | 'GET';
  /** The name of the resolver in logs; the host of the URL by default. */
  readonly name?: string;
} & ({ readonly fetch: typeof globalThis.fetch } | { readonly transport: DohTransport });

/** Throws a TypeError if `url` is not a valid URL, or if it would send questions unencrypted over a network. */
export function createDohResolver(options: DohOptions): Resolver {
  const url = new URL(options.url);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    throw new TypeError(`a DoH resolver needs https, or http on loopback: ${url.origin}`);
  const transport = 'transport' in options ? options.transport : fetchTransport(options.fetch);
  const request = options.method === 'GET' ? getRequest(url) : postRequest(url);

  const exchange = async (question: DnsQuestion, signal: AbortSignal): Promise<DnsOutcome> => {
    const query = encodeQuery(question);
    try {
      return readReply(await transport(request(query), maxMessage, signal), query, question);
    } catch {
      return failure(signal.aborted ? 'timeout' : 'network');
    }
  };

  return {
    name: options.name ?? url.host,
    resolve: (question, signal) => {
      if (signal.aborted) return Promise.resolve(failure('timeout'));
      if (!isAskable(question.name)) return Promise.resolve(failure('bad_response'));
      return orTimeout(exchange(question, signal), signal);
    },
  };
}

function readReply(reply: DohReply, query: Uint8Array, question: DnsQuestion): DnsOutcome {
  // These three statuses mean that the resolver does not serve this client, or not at this rate.
  if ([401, 403, 429].includes(reply.status)) return failure('refused');
  if (reply.status !== 200 || reply.body === null) return failure('bad_response');
  const [type] = (reply.contentType ?? '').split(';', 1);
  if (type?.trim().toLowerCase() !== mediaType) return failure('bad_response');
  return aged(decodeAnswer(reply.body, query, question), reply.age);
}

/** Reduces the TTL of `outcome` by `age`, the seconds that the reply has spent in HTTP caches (RFC 8484 section 5.1). */
const aged = (outcome: DnsOutcome, age: number): DnsOutcome =>
  age > 0 && outcome.kind !== 'failure' && outcome.ttl !== undefined
    ? { ...outcome, ttl: Math.max(0, outcome.ttl - age) }
    : outcome;

/** Resolves to `outcome`, or to a timeout immediately when `signal` aborts, even if the transport reacts later. */
function orTimeout(outcome: Promise<DnsOutcome>, signal: AbortSignal): Promise<DnsOutcome> {
  return new Promise((resolve) => {
    const abort = () => resolve(failure('timeout'));
    signal.addEventListener('abort', abort, { once: true });
    void outcome.then((settled) => {
      signal.removeEventListener('abort', abort);
      resolve(settled);
    });
  });
}

const postRequest = (url: URL) => {
  const headers = { accept: mediaType, 'content-type': mediaType };
  return (query: Uint8Array): DohRequest => ({ url: url.href, method: 'POST', headers, body: query });
};

const getRequest = (url: URL) => {
  const headers = { accept: mediaType };
  const prefix = `${url.href}${url.search ? '&' : '?'}dns=`;
  return (query: Uint8Array): DohRequest => ({
    url: prefix + base64url(query),
    method: 'GET',
    headers,
    body: null,
  });
};

const base64url = (octets: Uint8Array): string =>
  btoa(String.fromCharCode(...octets))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

// The room put together: URLs or servers in, MailHosts out.

import { systemTimers, type Timers } from '../clock.ts';
import { createDnsCache } from './cache.ts';
import { createHedgedResolver } from './hedged.ts';
import { createLimitedResolver } from './limited.ts';
import { createMailHosts } from './look-up.ts';
import type { MailHosts } from './mail-hosts.ts';
import type { Resolver } from './resolver.ts';
import type { ResolverHealth } from './resolver-health.ts';
import { createDohResolver } from './transport/doh.ts';
import { type DohTransport, fetchTransport } from './transport/fetch.ts';
import { createPlainResolver, type PlainDns } from './transport/plain.ts';

export interface DnsOptions {
  /** DoH endpoints in order of preference. */
  readonly urls: readonly string[];
  /** Asked in the place of `urls`. */
  readonly plain?: PlainDns;
  /** See `MailHostsOptions`: true on Node, false on Workers. */
  readonly shareInFlight: boolean;
  /** fetch where absent. */
  readonly transport?: DohTransport;
  readonly method?: 'POST' | 'GET';
  /** Questions under way at once, to all resolvers together. */
  readonly maxQuestions?: number;
  /** Domains, and answers of each type, that are kept; as many as the cache keeps by itself where absent. */
  readonly maxKept?: number;
  readonly timers?: Timers;
}

export interface Dns {
  readonly mailHosts: MailHosts;
  /** The same resolvers, for questions about other hosts than those of mail. */
  readonly resolver: Resolver;
  /** For `/readyz`: one row for each URL or server. */
  health(): readonly ResolverHealth[];
}

/** Throws a TypeError for a URL that cannot be used, a RangeError for none. */
export function createDns(options: DnsOptions): Dns {
  const { urls, plain, shareInFlight, maxKept } = options;
  const { method = 'POST', maxQuestions = 64, timers = systemTimers } = options;
  const transport = options.transport ?? fetchTransport((input, init) => fetch(input, init));
  const resolvers = plain
    ? plain.servers.map((server) => createPlainResolver(server, plain.transport))
    : urls.map((url) => createDohResolver({ url, method, transport }));
  const hedged = createHedgedResolver(resolvers, { timers });
  const resolver = createLimitedResolver(hedged, maxQuestions, timers);
  return {
    mailHosts: createMailHosts({
      resolver,
      timers,
      shareInFlight,
      ...(maxKept !== undefined && { maxDomains: maxKept, cache: createDnsCache({ max: maxKept }) }),
    }),
    resolver,
    health: () => hedged.health(),
  };
}

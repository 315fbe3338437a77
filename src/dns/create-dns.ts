// Connects the parts of DNS lookups: resolvers, the pool that combines them, limits and caches.

import { systemTimers, type Timers } from '../clock.ts';
import { createDnsCache } from './cache.ts';
import { createHedgedResolver, type DnsObserver } from './hedged.ts';
import { createMailHosts } from './lookup.ts';
import type { MailHosts } from './mail-hosts.ts';
import { withPatience } from './patience.ts';
import { createPlaces, type Places, type QuestionLoad } from './places.ts';
import type { Resolver, ResolverPool } from './resolver.ts';
import type { ResolverHealth } from './resolver-health.ts';
import { createDohResolver } from './transport/doh.ts';
import { type DohTransport, fetchTransport } from './transport/fetch.ts';
import { createPlainResolver, type PlainDns } from './transport/plain.ts';

export interface DnsOptions {
  /** URLs of DNS over HTTPS (DoH) resolvers, in order of preference. Not used if `plain` is set. */
  readonly urls: readonly string[];
  /** DNS servers to ask by plain DNS (UDP and TCP) instead of the resolvers in `urls`. */
  readonly plain?: PlainDns;
  /** Whether concurrent lookups share questions. True on Node, false on Workers; see `MailHostsOptions`. */
  readonly shareInFlight: boolean;
  /** Sends the DoH requests; `fetch` by default. */
  readonly transport?: DohTransport;
  readonly method?: 'POST' | 'GET';
  /**
   * Maximum number of concurrent questions to all resolvers together, on Node; 64 by default. Questions that continue in the
   * background, without a waiting caller, are not counted.
   */
  readonly maxQuestions?: number;
  /**
   * Maximum number of domains whose mail hosts `mailHosts` caches, and of names that it caches for each record type. By
   * default 100,000 domains and 50,000 names.
   */
  readonly maxKept?: number;
  readonly timers?: Timers;
  /** Watches all questions, for metrics. */
  readonly observer?: DnsObserver;
  /** Called with the health of a resolver when two other resolvers contradicted it about a domain. Must not throw. */
  readonly onOverruled?: (health: ResolverHealth) => void;
}

export interface Dns {
  /** The lookups for single addresses and batches. */
  readonly mailHosts: MailHosts;
  /**
   * Creates the lookups for lists, which are validated in the background. They use the same resolvers as `mailHosts`, but the
   * questions of other callers are sent first. Lookups for lists get less time if earlier ones waited long and got no answer
   * (`withPatience`). They have their own cache, of `maxKept` domains.
   */
  mailHostsForJobs(maxKept: number): MailHosts;
  /** Asks the same resolvers single questions, for purposes other than finding mail hosts. */
  readonly resolver: ResolverPool;
  /** Each resolver alone, to test it. What it answers counts for its health. */
  readonly resolvers: readonly Resolver[];
  /** How many questions are open and wait at this moment. Null on Workers, where each request has its own queue. */
  questions(): QuestionLoad | null;
  /** The health of each resolver, for `/readyz`. */
  health(): readonly ResolverHealth[];
}

/**
 * Maximum number of concurrent questions of one request on Workers. Cloudflare allows a request six connections that wait for
 * response headers, and queues any others.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
const perRequestOnWorkers = 6;

/** Throws a TypeError for a URL that cannot be used, and a RangeError if there are no URLs or servers. */
export function createDns(options: DnsOptions): Dns {
  const { urls, plain, shareInFlight, maxKept } = options;
  const { method = 'POST', maxQuestions = 64, timers = systemTimers, onOverruled, observer } = options;
  const transport = options.transport ?? fetchTransport((input, init) => fetch(input, init));
  const resolvers = plain
    ? plain.servers.map((server) => createPlainResolver(server, plain.transport))
    : urls.map((url) => createDohResolver({ url, method, transport }));
  const eighth = Math.floor(maxQuestions / 8);
  const shared = createPlaces(
    {
      max: maxQuestions,
      kept: { fromBatches: eighth, fromJobs: 2 * eighth },
      background: 2 * eighth,
    },
    timers,
  );
  const places = shareInFlight
    ? (): Places => shared
    : (): Places => createPlaces({ max: perRequestOnWorkers }, timers);
  const pool = createHedgedResolver(resolvers, {
    timers,
    ...(shareInFlight && { places: shared }),
    ...(onOverruled && { onOverruled }),
    ...(observer && { observer }),
  });
  const common = {
    resolver: pool,
    timers,
    shareInFlight,
    places,
    ...(observer && { observer }),
    // Maximum number of lookups in progress per request. On Node it is three quarters of `maxQuestions`. So questions can be
    // sent to a second resolver too, and lookups do not spend their time in the queue.
    concurrency: shareInFlight ? 6 * eighth : perRequestOnWorkers,
  };
  const kept = (max: number) => ({ maxDomains: max, cache: createDnsCache({ max }) });
  return {
    mailHosts: createMailHosts({ ...common, ...(maxKept !== undefined && kept(maxKept)) }),
    mailHostsForJobs: (max) =>
      withPatience(
        createMailHosts({
          ...common,
          ...kept(max),
          priority: 'job',
          ...(shareInFlight && { concurrency: 4 * eighth }),
        }),
        timers.now,
      ),
    resolver: pool,
    resolvers: pool.alone(),
    questions: () => (shareInFlight ? shared.load() : null),
    health: () => pool.health(),
  };
}

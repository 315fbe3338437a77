// Creates the MailHosts port from resolver URLs or DNS servers.

import { systemTimers, type Timers } from '../clock.ts';
import { createDnsCache } from './cache.ts';
import { createHedgedResolver } from './hedged.ts';
import { createMailHosts } from './lookup.ts';
import type { MailHosts } from './mail-hosts.ts';
import { withPatience } from './patience.ts';
import { createPlaces, type Places } from './places.ts';
import type { Resolver } from './resolver.ts';
import type { ResolverHealth } from './resolver-health.ts';
import { createDohResolver } from './transport/doh.ts';
import { type DohTransport, fetchTransport } from './transport/fetch.ts';
import { createPlainResolver, type PlainDns } from './transport/plain.ts';

export interface DnsOptions {
  /** DoH endpoints in order of preference. */
  readonly urls: readonly string[];
  /** DNS servers that are asked over plain DNS instead of `urls`. */
  readonly plain?: PlainDns;
  /** True on Node, false on Workers; see `MailHostsOptions`. */
  readonly shareInFlight: boolean;
  /** How DoH requests are sent; with fetch if absent. */
  readonly transport?: DohTransport;
  readonly method?: 'POST' | 'GET';
  /** Maximum number of concurrent questions on Node, over all resolvers. */
  readonly maxQuestions?: number;
  /** Maximum number of cached domains and of cached answers per type; the cache's defaults if absent. */
  readonly maxKept?: number;
  readonly timers?: Timers;
  /** Called when two other resolvers contradicted a resolver about a domain. Must not throw. */
  readonly onOverruled?: (health: ResolverHealth) => void;
}

export interface Dns {
  /** For single addresses and batches. */
  readonly mailHosts: MailHosts;
  /** For lists: the same resolvers at the lowest priority and with less patience, with a separate cache of `maxKept` domains. */
  mailHostsForJobs(maxKept: number): MailHosts;
  /** The same resolvers, for questions about hosts other than mail hosts. */
  readonly resolver: Resolver;
  /** The health of each URL or server, for `/readyz`. */
  health(): readonly ResolverHealth[];
}

/**
 * Cloudflare lets one request have six connections that wait for response headers, and queues the others itself.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
const perRequestOnWorkers = 6;

/** Throws a TypeError for a URL that cannot be used, and a RangeError if there are no URLs or servers. */
export function createDns(options: DnsOptions): Dns {
  const { urls, plain, shareInFlight, maxKept } = options;
  const { method = 'POST', maxQuestions = 64, timers = systemTimers, onOverruled } = options;
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
  });
  const common = {
    resolver: pool,
    timers,
    shareInFlight,
    places,
    // Allow fewer lookups than places, because a lookup that waits for a place loses time, and hedges need places too.
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
    health: () => pool.health(),
  };
}

// Assembles the DNS of the service, and the watch of its resolvers.

import type { Timers } from '../clock.ts';
import { createDns } from '../dns/create-dns.ts';
import type { DnsObserver } from '../dns/hedged.ts';
import type { LogFields } from './log-messages.ts';
import { createResolverWatch, type ResolverAdvice } from './resolver-watch.ts';
import type { Runtime } from './runtime.ts';
import type { createServiceMetrics } from './service-metrics.ts';

const observerOf = (metrics: DnsObserver, tracing: Runtime['tracing']): DnsObserver =>
  tracing === undefined
    ? metrics
    : {
        ...metrics,
        answered(resolver, outcome, tookMs) {
          metrics.answered(resolver, outcome, tookMs);
          tracing.dnsObserver.answered(resolver, outcome, tookMs);
        },
        began: tracing.dnsObserver.began,
        joined: tracing.dnsObserver.joined,
      };

const adviceForDoh: ResolverAdvice = {
  example: 'DOH_URLS=https://dns.example.net/dns-query',
  system: [],
  setting: (names) => `DOH_URLS=${names.join(',')}`,
};

export function createServiceDns(
  runtime: Pick<
    Runtime,
    'settings' | 'shareInFlight' | 'transport' | 'plainDns' | 'maxKept' | 'tracing' | 'resolverAdvice'
  >,
  ports: {
    readonly metrics: ReturnType<typeof createServiceMetrics>;
    readonly timers: Timers;
    readonly log: (line: LogFields) => void;
  },
) {
  const { metrics, timers, log } = ports;
  const dns = createDns({
    observer: observerOf(metrics.dnsObserver, runtime.tracing),
    urls: runtime.settings.dohUrls,
    shareInFlight: runtime.shareInFlight,
    timers,
    ...(runtime.transport && { transport: runtime.transport }),
    ...(runtime.plainDns && { plain: runtime.plainDns }),
    ...(runtime.maxKept !== undefined && { maxKept: runtime.maxKept }),
    onOverruled: ({ name, overruled, state }) => {
      metrics.countOverruled(name);
      log({ level: 'warning', event: 'resolver_overruled', resolver: name, in_a_row: overruled, state });
    },
  });
  const resolverWatch = createResolverWatch({
    resolvers: dns.resolvers,
    health: dns.health,
    advice: runtime.resolverAdvice ?? adviceForDoh,
    shareInFlight: runtime.shareInFlight,
    timers,
    log,
  });
  return { dns, resolverWatch };
}

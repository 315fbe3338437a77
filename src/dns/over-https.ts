// Where domains take their mail, asked over HTTPS: the parts of this room put together.

import { createDohResolver } from './doh.ts';
import { type DohTransport, fetchTransport } from './doh-transport.ts';
import { createHedgedResolver } from './hedged.ts';
import { createMailHosts } from './look-up.ts';
import type { MailHosts } from './mail-hosts.ts';
import type { ResolverHealth } from './resolver-health.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface OverHttpsOptions {
  /** DoH endpoints (RFC 8484) in order of preference; at least one. */
  readonly urls: readonly string[];
  /** True on Node, false on Workers: see `MailHostsOptions`. */
  readonly shareInFlight: boolean;
  readonly transport?: DohTransport;
  readonly timers?: Timers;
}

export interface DnsOverHttps {
  readonly mailHosts: MailHosts;
  /** How each resolver does. */
  health(): readonly ResolverHealth[];
}

/** Throws a TypeError for a URL that is none, or that would send questions in the clear over a network. */
export function dnsOverHttps({
  urls,
  shareInFlight,
  transport = fetchTransport((...request) => fetch(...request)),
  timers = systemTimers,
}: OverHttpsOptions): DnsOverHttps {
  const resolver = createHedgedResolver(
    urls.map((url) => createDohResolver({ url, transport })),
    { timers },
  );
  return {
    mailHosts: createMailHosts({ resolver, timers, shareInFlight }),
    health: () => resolver.health(),
  };
}

// Names the mail hosts of domains and their operators for statistics, if DNS answers quickly.

import { describeMailHost, mailHostDomain } from '../domain/mail-host-facts.ts';
import type { MailHosts } from './mail-hosts.ts';

/** Names of the mail host of a domain and of its operators, for statistics. A name that is unknown is null. */
export interface MailHostNames {
  /** See `mailHostDomain`. */
  readonly mailHost: string | null;
  /** See `MailHostFacts`. */
  readonly provider: string | null;
  readonly gateway: string | null;
}

export interface MailHostNamesOptions {
  readonly mailHosts: Pick<MailHosts, 'lookup'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Maximum milliseconds of one call. */
  readonly timeoutMs: number;
  /** Maximum number of domains that one call looks up. It takes the domains that occur most often. */
  readonly maxDomains: number;
}

/**
 * Returns a function that looks up domains (with repetitions) and resolves to the names of each. A domain without any, whose
 * lookup did not end in time, or that is not in lower-case A-labels is absent. The promise never rejects.
 */
export function createMailHostNames({ mailHosts, now, timeoutMs, maxDomains }: MailHostNamesOptions) {
  return async (domains: readonly string[]): Promise<ReadonlyMap<string, MailHostNames>> => {
    const counts = new Map<string, number>();
    // A recipient may be any text, so its domain may be no name that DNS can be asked about.
    for (const domain of domains)
      if (/^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*$/.test(domain))
        counts.set(domain, (counts.get(domain) ?? 0) + 1);
    const asked = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, maxDomains);
    const deadline = now() + timeoutMs;
    const names = new Map<string, MailHostNames>();
    await Promise.all(
      asked.map(async ([domain]) => {
        const { mailHost } = await mailHosts.lookup(domain, deadline, counts);
        if (mailHost.kind !== 'mx') return;
        const { provider, gateway } = describeMailHost(mailHost.exchanges);
        const host = mailHostDomain(domain, mailHost);
        if (host !== null || provider !== null) names.set(domain, { mailHost: host, provider, gateway });
      }),
    );
    return names;
  };
}

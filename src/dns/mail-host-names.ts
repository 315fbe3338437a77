// Names the mail hosts of domains for statistics, if DNS answers quickly.

import { mailHostDomain } from '../domain/mail-host-facts.ts';
import type { MailHosts } from './mail-hosts.ts';

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
 * Returns a function that looks up domains (with repetitions) and resolves to the `mailHostDomain` of each. A domain without one,
 * whose lookup did not end in time, or that is not in lower-case A-labels is absent. The promise never rejects.
 */
export function createMailHostNames({ mailHosts, now, timeoutMs, maxDomains }: MailHostNamesOptions) {
  return async (domains: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const counts = new Map<string, number>();
    // A recipient may be any text, so its domain may be no name that DNS can be asked about.
    for (const domain of domains)
      if (/^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*$/.test(domain))
        counts.set(domain, (counts.get(domain) ?? 0) + 1);
    const asked = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, maxDomains);
    const deadline = now() + timeoutMs;
    const names = new Map<string, string>();
    await Promise.all(
      asked.map(async ([domain]) => {
        const { mailHost } = await mailHosts.lookup(domain, deadline, counts);
        const name = mailHostDomain(domain, mailHost);
        if (name !== null) names.set(domain, name);
      }),
    );
    return names;
  };
}

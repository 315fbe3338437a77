// The source of evidence about domains: facts that follow from the name, and the mail hosts, which are found by DNS.

import { dataGeneration } from '../data-part.ts';
import type { MailHosts } from '../dns/mail-hosts.ts';
import { describeDomain } from '../domain/describe.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { MailHostFacts } from '../domain/mail-host-facts.ts';
import { describeMailHost } from '../domain/mail-host-facts.ts';
import type { Batch, PendingDomain } from './batch.ts';
import { type BatchFinding, type EvidenceSource, nothingFound } from './evidence-source.ts';
import { type FoundDomain, foundDomain, isCurrent } from './found-domain.ts';
import type { DomainMemory } from './known-domains.ts';

export interface DomainSourcePorts {
  readonly mailHosts: MailHosts;
  /** Returns epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that the lookup of one domain may take. */
  readonly timeoutMs: number;
  /**
   * Cached results of earlier lookups. They stay in the cache after their DNS answers expire. DNS is then asked again, but the
   * facts that follow from the name are reused, unless a data pack has replaced the lists since.
   */
  readonly found: DomainMemory<FoundDomain>;
}

/** Maximum number of domains of one batch that are looked up at the same time, unless `mailHosts` sets its own limit. */
const concurrentLookups = 64;

/**
 * Looks up the pending domains of a batch, most frequent first, and stores each result in `PendingDomain.found`. Other sources
 * can add to these results with `BatchFinding.toDomain`.
 */
export function domainSource(ports: DomainSourcePorts): EvidenceSource {
  const { mailHosts, now, timeoutMs, found } = ports;

  async function lookupAll(pending: Batch<unknown>['pending'], deadline: number): Promise<BatchFinding> {
    // Domains with many addresses come first: if time runs out, fewer addresses are left without an answer.
    const remaining = [...pending.values()].sort((a, b) => b.rows - a.rows).values();
    const together = {};
    const work = async (): Promise<void> => {
      let moment = now();
      for (const domain of remaining) {
        const earlier = found.get(domain.name);
        if (earlier !== undefined && isCurrent(earlier, moment)) {
          domain.found = earlier;
          continue;
        }
        const looked = lookUpOne(domain, earlier, Math.min(deadline, moment + timeoutMs), together);
        domain.found = looked instanceof Promise ? await looked : looked;
        // A result that is not a promise took no time: it was cached, or no DNS query was needed. `moment` is still current.
        if (looked instanceof Promise) moment = now();
        found.set(domain.name, domain.found);
      }
    };
    await Promise.all(
      Array.from({ length: Math.min(mailHosts.concurrency ?? concurrentLookups, pending.size) }, work),
    );
    return nothingFound;
  }

  function lookUpOne(
    { name }: PendingDomain,
    earlier: FoundDomain | undefined,
    deadline: number,
    together: object,
  ): FoundDomain | Promise<FoundDomain> {
    const generation = dataGeneration();
    const domain = earlier?.generation === generation ? earlier.domain : describeDomain(name);
    const withHost = (mailHost: MailHost, expires: number): FoundDomain =>
      foundDomain(
        name,
        expires,
        { domain, mailHost, mailHostFacts: factsOf(mailHost), denied: false },
        generation,
      );
    if (domain.specialUse !== null) return withHost(notChecked, Number.POSITIVE_INFINITY);
    const answer = mailHosts.lookup(name, deadline, together);
    return answer instanceof Promise
      ? answer.then(({ mailHost, expires }) => withHost(mailHost, expires))
      : withHost(answer.mailHost, answer.expires);
  }

  return {
    name: 'dns',
    scope: 'domain',
    gather: ({ pending }, deadline) => (pending.size === 0 ? nothingFound : lookupAll(pending, deadline)),
  };
}

const notChecked: MailHost = { kind: 'undetermined', cause: 'not_checked' };

const nothingKnown: MailHostFacts = { provider: null, gateway: null, disposable: false, parked: false };

const factsOf = (mailHost: MailHost): MailHostFacts =>
  mailHost.kind === 'mx' ? describeMailHost(mailHost.exchanges) : nothingKnown;

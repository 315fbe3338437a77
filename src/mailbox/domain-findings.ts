// What is known about the domains of one mail operator: whether they accept mail for any name.

import { domainMs, retryAfterMs, unprovenMs } from './keep-proof.ts';
import type { StoredDomain } from './probe-repository.ts';
import type { DomainFinding } from './visit.ts';

export class DomainFindings {
  readonly #findings = new Map<string, DomainFinding>();
  readonly #hashes = new Map<string, string>();
  /** For each domain, when to ask about its made-up name again, and how often presend has asked. */
  readonly #waiting = new Map<string, { retryAt: number; attempts: number }>();

  get all(): ReadonlyMap<string, DomainFinding> {
    return this.#findings;
  }

  kindOf(domain: string): DomainFinding['kind'] | null {
    return this.#findings.get(domain)?.kind ?? null;
  }

  /** When the question about the made-up name is due. */
  dueAt(domain: string): number {
    return this.#waiting.get(domain)?.retryAt ?? 0;
  }

  /** Puts off the questions that wait, for a host that cannot be asked now. */
  postpone(until: number): void {
    for (const waiting of this.#waiting.values()) waiting.retryAt = Math.max(waiting.retryAt, until);
  }

  add(domain: string, domainHash: string, stored: StoredDomain | null): void {
    this.#hashes.set(domain, domainHash);
    if (stored !== null) this.learn(domain, stored);
  }

  learn(domain: string, { finding, madeUpName, retryAt }: StoredDomain): void {
    if (finding !== 'waiting') this.#findings.set(domain, { kind: finding });
    else {
      this.#findings.set(domain, { kind: 'waiting', name: madeUpName!, retryMs: null });
      if (!this.#waiting.has(domain)) this.#waiting.set(domain, { retryAt: retryAt ?? 0, attempts: 1 });
    }
  }

  /** What is stored of the findings of a session. `stored`: those of the session that were stored before, by domain. */
  toStore(
    findings: ReadonlyMap<string, DomainFinding>,
    stored: Map<string, StoredDomain>,
    now: number,
  ): StoredDomain[] {
    return [...findings].map(([domain, finding]) => {
      const kept = stored.get(domain) ?? this.#stored(domain, finding, now);
      stored.set(domain, kept);
      return kept;
    });
  }

  #stored(domain: string, finding: DomainFinding, now: number): StoredDomain {
    const attempts = this.#waiting.get(domain)?.attempts ?? 0;
    const next = retryAfterMs[attempts];
    // If the host asks again and again to repeat the question about a made-up name, its answer is unknown.
    const found: DomainFinding =
      finding.kind === 'waiting' && next === undefined ? { kind: 'ambiguous' } : finding;
    const retryAt = found.kind === 'waiting' ? now + (found.retryMs ?? next!) : null;
    this.#waiting.set(domain, { retryAt: retryAt ?? 0, attempts: attempts + 1 });
    const isSettled = found.kind === 'catch_all' || found.kind === 'selective';
    return {
      domainHash: this.#hashes.get(domain)!,
      finding: found.kind,
      madeUpName: found.kind === 'waiting' ? found.name : null,
      checkedAt: now,
      retryAt,
      expiresAt: isSettled ? now + domainMs : (retryAt ?? now) + unprovenMs,
    };
  }
}

// What was found out about domains, kept for as long as a list is verified: each of them is looked up once.

import type { Evidence } from './evidence.ts';

export type DomainEvidence = Pick<Evidence, 'domain' | 'mailHost' | 'mailHostFacts' | 'denied'>;

export interface KnownDomain {
  readonly name: string;
  /** Rows that were at this domain. */
  rows: number;
  /** Null until it was looked up. */
  evidence: DomainEvidence | null;
}

export interface KnownDomains {
  /** What is kept of a domain (lower-case A-labels); begun where nothing is. */
  of(name: string): KnownDomain;
}

/** Keeps at most so many domains; the half that was not met for longest goes when there are more. */
export function createKnownDomains(most = 200_000): KnownDomains {
  let recent = new Map<string, KnownDomain>();
  let older = new Map<string, KnownDomain>();
  return {
    of(name) {
      const known = recent.get(name);
      if (known !== undefined) return known;
      if (recent.size >= most / 2) {
        older = recent;
        recent = new Map();
      }
      const begun = older.get(name) ?? { name: detached(name), rows: 0, evidence: null };
      recent.set(begun.name, begun);
      return begun;
    },
  };
}

/** A copy that does not keep alive the text it was cut out of. */
const detached = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

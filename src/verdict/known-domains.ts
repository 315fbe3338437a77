// What was found out about domains, kept for as long as a list is verified: each of them is looked up once.

import type { DomainEvidence } from './evidence.ts';

/** The evidence with the rows of the policy table that fire for it (see `domainSignals`). */
export interface WeighedDomain extends DomainEvidence {
  readonly signals: number;
}

export interface KnownDomain {
  readonly name: string;
  /** Rows that were at this domain. */
  rows: number;
  /** Null until it was looked up. */
  evidence: WeighedDomain | null;
}

export interface KnownDomains {
  /** What is kept of a domain (lower-case A-labels); begun where nothing is. */
  of(name: string): KnownDomain;
}

export const createKnownDomains = (most?: number): KnownDomains =>
  rememberDomains((name) => ({ name, rows: 0, evidence: null }), most);

/**
 * What `begin` makes of a domain's name, kept for at most so many domains; the half that was not met for longest goes when
 * there are more.
 */
export function rememberDomains<Kept>(
  begin: (name: string) => Kept,
  most = 200_000,
): { of(name: string): Kept } {
  let recent = new Map<string, Kept>();
  let older = new Map<string, Kept>();
  return {
    of(name) {
      const known = recent.get(name);
      if (known !== undefined) return known;
      if (recent.size >= most / 2) {
        older = recent;
        recent = new Map();
      }
      const own = detached(name);
      const kept = older.get(name) ?? begin(own);
      recent.set(own, kept);
      return kept;
    },
  };
}

/** A copy that does not keep alive the text it was cut out of. */
const detached = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

// An in-memory cache of domains that were looked up.

import type { DomainProfile } from './judgement.ts';

/** A cache of facts about domains. `name` is a domain in lower-case A-labels. */
export interface DomainMemory<Kept> {
  get(name: string): Kept | undefined;
  set(name: string, kept: Kept): void;
}

/** The profiles of the domains of one list. They are used until the list is done, even if the TTLs of their DNS answers end. */
export type KnownDomains = DomainMemory<DomainProfile>;

export const createKnownDomains = (most?: number): KnownDomains => rememberDomains(most);

/** Creates a cache of at most `most` domains. When it is full, it drops the half that has not been used recently. */
export function rememberDomains<Kept extends object>(most = 200_000): DomainMemory<Kept> {
  let recent = new Map<string, Kept>();
  let older = new Map<string, Kept>();

  const keep = (name: string, kept: Kept): void => {
    if (recent.size >= most / 2 && !recent.has(name)) {
      older = recent;
      recent = new Map();
    }
    recent.set(name, kept);
  };

  return {
    get(name) {
      const known = recent.get(name);
      if (known !== undefined) return known;
      if (older.size === 0) return undefined;
      const found = older.get(name);
      if (found !== undefined) keep(detached(name), found);
      return found;
    },
    set: (name, kept) => keep(detached(name), kept),
  };
}

/**
 * Copies a name. JavaScript engines may store a substring as a reference to the whole text. Without the copy, a name that was
 * cut from a long text would keep that text in memory.
 */
const detached = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

// A memory of domains, so each is looked up once.

import type { DomainProfile } from './judgement.ts';

/** By name in lower-case A-labels. */
export interface DomainMemory<Kept> {
  get(name: string): Kept | undefined;
  set(name: string, kept: Kept): void;
}

/** Kept while a list is verified, regardless of TTLs. */
export type KnownDomains = DomainMemory<DomainProfile>;

export const createKnownDomains = (most?: number): KnownDomains => rememberDomains(most);

/** Remembers at most this many domains; drops the least recently used half when full. */
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

/** Copies a name. A name that was cut from a longer text would keep that whole text in memory. */
const detached = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

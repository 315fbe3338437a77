// What was found out about domains, kept so that each of them is looked up once.

import type { DomainProfile } from './judgement.ts';

/** By name in lower-case A-labels. */
export interface Remembered<Kept> {
  get(name: string): Kept | undefined;
  set(name: string, kept: Kept): void;
}

/** Kept for as long as a list is verified, whatever the TTLs of its domains are. */
export type KnownDomains = Remembered<DomainProfile>;

export const createKnownDomains = (): KnownDomains => rememberDomains();

/**
 * A memory of at most so many domains; the half that was not asked for longest goes when there are more.
 */
export function rememberDomains<Kept extends object>(most = 200_000): Remembered<Kept> {
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

/** A copy that does not keep alive the text it was cut out of. */
const detached = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

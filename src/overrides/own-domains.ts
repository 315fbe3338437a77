// The operator's own lists of domains, kept in the database and held in memory for the hot path.

import { type DomainEntry, domainList, noOwnLists, type OwnLists, type OwnWord } from './own-lists.ts';

export interface OwnDomain extends DomainEntry {
  readonly word: OwnWord;
  /** Why, in the operator's words, or null. */
  readonly note: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

export type PutOutcome = 'added' | 'changed' | 'full';

export interface OwnDomains {
  /** The lists in memory, reloaded if older than `maxAgeMs`. Never rejects. */
  lists(): OwnLists | Promise<OwnLists>;
  /** All entries in the order of their names. */
  all(): Promise<OwnDomain[]>;
  put(entry: DomainEntry & { readonly word: OwnWord; readonly note: string | null }): Promise<PutOutcome>;
  /** Whether there was such an entry. */
  remove(entry: DomainEntry): Promise<boolean>;
}

/** Limit of entries, so that they fit into memory and one response. */
export const maxOwnDomains = 10_000;

/** The port of a storage engine. Entries are those of one workspace. */
export interface OverrideRepository {
  /** Returns all entries in the order of their names. */
  all(): Promise<OwnDomain[]>;
  /** Adds an entry, or changes the existing one of the same domain. Adds none beyond `limit` entries. */
  put(entry: OwnDomain, limit: number): Promise<PutOutcome>;
  /** Returns whether there was such an entry. */
  remove(entry: DomainEntry): Promise<boolean>;
}

export interface OwnDomainsOptions {
  readonly repository: OverrideRepository;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds after which another process's change is seen. */
  readonly maxAgeMs?: number;
  /** Called when the lists cannot be read; the previous lists stay in use. */
  readonly onFailure: (error: unknown) => void;
}

export function createOwnDomains({
  repository,
  now,
  maxAgeMs = 30_000,
  onFailure,
}: OwnDomainsOptions): OwnDomains {
  let held = { lists: noOwnLists, readAt: Number.NEGATIVE_INFINITY };

  async function readAnew(): Promise<OwnLists> {
    const readAt = now();
    try {
      const entries = await repository.all();
      const of = (word: OwnWord) => domainList(entries.filter((entry) => entry.word === word));
      held = { lists: { allow: of('allow'), deny: of('deny') }, readAt };
    } catch (error) {
      held = { ...held, readAt };
      onFailure(error);
    }
    return held.lists;
  }

  return {
    lists: () => (now() - held.readAt < maxAgeMs ? held.lists : readAnew()),
    all: repository.all,

    async put(entry) {
      const outcome = await repository.put({ ...entry, since: now() }, maxOwnDomains);
      await readAnew();
      return outcome;
    },

    async remove(entry) {
      const isRemoved = await repository.remove(entry);
      await readAnew();
      return isRemoved;
    },
  };
}

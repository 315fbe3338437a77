// The operator's overrides: stored in the database, cached in memory for the hot path.

import {
  type DomainEntry,
  domainList,
  noOverrides,
  type OverrideKind,
  type Overrides,
} from './domain-lists.ts';

export interface DomainOverride extends DomainEntry {
  readonly kind: OverrideKind;
  /** The operator's reason for the entry; null if none was given. */
  readonly note: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

export type PutOutcome = 'added' | 'changed' | 'full';

export interface OverrideStore {
  /** Returns the lists in memory. Reloads them first if they are older than `maxAgeMs`. Never rejects. */
  lists(): Overrides | Promise<Overrides>;
  /** Returns all entries in the order of their names. */
  all(): Promise<DomainOverride[]>;
  put(
    entry: DomainEntry & { readonly kind: OverrideKind; readonly note: string | null },
  ): Promise<PutOutcome>;
  /** Returns whether there was such an entry. */
  remove(entry: DomainEntry): Promise<boolean>;
}

/** Maximum number of entries. So many fit into memory and into one response. */
export const maxOverrides = 10_000;

/** The port of a storage engine. Entries are those of one workspace. */
export interface OverrideRepository {
  /** Returns all entries in the order of their names. */
  all(): Promise<DomainOverride[]>;
  /** Adds an entry, or changes the existing one of the same domain. Adds none beyond `limit` entries. */
  put(entry: DomainOverride, limit: number): Promise<PutOutcome>;
  /** Returns whether there was such an entry. */
  remove(entry: DomainEntry): Promise<boolean>;
}

export interface OverrideStoreOptions {
  readonly repository: OverrideRepository;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Maximum milliseconds until this process uses a change by another process. */
  readonly maxAgeMs?: number;
  /** Called when the lists cannot be read; the previous lists stay in use. */
  readonly onFailure: (error: unknown) => void;
}

export function createOverrideStore({
  repository,
  now,
  maxAgeMs = 30_000,
  onFailure,
}: OverrideStoreOptions): OverrideStore {
  let held = { lists: noOverrides, readAt: Number.NEGATIVE_INFINITY };

  async function reload(): Promise<Overrides> {
    const readAt = now();
    try {
      const entries = await repository.all();
      const of = (kind: OverrideKind) => domainList(entries.filter((entry) => entry.kind === kind));
      held = { lists: { allow: of('allow'), deny: of('deny') }, readAt };
    } catch (error) {
      held = { ...held, readAt };
      onFailure(error);
    }
    return held.lists;
  }

  return {
    lists: () => (now() - held.readAt < maxAgeMs ? held.lists : reload()),
    all: repository.all,

    async put(entry) {
      const outcome = await repository.put({ ...entry, since: now() }, maxOverrides);
      await reload();
      return outcome;
    },

    async remove(entry) {
      const isRemoved = await repository.remove(entry);
      await reload();
      return isRemoved;
    },
  };
}

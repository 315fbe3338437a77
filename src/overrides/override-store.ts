// The operator's lists of allowed and denied domains. They are stored in the database and cached in memory, because
// every verdict reads them.

import { type Actor, auditEntry, type NewAuditEntry } from '../audit/audit.ts';
import {
  type DomainEntry,
  domainList,
  formatDomainEntry,
  noOverrides,
  type OverrideKind,
  type Overrides,
} from './domain-lists.ts';

export interface DomainOverride extends DomainEntry {
  readonly kind: OverrideKind;
  /** Why the operator added the entry; null if no reason was given. */
  readonly note: string | null;
  /** When the entry was last changed, in epoch milliseconds. */
  readonly since: number;
}

export type PutOutcome = 'added' | 'changed' | 'full';

export interface OverrideStore {
  /**
   * Returns the lists from memory. If they are older than `maxAgeMs`, they are read from the database first. Never
   * rejects: if reading fails, it returns the previous lists.
   */
  lists(): Overrides | Promise<Overrides>;
  /** Returns all entries, ordered by domain. */
  all(): Promise<DomainOverride[]>;
  put(
    entry: DomainEntry & { readonly kind: OverrideKind; readonly note: string | null },
    by?: Actor,
  ): Promise<PutOutcome>;
  /** Removes an entry. Returns whether it existed. `by` says who does it, for the audit. */
  remove(entry: DomainEntry, by?: Actor): Promise<boolean>;
}

/** Maximum number of entries in both lists together. That many fit into memory and into one response. */
export const maxOverrides = 10_000;

/**
 * The storage port. A repository is created for one workspace and accesses only the entries of that workspace. An `audit` entry is
 * recorded in the same transaction, if the list changed.
 */
export interface OverrideRepository {
  /** Returns all entries, ordered by domain. */
  all(): Promise<DomainOverride[]>;
  /**
   * Adds an entry, or changes the entry with the same domain and `includesSubdomains`. Returns `full`, and adds
   * nothing, if there are already `limit` entries.
   */
  put(entry: DomainOverride, limit: number, audit?: NewAuditEntry): Promise<PutOutcome>;
  /** Removes an entry. Returns whether it existed. */
  remove(entry: DomainEntry, audit?: NewAuditEntry): Promise<boolean>;
}

export interface OverrideStoreOptions {
  readonly repository: OverrideRepository;
  /** Returns the current time in epoch milliseconds. */
  readonly now: () => number;
  /**
   * Maximum age of the lists in memory, in milliseconds. If another process changes the lists, this process uses the
   * change after that time at the latest.
   */
  readonly maxAgeMs?: number;
  /** Called when the lists cannot be read from the database. The previous lists stay in use. */
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

    async put(entry, by) {
      const since = now();
      const audit = auditEntry(by, 'override_set', { at: since, subject: formatDomainEntry(entry) });
      const outcome = await repository.put({ ...entry, since }, maxOverrides, audit);
      await reload();
      return outcome;
    },

    async remove(entry, by) {
      const audit = auditEntry(by, 'override_removed', { at: now(), subject: formatDomainEntry(entry) });
      const isRemoved = await repository.remove(entry, audit);
      await reload();
      return isRemoved;
    },
  };
}

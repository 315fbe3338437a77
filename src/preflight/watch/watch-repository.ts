// The storage port of the watched domains: their last state, the lease of the process that checks them, and what changed.

import type { SenderChange, SenderState } from './sender-state.ts';

/** Times are in epoch milliseconds. */
export interface StoredWatch {
  readonly domain: string;
  /** Null before the first check that was answered. */
  readonly state: SenderState | null;
  /** The time of the last check that was answered; null if none was. */
  readonly checkedAt: number | null;
  /** The time of the last check, if no resolver answered it; null if the last check was answered. */
  readonly failedAt: number | null;
  /** When the next check is due. */
  readonly dueAt: number;
}

export interface StoredChange extends SenderChange {
  readonly id: string;
  readonly domain: string;
  /** The time of the check that saw the change, and of the check before. */
  readonly at: number;
  readonly since: number;
}

export interface WatchRepository {
  /**
   * Takes the lease to check a domain. Returns false if the domain is not due (unless `force`), or if another process has the
   * lease. `token` must be new.
   */
  claim(claim: {
    readonly domain: string;
    readonly at: number;
    readonly until: number;
    readonly token: string;
    readonly force: boolean;
  }): Promise<boolean>;
  find(domain: string): Promise<StoredWatch | null>;
  list(): Promise<StoredWatch[]>;
  /**
   * Stores the outcome of a check with its change, and gives the lease back. Returns false, and stores nothing, if the lease was
   * lost.
   */
  finish(watch: StoredWatch, token: string, change: StoredChange | null): Promise<boolean>;
  /** The latest changes of a domain, the newest first. */
  changes(domain: string, limit: number): Promise<StoredChange[]>;
  /** The changes since `since` that were not sent to the callback yet, the oldest first. */
  untold(since: number, limit: number): Promise<StoredChange[]>;
  told(id: string): Promise<void>;
}

/** Maximum number of changes that are kept for each domain. */
export const mostKeptChanges = 100;

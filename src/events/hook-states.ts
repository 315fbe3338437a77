// The state of each webhook that the service receives: how many events and refused requests came, and when the last ones came.
// Delivery events are counted in the transaction that stores them (see `createFeedback`). Everything else is counted in memory
// and stored from time to time.

import { addHookCounts, type HookCount, type HookRepository, noHookCount } from './hook-counts.ts';

export interface HookStates {
  /** Counts a request that was not accepted. */
  refused(hook: string, why: string): void;
  /**
   * Counts, as received events, the contacts in a request of a CRM that contain no report such as a bounce. No delivery event is
   * recorded for them, so nothing else would count them.
   */
  contacts(hook: string, contacts: number): void;
  /** Returns the counts of each hook by its name, and when counting began, in epoch milliseconds. Rejects only if storage fails. */
  read(): Promise<{ readonly since: number; of(hook: string): HookCount }>;
  /** Stores what was counted in memory, at most once a minute. Never rejects. */
  tend(): Promise<void>;
  /** Stores what was counted in memory. Never rejects: what cannot be stored is kept for the next call. */
  storeAll(): Promise<void>;
}

export interface HookStatesOptions {
  readonly repository: HookRepository;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}

/** Minimum milliseconds between two writes by `tend`. */
const storeEveryMs = 60_000;

export function createHookStates({ repository, now, onFailure }: HookStatesOptions): HookStates {
  const startedAt = now();
  let storedAt = Number.NEGATIVE_INFINITY;
  let pending = new Map<string, HookCount>();

  function add(count: HookCount): void {
    const before = pending.get(count.hook);
    pending.set(count.hook, before === undefined ? count : addHookCounts(before, count));
  }

  async function storeAll(): Promise<void> {
    if (pending.size === 0) return;
    const counts = [...pending.values()];
    pending = new Map();
    storedAt = now();
    try {
      await repository.add({ counts, at: now() });
    } catch (error) {
      const since = [...pending.values()];
      pending = new Map();
      for (const count of [...counts, ...since]) add(count);
      onFailure(error);
    }
  }

  return {
    refused: (hook, why) => add({ ...noHookCount(hook), refused: 1, lastRefusal: { at: now(), why } }),
    contacts(hook, contacts) {
      if (contacts > 0) add({ ...noHookCount(hook), events: contacts, lastEventAt: now() });
    },
    async read() {
      const { since, counts } = await repository.totals();
      const sums = new Map(counts.map((count) => [count.hook, count]));
      for (const [hook, count] of pending) {
        const stored = sums.get(hook);
        sums.set(hook, stored === undefined ? count : addHookCounts(stored, count));
      }
      return { since: since ?? startedAt, of: (hook) => sums.get(hook) ?? noHookCount(hook) };
    },
    async tend() {
      if (now() - storedAt >= storeEveryMs) await storeAll();
    },
    storeAll,
  };
}

// The state of each webhook that the service receives: how many events and refused requests came, and when the last ones came.
// Delivery events are counted in the transaction that stores them (see `createFeedback`). Everything else is counted in memory
// and stored from time to time.

import { hourMs, startOfHour } from '../durations.ts';
import {
  addHookCounts,
  type HookCount,
  type HookHour,
  type HookRepository,
  noHookCount,
} from './hook-counts.ts';

export interface HookStates {
  /** Counts a request that was not accepted. */
  refused(hook: string, why: string): void;
  /**
   * Counts, as received events, the contacts in a request of a CRM that contain no report such as a bounce. No delivery event is
   * recorded for them, so nothing else would count them.
   */
  contacts(hook: string, contacts: number): void;
  /**
   * Returns the counts of each hook by its name, and when counting began, in epoch milliseconds. `hours` has the hours of the
   * last `shownHours` in which an event or a refused request came, the first hour first. A refused request may count in the hour
   * after, because such counts are stored once a minute. Rejects only if storage fails.
   */
  read(): Promise<{ readonly since: number; of(hook: string): HookState }>;
  /** Stores what was counted in memory, at most once a minute. Never rejects. */
  tend(): Promise<void>;
  /** Stores what was counted in memory. Never rejects: what cannot be stored is kept for the next call. */
  storeAll(): Promise<void>;
}

export interface HookState extends HookCount {
  readonly hours: readonly HookHour[];
}

/** Number of hours for which counts by hour are shown, with the present one. */
export const shownHours = 72;

/** Returns the start of the first of the hours that are shown, in epoch milliseconds. */
const firstShownHour = (now: number): number => (Math.floor(now / hourMs) - shownHours + 1) * hourMs;

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
      const stored = await repository.hours(firstShownHour(now()));
      const hours = Map.groupBy(stored, ({ hook }) => hook);
      const sums = new Map(counts.map((count) => [count.hook, count]));
      const counted = new Map(pending);
      for (const [hook, count] of counted) {
        const sum = sums.get(hook);
        sums.set(hook, sum === undefined ? count : addHookCounts(sum, count));
      }
      const present = startOfHour(now());
      return {
        since: since ?? startedAt,
        of: (hook) => ({
          ...(sums.get(hook) ?? noHookCount(hook)),
          hours: withPending(hours.get(hook) ?? [], counted.get(hook), present),
        }),
      };
    },
    async tend() {
      if (now() - storedAt >= storeEveryMs) await storeAll();
    },
    storeAll,
  };
}

/** Adds what is counted in memory to the stored counts of the hour `present`. */
function withPending(
  stored: readonly HookHour[],
  pending: HookCount | undefined,
  present: number,
): HookHour[] {
  const before = stored.filter(({ hour }) => hour !== present);
  const last = stored.find(({ hour }) => hour === present);
  const sum = {
    hour: present,
    events: (last?.events ?? 0) + (pending?.events ?? 0),
    refused: (last?.refused ?? 0) + (pending?.refused ?? 0),
  };
  const shown = sum.events + sum.refused > 0 ? [...before, sum] : before;
  return shown.map(({ hour, events, refused }) => ({ hour, events, refused }));
}

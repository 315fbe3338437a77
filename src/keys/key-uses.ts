// How often each API key was used, by day. The calls are counted in memory and stored from time to time.

import { dayName } from '../calendar.ts';
import { dayMs } from '../durations.ts';

/** The calls with one key on one day (UTC, such as `2026-11-20`). */
export interface KeyUse {
  readonly keyId: string;
  readonly day: string;
  readonly calls: number;
}

/** The port that each storage engine implements. It sees only the keys of one workspace. */
export interface KeyUseRepository {
  /** Adds the calls to those that are stored. */
  add(uses: readonly KeyUse[]): Promise<void>;
  /** Returns the uses of all keys from `day` on. */
  since(day: string): Promise<KeyUse[]>;
  deleteBefore(day: string): Promise<void>;
}

export interface KeyUses {
  count(keyId: string): void;
  /** Returns the calls with each key on each of the last `shownUseDays` days, the present one last. */
  read(): Promise<(keyId: string) => readonly KeyUse[]>;
  /** Stores what was counted in memory, at most once a minute. Never rejects. */
  tend(): Promise<void>;
  /** Stores what was counted in memory. Never rejects: what cannot be stored is kept for the next call. */
  storeAll(): Promise<void>;
  /** Deletes what is no longer shown. */
  deleteOld(): Promise<void>;
}

export const shownUseDays = 30;

const storeEveryMs = 60_000;

export function createKeyUses({
  repository,
  now,
  onFailure,
}: {
  readonly repository: KeyUseRepository;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}): KeyUses {
  let storedAt = Number.NEGATIVE_INFINITY;
  /** Calls by day and key, as `2026-11-20 key_…`. */
  let pending = new Map<string, number>();

  const firstDay = (): string => dayName(now() - (shownUseDays - 1) * dayMs);
  const add = (at: string, calls: number): void => void pending.set(at, (pending.get(at) ?? 0) + calls);
  const usesIn = (counted: ReadonlyMap<string, number>): KeyUse[] =>
    [...counted].map(([at, calls]) => ({ day: at.slice(0, 10), keyId: at.slice(11), calls }));

  async function storeAll(): Promise<void> {
    if (pending.size === 0) return;
    const counted = pending;
    pending = new Map();
    storedAt = now();
    try {
      await repository.add(usesIn(counted));
    } catch (error) {
      for (const [at, calls] of counted) add(at, calls);
      onFailure(error);
    }
  }

  return {
    count: (keyId) => add(`${dayName(now())} ${keyId}`, 1),
    async read() {
      const first = firstDay();
      const days = Array.from({ length: shownUseDays }, (_, index) =>
        dayName(now() - (shownUseDays - 1 - index) * dayMs),
      );
      const all = [...(await repository.since(first)), ...usesIn(pending)];
      const ofKeys = Map.groupBy(all, ({ keyId }) => keyId);
      return (keyId) => {
        const calls = new Map<string, number>();
        for (const use of ofKeys.get(keyId) ?? []) calls.set(use.day, (calls.get(use.day) ?? 0) + use.calls);
        return days.map((day) => ({ keyId, day, calls: calls.get(day) ?? 0 }));
      };
    },
    async tend() {
      if (now() - storedAt >= storeEveryMs) await storeAll();
    },
    storeAll,
    deleteOld: () => repository.deleteBefore(firstDay()),
  };
}

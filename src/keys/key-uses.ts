// How often each API key was used, by day. The calls are counted in memory and stored from time to time.

import { dayName } from '../calendar.ts';
import { dayMs } from '../durations.ts';

/** The calls with one key on one day (UTC, such as `2026-11-20`). */
export interface KeyUse {
  readonly keyId: string;
  readonly day: string;
  readonly calls: number;
  /** Calls that were refused, because of the key's state, scopes, origins or rate limits. `calls` does not contain them. */
  readonly refused: number;
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
  countRefused(keyId: string): void;
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
  /** Calls and refused calls by day and key, as `2026-11-20 key_…`. */
  let pending = new Map<string, { calls: number; refused: number }>();

  const firstDay = (): string => dayName(now() - (shownUseDays - 1) * dayMs);
  const add = (at: string, calls: number, refused: number): void => {
    const before = pending.get(at);
    if (before === undefined) pending.set(at, { calls, refused });
    else {
      before.calls += calls;
      before.refused += refused;
    }
  };
  const usesIn = (counted: typeof pending): KeyUse[] =>
    [...counted].map(([at, counts]) => ({ day: at.slice(0, 10), keyId: at.slice(11), ...counts }));

  async function storeAll(): Promise<void> {
    if (pending.size === 0) return;
    const counted = pending;
    pending = new Map();
    storedAt = now();
    try {
      await repository.add(usesIn(counted));
    } catch (error) {
      for (const [at, { calls, refused }] of counted) add(at, calls, refused);
      onFailure(error);
    }
  }

  return {
    count: (keyId) => add(`${dayName(now())} ${keyId}`, 1, 0),
    countRefused: (keyId) => add(`${dayName(now())} ${keyId}`, 0, 1),
    async read() {
      const first = firstDay();
      const days = Array.from({ length: shownUseDays }, (_, index) =>
        dayName(now() - (shownUseDays - 1 - index) * dayMs),
      );
      const all = [...(await repository.since(first)), ...usesIn(pending)];
      const ofKeys = Map.groupBy(all, ({ keyId }) => keyId);
      return (keyId) => {
        const ofDays = new Map(days.map((day) => [day, { keyId, day, calls: 0, refused: 0 }]));
        for (const { day, calls, refused } of ofKeys.get(keyId) ?? []) {
          const sum = ofDays.get(day);
          if (sum === undefined) continue;
          sum.calls += calls;
          sum.refused += refused;
        }
        return [...ofDays.values()];
      };
    },
    async tend() {
      if (now() - storedAt >= storeEveryMs) await storeAll();
    },
    storeAll,
    deleteOld: () => repository.deleteBefore(firstDay()),
  };
}

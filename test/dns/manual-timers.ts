// A clock that stands still until the test moves it.

import type { Timers } from '../../src/clock.ts';

export interface ManualTimers extends Timers {
  /** Moves the clock on, calling what falls due on the way in its order. */
  advance(milliseconds: number): void;
  /** Timers that are set and not yet called. */
  pending(): number;
}

export function manualTimers(start = Date.UTC(2026, 0, 1)): ManualTimers {
  const timers = new Map<number, { at: number; callback: () => void }>();
  let now = start;
  let lastId = 0;
  return {
    now: () => now,
    setTimeout: (callback, milliseconds) => {
      timers.set(++lastId, { at: now + milliseconds, callback });
      return lastId;
    },
    clearTimeout: (timer) => {
      timers.delete(timer as number);
    },
    advance: (milliseconds) => {
      const end = now + milliseconds;
      for (;;) {
        const [due] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
        if (!due) break;
        timers.delete(due[0]);
        now = due[1].at;
        due[1].callback();
      }
      now = end;
    },
    pending: () => timers.size,
  };
}

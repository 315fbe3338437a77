// The timers of a process that is busy: everything that became due meanwhile runs in one turn of the event loop.

import type { Timers } from '../../src/clock.ts';

export interface BusyTimers extends Timers {
  /** Moves the clock on and calls what is due by then. What these calls set waits for the next turn. */
  turn(milliseconds: number): void;
}

export function busyTimers(): BusyTimers {
  const timers = new Map<number, { at: number; callback: () => void }>();
  let now = Date.UTC(2026, 0, 1);
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
    turn: (milliseconds) => {
      now += milliseconds;
      for (const [id, { at, callback }] of [...timers]) if (at <= now && timers.delete(id)) callback();
    },
  };
}

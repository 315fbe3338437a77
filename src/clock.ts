// The clock and timers as one port, so tests control time.

export interface Timers {
  /** Epoch milliseconds. */
  now(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The timers of the runtime. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** Calls `expire` after a fixed time, unless the returned function is called first. */
export type StartTimeout = (expire: () => void) => () => unknown;

/** One timer for each timeout. */
export const eachTimeout =
  (milliseconds: number, timers = systemTimers): StartTimeout =>
  (expire) => {
    const timer = timers.setTimeout(expire, milliseconds);
    return () => timers.clearTimeout(timer);
  };

/**
 * One timer for all timeouts, for a runtime whose timers outlive a request. Starting and stopping a timeout costs
 * much less than a separate timer. The timer does not keep the process alive.
 */
export function sharedTimeout(milliseconds: number, timers = systemTimers): StartTimeout {
  // All have the same length, so the order of their start is the order of their end.
  const started = new Set<{ readonly due: number; readonly expire: () => void }>();
  let isArmed = false;

  function arm(delay: number): void {
    isArmed = true;
    const timer = timers.setTimeout(sweep, delay) as { unref?: () => void };
    timer.unref?.();
  }

  function sweep(): void {
    isArmed = false;
    const moment = timers.now();
    for (const timeout of started) {
      if (timeout.due > moment) {
        arm(timeout.due - moment);
        return;
      }
      started.delete(timeout);
      timeout.expire();
    }
  }

  return (expire) => {
    const timeout = { due: timers.now() + milliseconds, expire };
    started.add(timeout);
    if (!isArmed) arm(milliseconds);
    return () => started.delete(timeout);
  };
}

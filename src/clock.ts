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

/** Steps of a wait for a reply, and of the shorter wait before another server is asked. */
export const replySteps = 10;
export const hedgeSteps = 4;

/**
 * Calls `callback` after `milliseconds`, counted in `steps` timers of equal length, one after another. Returns a function that
 * cancels it. A busy process runs late timers before it reads the replies that arrived meanwhile. Each step gives it a turn to
 * read them, so that only the server's delay ends a wait, and not the process's own.
 */
export function countDown(
  timers: Omit<Timers, 'now'>,
  milliseconds: number,
  steps: number,
  callback: () => void,
): () => void {
  const each = Math.max(0, Math.floor(milliseconds / steps));
  let left = steps;
  let timer: unknown;
  const step = () => {
    left--;
    timer =
      left > 0
        ? timers.setTimeout(step, each)
        : timers.setTimeout(callback, milliseconds - each * (steps - 1));
  };
  step();
  return () => timers.clearTimeout(timer);
}

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

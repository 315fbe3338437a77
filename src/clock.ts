// The clock and the timers as one interface, so tests control time.

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

/** Number of steps (see `countDown`) into which the wait for a reply, such as a DNS answer, is split. */
export const replySteps = 10;
/**
 * Number of steps into which a shorter wait is split: the time after which a DNS question also goes to a second server.
 */
export const hedgeSteps = 4;

/**
 * Calls `callback` after `milliseconds`, unless the returned function is called first.
 *
 * The wait is split into `steps` timers of equal length, one after another. A busy process runs a late timer before it
 * reads replies that have already arrived, so a single timer would report a timeout although the reply is there. Between
 * two timers the process can read replies. The wait therefore ends only if the server is late, and not if the process is.
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

/** Timeouts that each have their own timer. */
export const eachTimeout =
  (milliseconds: number, timers = systemTimers): StartTimeout =>
  (expire) => {
    const timer = timers.setTimeout(expire, milliseconds);
    return () => timers.clearTimeout(timer);
  };

/**
 * Timeouts that share one timer. Starting and stopping one costs much less than with its own timer. Only for runtimes in
 * which a timer outlives the request that started it. The shared timer does not keep the process alive.
 */
export function sharedTimeout(milliseconds: number, timers = systemTimers): StartTimeout {
  // All timeouts have the same length, so they end in the order in which they started.
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

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
  // Time that has passed already counts as none: a negative delay would make Node print a warning.
  const total = Math.max(0, milliseconds);
  const each = Math.floor(total / steps);
  let left = steps;
  let timer: unknown;
  const step = () => {
    left--;
    timer =
      left > 0 ? timers.setTimeout(step, each) : timers.setTimeout(callback, total - each * (steps - 1));
  };
  step();
  return () => timers.clearTimeout(timer);
}

/** Calls `expire` after a fixed time, unless the returned function is called first. */
export type StartTimeout = (expire: () => void) => () => unknown;

/**
 * Timeouts that each have their own timers. A timeout does not end before the process has had time to read what has arrived
 * (see `countDown`).
 */
export const eachTimeout =
  (milliseconds: number, timers: Omit<Timers, 'now'> = systemTimers): StartTimeout =>
  (expire) =>
    countDown(timers, milliseconds, replySteps, expire);

/** Number of waits into which `sharedTimeout` splits its time, at least. After each wait the process reads what has arrived. */
const sharedSteps = 100;

/**
 * Timeouts that share one timer. Starting and stopping one costs much less than with its own timer. Only for runtimes in
 * which a timer outlives the request that started it. The shared timer does not keep the process alive.
 *
 * Time in which the process is too busy to run the timer does not count. Something that arrived in such a time has not been
 * read yet, and must not be taken for late.
 */
export function sharedTimeout(milliseconds: number, timers = systemTimers): StartTimeout {
  // All timeouts have the same length, so they end in the order in which they started.
  const started = new Set<{ readonly due: number; readonly expire: () => void }>();
  const longestWait = Math.ceil(milliseconds / sharedSteps);
  let isArmed = false;
  /** Milliseconds in which the process was too busy, in total. */
  let busyMs = 0;

  function arm(delay: number): void {
    isArmed = true;
    const wait = Math.min(delay, longestWait);
    const expected = timers.now() + wait;
    const wake = () => {
      busyMs += Math.max(0, timers.now() - expected);
      sweep();
    };
    const timer = timers.setTimeout(wake, wait) as { unref?: () => void };
    timer.unref?.();
  }

  function sweep(): void {
    isArmed = false;
    const moment = timers.now() - busyMs;
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
    const timeout = { due: timers.now() - busyMs + milliseconds, expire };
    started.add(timeout);
    if (!isArmed) arm(milliseconds);
    return () => started.delete(timeout);
  };
}

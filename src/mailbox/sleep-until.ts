// Waits on the timers of the caller.

import type { Timers } from '../clock.ts';

/** Resolves at the instant (epoch milliseconds), or when `signal` aborts. */
export function sleepUntil(timers: Timers, instant: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      timers.clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = timers.setTimeout(wake, Math.max(0, instant - timers.now()));
    signal?.addEventListener('abort', wake);
    if (signal?.aborted === true) wake();
  });
}

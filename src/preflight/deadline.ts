// The time that a preflight may take.

import { countDown, replySteps, type Timers } from '../clock.ts';

/** Milliseconds after which the open questions of a preflight count as not answered, unless the caller sets another time. */
export const defaultDeadlineMs = 8000;

/** Does the work, whose `signal` aborts after `deadlineMs` milliseconds. */
export async function withDeadline<T>(
  timers: Timers,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const stop = countDown(timers, deadlineMs, replySteps, () => deadline.abort());
  try {
    return await work(deadline.signal);
  } finally {
    stop();
  }
}

import { countDown, replySteps, systemTimers } from './clock.ts';

/** A value, or a promise of it if the caller must wait. A value that is known already needs no promise. */
export type MaybePromise<T> = T | Promise<T>;

/** The error of `withTimeout`. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** Settles like `answer`, but rejects with a TimeoutError after `ms` milliseconds, because a database may hang. */
export function withTimeout<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TimeoutError(ms));
    const cancel = countDown(systemTimers, ms, replySteps, late);
    answer.then(resolve, reject).finally(cancel);
  });
}

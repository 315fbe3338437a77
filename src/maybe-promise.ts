import { countDown, replySteps, systemTimers } from './clock.ts';

/**
 * A value that is known already, or a promise of a value that the caller must wait for. Without a promise, the caller
 * can go on in the same turn of the event loop.
 */
export type MaybePromise<T> = T | Promise<T>;

/** The error with which `withTimeout` rejects. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/**
 * Settles like `answer`, but rejects with a TimeoutError if `answer` takes longer than `ms` milliseconds. It guards
 * against a database that never answers.
 */
export function withTimeout<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TimeoutError(ms));
    const cancel = countDown(systemTimers, ms, replySteps, late);
    answer.then(resolve, reject).finally(cancel);
  });
}

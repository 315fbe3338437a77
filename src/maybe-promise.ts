/** A value that may need waiting for. What is already known costs no promise. */
export type MaybePromise<T> = T | Promise<T>;

/** What `answer` settles with; rejects after `ms` milliseconds, because a database may hang without an error. */
export function withTimeout<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

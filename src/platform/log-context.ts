// The request or the background task that a log line belongs to. The context follows the work through its awaits, so the code
// that logs does not have to know it.

import { AsyncLocalStorage } from 'node:async_hooks';

/** Fields of every line that is logged in the context. They never contain an address. */
export interface LogContext {
  /** The id in the header X-Request-Id of the response. */
  readonly request_id?: string;
  /** What the service does in the background: work on lists (`jobs`), periodic work (`maintenance`), or questions about single mailboxes. */
  readonly task?: 'jobs' | 'maintenance' | 'pending_verdicts';
  readonly job_id?: string;
}

const contexts = new AsyncLocalStorage<LogContext>();

/**
 * Runs `work`. The lines that it logs have the fields of `context`, besides those of the context around it. A background task
 * does not belong to the request that started it by chance, so it must have its own context.
 */
export const inLogContext = <T>(context: LogContext, work: () => T): T => {
  const outer = context.task === undefined ? contexts.getStore() : undefined;
  return contexts.run(outer === undefined ? context : { ...outer, ...context }, work);
};

export const logContext = (): LogContext => contexts.getStore() ?? {};

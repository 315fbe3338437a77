// Sends a signed callback (a webhook) when a job is completed or has failed. A cancelled job sends none. The callback
// contains counts and no addresses. Failed attempts are retried.

import { hourMs, minuteMs } from '../durations.ts';
import {
  type DeliveryAttempt,
  type DeliveryPorts,
  deliverDue,
  deliverWebhook,
} from '../webhooks/delivery.ts';
import type { Count, Job } from './job.ts';
import type { CallbackAttempt, JobDetails, JobRepository } from './job-repository.ts';

export interface CallbackPorts extends Omit<DeliveryPorts, 'secret'> {
  readonly repository: JobRepository;
  /** The secret that signs callbacks. If null, no callbacks are sent. */
  readonly secret: DeliveryPorts['secret'] | null;
}

/**
 * Milliseconds to wait after the first failed attempt, after the second, and so on: about three days in total, as Standard
 * Webhooks suggests. After the last wait there is one more attempt.
 */
export const retryWaitsMs: readonly number[] = [
  5000,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

/**
 * Makes one attempt to send the callback that has been due longest. Resolves to false if none is due or callbacks are
 * off.
 */
export async function deliverOne(ports: CallbackPorts): Promise<boolean> {
  const { repository, secret, now } = ports;
  if (secret === null) return false;
  return deliverDue<CallbackAttempt>({
    ...{ now, retryWaitsMs },
    claim: repository.claimCallback,
    send: (due) => attempt({ ...ports, secret }, due),
    postpone: (due, nextAt, cause) => repository.settleCallback(due, 'pending', cause, nextAt),
    settle: (due, cause) =>
      repository.settleCallback(due, cause === null ? 'delivered' : 'failed', cause ?? 'delivered', now()),
  });
}

async function attempt(
  ports: CallbackPorts & DeliveryPorts,
  { id, job, event }: CallbackAttempt,
): Promise<DeliveryAttempt> {
  if (job?.callbackUrl == null) return { kind: 'failed', cause: 'job not found', isFinal: true };
  const body = JSON.stringify(await message(ports.repository, job, event));
  return deliverWebhook({ url: job.callbackUrl, id, body }, ports);
}

/** The body of the callback. Every attempt has the same body, since a finished job does not change. */
async function message(records: JobDetails, job: Job, event: string): Promise<object> {
  const counts = await records.counts(job.id);
  const changes = job.follows === null ? null : await records.changes(job.id);
  return {
    type: event,
    timestamp: new Date(job.finishedAt!).toISOString(),
    data: {
      job: job.id,
      state: job.state,
      rows: job.rows,
      counts: countsByKind(counts),
      ...(job.error && { error: { code: job.error.code, row: job.error.row } }),
      ...(changes && {
        previous_job: job.follows,
        verified: job.rowsDone - job.rowsKept,
        changes: changes.map(({ before, after, rows }) => ({ from: before, to: after, rows })),
      }),
    },
  };
}

export type CountsByKind = Record<Count['kind'], Record<string, number>>;

/** Groups counts by kind (`result`, `reason`, `action`), as the API returns them. Keeps their order. */
export function countsByKind(counts: readonly Count[]): CountsByKind {
  const byKind: CountsByKind = { result: {}, reason: {}, action: {} };
  for (const { kind, name, rows } of counts) byKind[kind][name] = rows;
  return byKind;
}

// Delivers what a job has to tell when it ends: signed, retried with growing waits, and with counts only.

import { type CallbackNames, type CallbackTargets, callbackTarget } from '../webhooks/callback-target.ts';
import { webhookHeaders } from '../webhooks/sign.ts';
import type { Count, Job } from './job.ts';
import type { CallbackAttempt, JobRecords, JobRepository } from './job-repository.ts';

/** One POST. It follows no redirect, reads no more of the answer than its status, and ends within its own limits. */
export type CallbackTransport = (request: {
  readonly url: URL;
  /** Connect to one of these. A runtime that cannot must be unable to reach private addresses at all. */
  readonly addresses: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<
  { readonly kind: 'status'; readonly status: number } | { readonly kind: 'failed'; readonly cause: string }
>;

export interface CallbackPorts {
  readonly repository: JobRepository;
  readonly names: CallbackNames;
  readonly targets: CallbackTargets;
  readonly transport: CallbackTransport;
  /** Null: no callbacks are sent. */
  readonly secret: Uint8Array<ArrayBuffer> | null;
  readonly now: () => number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The wait after each attempt that failed, as Standard Webhooks suggests; then it is given up. About three days. */
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

/** Whoever takes a callback has so long to send it; then another may. */
const leaseMs = 2 * minuteMs;

/** Sends the callback that is due for longest. False where none is. */
export async function deliverOne(ports: CallbackPorts): Promise<boolean> {
  const { repository, secret, now } = ports;
  if (secret === null) return false;
  const due = await repository.claimCallback(now(), now() + leaseMs);
  if (due === null) return false;
  const { outcome, over } = await attempt(ports, secret, due);
  const wait = retryWaitsMs[due.attempts - 1];
  const state = outcome === 'delivered' ? 'delivered' : over || wait === undefined ? 'failed' : 'pending';
  await repository.settleCallback(due, state, outcome, now() + (wait ?? 0));
  return true;
}

async function attempt(
  { repository, names, targets, transport, now }: CallbackPorts,
  secret: Uint8Array<ArrayBuffer>,
  { id, job, event }: CallbackAttempt,
): Promise<{ outcome: string; over: boolean }> {
  if (job?.callbackUrl == null) return { outcome: 'the job is gone', over: true };
  const target = await callbackTarget(job.callbackUrl, targets, names);
  if (target.kind === 'no_answer') return { outcome: 'the host was not found', over: false };
  if (target.kind === 'refused') return { outcome: `refused: ${target.why}`, over: false };
  const body = JSON.stringify(await message(repository, job, event));
  const answer = await transport({
    url: target.url,
    addresses: target.addresses,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'presend',
      ...(await webhookHeaders(secret, { id, at: now(), body })),
    },
    body,
  });
  if (answer.kind === 'failed') return { outcome: answer.cause, over: false };
  const { status } = answer;
  if (status >= 200 && status < 300) return { outcome: 'delivered', over: false };
  // 410 Gone is the receiver's word that it wants no more.
  return { outcome: `status ${status}`, over: status === 410 };
}

/** The same for every attempt, since a job that has ended does not change. */
async function message(records: JobRecords, job: Job, event: string): Promise<object> {
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

/** As the API shows them: the largest first. */
export function countsByKind(counts: readonly Count[]): CountsByKind {
  const byKind: CountsByKind = { result: {}, reason: {}, action: {} };
  for (const { kind, name, rows } of counts) byKind[kind][name] = rows;
  return byKind;
}

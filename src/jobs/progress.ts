// Computes the progress of a job from its stored state.

import type { ListSummary } from '../lists/summary.ts';
import { type CountsByKind, countsByKind } from './callbacks.ts';
import { hasEnded, type Job, type JobState } from './job.ts';
import type { JobRepository } from './job-repository.ts';

/** The state as callers see it, including paused and waiting. */
export type ShownState = Exclude<JobState, 'deleting'> | 'paused' | 'waiting';

export interface JobProgress {
  readonly state: ShownState;
  readonly counts: CountsByKind;
  /** Current rows per second; null if no row was done recently. */
  readonly rate: number | null;
  /** Estimated seconds until the job completes; null without a rate. */
  readonly secondsLeft: number | null;
}

/** Milliseconds over which the rate is measured. */
const windowMs = 60_000;

export async function progressOf(repository: JobRepository, job: Job, now: number): Promise<JobProgress> {
  const counts = countsByKind(await repository.counts(job.id));
  const state = shownState(job, now);
  const rate =
    state === 'verifying' ? rateOf(await repository.rowsSince(job.id, now - windowMs), job, now) : null;
  const left = (job.rows ?? 0) - job.rowsDone;
  return { state, counts, rate, secondsLeft: rate === null ? null : Math.ceil(left / rate) };
}

export function shownState(job: Job, now: number): ShownState {
  if (!hasEnded(job) && job.paused) return 'paused';
  if (!hasEnded(job) && job.notBefore > now) return 'waiting';
  return job.state as ShownState;
}

/** The current rows per second. For a job that began within the window, measures from its start. */
function rateOf(rows: number, { startedAt }: Job, now: number): number | null {
  const ms = Math.min(windowMs, now - (startedAt ?? now));
  return rows === 0 || ms <= 0 ? null : Math.round((rows * 10_000) / ms) / 10;
}

/** The summary of a job's list; null until the job is completed, because a forecast needs the whole list. */
export async function summaryOfJob(repository: JobRepository, job: Job): Promise<ListSummary | null> {
  if (job.state !== 'completed') return null;
  const { summaryOf } = await import('../lists/summary.ts');
  return summaryOf(await repository.tally(job.id), job.layout?.shape ?? null);
}

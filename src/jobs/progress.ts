// Computes the progress of a job from what the database has about it.

import type { Goal, GoalOutcome } from '../lists/goal.ts';
import type { ListSummary } from '../lists/summary.ts';
import type { ListTally } from '../lists/tally.ts';
import { type CountsByKind, countsByKind } from './callbacks.ts';
import { hasEnded, type Job, type JobState } from './job.ts';
import type { JobRepository } from './job-repository.ts';

/**
 * The state that the API shows. Besides the stored states there are `paused`, and `waiting` for a job whose
 * `notBefore` is in the future.
 */
export type ShownState = Exclude<JobState, 'deleting'> | 'paused' | 'waiting';

export interface JobProgress {
  readonly state: ShownState;
  readonly counts: CountsByKind;
  /** Rows verified per second during the last minute; null if none was verified or the state is not `verifying`. */
  readonly rate: number | null;
  /** Estimated seconds until the job completes; null if there is no rate. */
  readonly secondsLeft: number | null;
}

/** The rate is computed from the rows that were verified during this many milliseconds before now. */
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
  // Between two turns of asking mail hosts, the job waits for no resolver.
  const isBetweenTurns = job.proof?.turns !== undefined && job.outages === 0;
  if (!hasEnded(job) && job.notBefore > now && !isBetweenTurns) return 'waiting';
  return job.state as ShownState;
}

/**
 * Returns the rate for `rows`, the number of rows verified in the last `windowMs`. If the job started later than that,
 * divides by the time since its start instead.
 */
function rateOf(rows: number, { startedAt }: Job, now: number): number | null {
  const ms = Math.min(windowMs, now - (startedAt ?? now));
  return rows === 0 || ms <= 0 ? null : Math.round((rows * 10_000) / ms) / 10;
}

/** The summary of a job's list. Null until the job is completed, because the forecast in it needs the whole list. */
export async function summaryOfJob(repository: JobRepository, job: Job): Promise<ListSummary | null> {
  if (job.state !== 'completed') return null;
  const { summaryOf } = await import('../lists/summary.ts');
  const tally = await repository.tally(job.id);
  const goal = await goalOf(job, tally);
  const of = job.layout?.sampledFrom;
  return {
    ...summaryOf(tally, job.layout?.shape ?? null),
    ...(goal !== null && { goal: goal.outcome() }),
    ...(of !== undefined && { sample: { rows: tally.rows, of } }),
  };
}

/** The goal of a job, with the rows of the slices that are done. Null if the job has no goal. */
export async function goalOf({ options }: Job, tally: ListTally): Promise<Goal | null> {
  if (options.goal === undefined) return null;
  const { createGoal } = await import('../lists/goal.ts');
  const goal = createGoal(options.goal);
  const dropped = options.writing?.dropDuplicates ? tally.duplicates : 0;
  goal.addCounted(tally.mailable ?? {}, tally.rows + tally.noAddress - dropped);
  return goal;
}

/**
 * What each of these goals leads to if only rows with the action `accept` are mailed. Null until the job is completed, and for a
 * job of an earlier version.
 */
export async function goalsOfJob(
  repository: JobRepository,
  job: Job,
  rates: readonly number[],
): Promise<readonly GoalOutcome[] | null> {
  if (job.state !== 'completed') return null;
  const tally = await repository.tally(job.id);
  const { accepted } = tally;
  if (accepted === undefined) return null;
  const { createGoal } = await import('../lists/goal.ts');
  const contacts = Object.values(accepted).reduce((sum, rows) => sum + rows, 0);
  return rates.map((rate) => {
    const goal = createGoal(rate);
    goal.addCounted(accepted, contacts);
    return goal.outcome();
  });
}

// The port for the state of all jobs. Every change is atomic: a crash never leaves a part of it.

import type { ListTally } from '../lists/tally.ts';
import type {
  CallbackState,
  Change,
  Count,
  Job,
  JobError,
  Lease,
  ListLayout,
  NewJob,
  Slice,
  SlicePlan,
  SliceResult,
} from './job.ts';

/** How long one unit of work may take before another runner may start it. Milliseconds. */
export interface LeaseDurations {
  /** Reading a whole file. */
  readonly readMs: number;
  /** Verifying one slice. */
  readonly sliceMs: number;
}

export const defaultLeases: LeaseDurations = { readMs: 15 * 60_000, sliceMs: 5 * 60_000 };

/** Minimum milliseconds between two verifications of a kept list. */
export const minimumReverifyMs = 86_400_000;

/**
 * Work whose process died starts again at once as long as it had fewer than `free` attempts. After that it waits for
 * `firstMs` milliseconds, doubled with each further attempt, at most `doublings` times.
 */
export const crashes = { free: 5, firstMs: 10_000, doublings: 6 };

/** What reading a file gives: how to write its result, and its slices in order. */
export interface FilePlan {
  readonly layout: ListLayout;
  readonly slices: readonly SlicePlan[];
}

export interface DoneSlice {
  readonly position: number;
  /** Number of the lease under which the slice was done. The name of its result file contains it. */
  readonly lease: number;
}

export interface CallbackAttempt {
  /** The `webhook-id` header. Every attempt has the same. */
  readonly id: string;
  /** Null if the job was deleted meanwhile. */
  readonly job: Job | null;
  readonly event: string;
  /** Number of attempts, including this one. */
  readonly attempts: number;
}

/** The operations of callers on the jobs of one workspace. Times are epoch milliseconds. */
export interface JobRecords {
  /** Null if there is no such job, or if it is being deleted. */
  job(id: string): Promise<Job | null>;
  /** At most `limit` jobs, latest first, older than `before`. */
  list(before: { readonly createdAt: number; readonly id: string } | null, limit: number): Promise<Job[]>;
  /** Records an upload before its first byte is stored, so maintenance finds an abandoned file. */
  beginUpload(id: string, now: number): Promise<void>;
  /** Creates the job of an upload, and ends the upload. False if a job with the same request key exists. */
  create(job: NewJob): Promise<boolean>;
  ofRequest(key: string): Promise<{ job: Job; fingerprint: string } | null>;
  /** False if the job has ended. */
  setPaused(id: string, paused: boolean, now: number): Promise<boolean>;
  /** False if the job has ended. */
  cancel(id: string, now: number): Promise<boolean>;
}

/**
 * The details of one job, by its id. The methods do not check the workspace, because runners call them for all
 * workspaces. For a caller, find the job with `JobRecords.job` first.
 */
export interface JobDetails {
  /** Ordered by kind, then rows, largest first. */
  counts(id: string): Promise<Count[]>;
  changes(id: string): Promise<Change[]>;
  /** The sum of the tallies of all slices. For a completed job it is computed once and stored. */
  tally(id: string): Promise<ListTally>;
  /** Rows finished at or after `since`. */
  rowsSince(id: string, since: number): Promise<number>;
  /** The done slices from position `from` up to the first open one. */
  doneFrom(id: string, from: number, limit: number): Promise<DoneSlice[]>;
  /** Every slice of a completed job in order, with the length of its result. */
  results(id: string): Promise<(Slice & { readonly lease: number; readonly resultBytes: number })[]>;
  callbackState(id: string): Promise<CallbackState | null>;
}

/** The operations of runners, for the jobs of all workspaces: lease work, and report its result. */
export interface JobLeases {
  /** Leases one queued job whose file is to be read. Null if no file waits. */
  claimFile(now: number): Promise<{ job: Job; lease: Lease } | null>;
  /** Stores the slices of a file that was read; they can be claimed from then on. False if the lease was lost. */
  fileRead(job: Job, lease: Lease, plan: FilePlan, now: number): Promise<boolean>;
  /** Leases the first open slice. Null if none may start. */
  claimSlice(now: number): Promise<{ job: Job; slice: Slice; lease: Lease } | null>;
  /**
   * Counts a slice whose result file is written, and completes the job with its last slice.
   * False if the lease or the job was lost; then nothing is counted.
   */
  sliceDone(jobId: string, slice: Slice, lease: Lease, result: SliceResult, now: number): Promise<boolean>;
  /** Returns a slice without counting the attempt. No work of the job starts before `notBefore`. */
  outage(jobId: string, position: number, lease: Lease, notBefore: number, now: number): Promise<void>;
  /** Returns work after an internal error. The work may start again at `retryAt`. `position` is null for the file. */
  releaseClaim(jobId: string, position: number | null, lease: Lease, retryAt: number): Promise<void>;
  /** Whether the job was deleted, so its files may be gone. */
  isDeleted(jobId: string): Promise<boolean>;
  /**
   * Ends every lease. The only runner calls it at its start, when the holders of all leases are dead. Work that had many
   * attempts must wait (see `crashes`), because it may have crashed the process.
   */
  endAllLeases(now: number): Promise<void>;
  /** False if the job has ended, or if `lease` on its file was lost. */
  fail(jobId: string, lease: Lease | null, error: JobError, now: number): Promise<boolean>;
  /** Units of work under lease, and whether any more may start. */
  workload(now: number): Promise<{ leased: number; open: boolean }>;
}

/** Deletes jobs and abandoned uploads, and finds the kept lists that are to be verified again, in all workspaces. */
export interface JobLifecycle {
  endUpload(id: string): Promise<boolean>;
  uploadsBegunBefore(moment: number): Promise<string[]>;
  /** Hides the job from callers. `removeJob` removes its rows. False if there is no such job. */
  markDeleting(id: string, now: number): Promise<boolean>;
  /** The ids of hidden jobs whose leases have all ended, so no worker writes their files. */
  deletable(now: number): Promise<string[]>;
  removeJob(id: string): Promise<void>;
  /** The ids of jobs without a change since `untouchedSince`, and of kept lists whose `keptUntil` has passed. */
  expired(now: number, untouchedSince: number): Promise<string[]>;
  /** Kept lists with verdicts that are due. */
  due(now: number): Promise<Job[]>;
  /**
   * Creates the job that verifies a kept list again, in the same workspace. The new job replaces the earlier one as the
   * kept list. False if another job has replaced it already.
   */
  follow(job: NewJob & { readonly follows: string }, plan: FilePlan): Promise<boolean>;
}

/** Callbacks of ended jobs, over all workspaces. */
export interface JobCallbacks {
  /** Leases the callback that has been due longest, until `leaseUntil`. Null if none is due. */
  claimCallback(now: number, leaseUntil: number): Promise<CallbackAttempt | null>;
  /** Stores the outcome of an attempt, unless a later attempt has started. */
  settleCallback(
    attempt: CallbackAttempt,
    state: CallbackState['state'],
    outcome: string,
    nextAt: number,
  ): Promise<void>;
}

export interface JobRepository extends JobRecords, JobDetails, JobLeases, JobLifecycle, JobCallbacks {}

// The port for the state of all jobs. A job verifies an uploaded list: a runner reads the file, splits it into slices (ranges
// of rows), and verifies each slice under a lease. Every change of the state is atomic: a crash never leaves half of it.

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

/** Milliseconds that one unit of work may take. After that the lease has ended, and another runner may start the same work. */
export interface LeaseDurations {
  /** Reading a whole file. */
  readonly readMs: number;
  /** Verifying one slice. */
  readonly sliceMs: number;
}

export const defaultLeases: LeaseDurations = { readMs: 15 * 60_000, sliceMs: 5 * 60_000 };

/** A kept list is verified again when its verdicts get old. Minimum milliseconds between two verifications: one day. */
export const minimumReverifyMs = 86_400_000;

/**
 * When work whose process died may start again. With fewer than `free` attempts so far, it starts at once. After that it waits,
 * since it may be the cause of the crash: `firstMs` milliseconds at first, twice as long after each further attempt, with at
 * most `doublings` doublings.
 */
export const crashes = { free: 5, firstMs: 10_000, doublings: 6 };

/** What a runner finds when it reads the file of a job: how to write its result, and its slices in order. */
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
  /** The value of the header `webhook-id`. It is the same for every attempt to send this callback. */
  readonly id: string;
  /** The job that the callback is about. Null if it was deleted in the meantime. */
  readonly job: Job | null;
  readonly event: string;
  /** Number of attempts to send the callback so far, including this one. */
  readonly attempts: number;
}

/** The operations of callers on the jobs of one workspace (one tenant of the database). Times are epoch milliseconds. */
export interface JobRecords {
  /** Null if there is no such job, or if it is being deleted. */
  job(id: string): Promise<Job | null>;
  /** At most `limit` jobs that are older than `before`, latest first. If `before` is null, the latest jobs. */
  list(before: { readonly createdAt: number; readonly id: string } | null, limit: number): Promise<Job[]>;
  /**
   * Records an upload before its first byte is stored. If the upload is abandoned, maintenance finds its file by this record.
   */
  beginUpload(id: string, now: number): Promise<void>;
  /** Creates the job of an upload, and ends the upload. False if a job with the same `requestKey` exists. */
  create(job: NewJob): Promise<boolean>;
  ofRequest(key: string): Promise<{ job: Job; fingerprint: string } | null>;
  /** Pauses or resumes a job. False if the job has ended. */
  setPaused(id: string, paused: boolean, now: number): Promise<boolean>;
  /** False if the job has ended. */
  cancel(id: string, now: number): Promise<boolean>;
}

/**
 * The details of one job, by its id. The methods do not check whether the job belongs to the caller's workspace, because
 * runners call them for the jobs of all workspaces. For a caller, find the job with `JobRecords.job` first, which does check.
 */
export interface JobDetails {
  /** The numbers of rows by result, by reason and by action. Ordered by this kind, then by number, largest first. */
  counts(id: string): Promise<Count[]>;
  changes(id: string): Promise<Change[]>;
  /** The statistics of the whole list: the sum of those of its slices. For a completed job it is computed once and stored. */
  tally(id: string): Promise<ListTally>;
  /** The number of rows that were verified at or after `since`. */
  rowsSince(id: string, since: number): Promise<number>;
  /** The slices that are done, from position `from` up to the first one that is not done; at most `limit`. */
  doneFrom(id: string, from: number, limit: number): Promise<DoneSlice[]>;
  /** Every slice of a completed job in order, each with the length of its result file in bytes (`resultBytes`). */
  results(id: string): Promise<(Slice & { readonly lease: number; readonly resultBytes: number })[]>;
  callbackState(id: string): Promise<CallbackState | null>;
}

/** The operations of runners, which do the work for the jobs of all workspaces: they lease work, and report its result. */
export interface JobLeases {
  /**
   * Leases the file of one queued job to the caller, which then reads it. Null if no file waits. For `lost`, see `claimSlice`.
   */
  claimFile(now: number, lost?: readonly number[]): Promise<{ job: Job; lease: Lease } | null>;
  /**
   * Stores the slices of a file that was read. From then on runners can claim them. False if the lease on the file has ended.
   */
  fileRead(job: Job, lease: Lease, plan: FilePlan, now: number): Promise<boolean>;
  /**
   * Leases the first slice that may start. Null if there is none. `lost` lists the `now` of earlier claims whose answer from
   * storage never arrived. Nobody works under the leases of those claims, so they count as ended. They are recognized by their
   * time only, so a runner that made a claim in the same millisecond loses its lease, too.
   */
  claimSlice(now: number, lost?: readonly number[]): Promise<{ job: Job; slice: Slice; lease: Lease } | null>;
  /**
   * Adds the counts of a slice whose result file is written, and marks it as done. The last slice completes the job. False if
   * the lease has ended or the job is gone; then nothing changes.
   */
  sliceDone(jobId: string, slice: Slice, lease: Lease, result: SliceResult, now: number): Promise<boolean>;
  /**
   * Gives up the lease on a slice because of an outage. The attempt does not count. No work of the job starts before
   * `notBefore`.
   */
  outage(jobId: string, position: number, lease: Lease, notBefore: number, now: number): Promise<void>;
  /**
   * Gives up a lease after an internal error. The work may start again at `retryAt`. `position` is that of the slice, or null
   * if the work was to read the file.
   */
  releaseClaim(jobId: string, position: number | null, lease: Lease, retryAt: number): Promise<void>;
  /** Whether the job was deleted. Its files may then be gone. */
  isDeleted(jobId: string): Promise<boolean>;
  /**
   * Ends every lease. Only for a service with a single runner, which calls it at its start: all leases are from processes that
   * no longer run. Work that had many attempts must wait (see `crashes`), because it may have crashed the process.
   */
  endAllLeases(now: number): Promise<void>;
  /** Ends the job with an error. False if the job has ended already, or if `lease`, the lease on its file, has ended. */
  fail(jobId: string, lease: Lease | null, error: JobError, now: number): Promise<boolean>;
  /** The number of files and slices that are leased now (`leased`), and whether more work may start (`open`). */
  workload(now: number): Promise<{ leased: number; open: boolean }>;
}

/** Deletes jobs and abandoned uploads, and finds the kept lists that are to be verified again, in all workspaces. */
export interface JobLifecycle {
  endUpload(id: string): Promise<boolean>;
  uploadsBegunBefore(moment: number): Promise<string[]>;
  /** Hides the job from callers. `removeJob` removes its rows. False if there is no such job. */
  markDeleting(id: string, now: number): Promise<boolean>;
  /**
   * The ids of jobs that `markDeleting` has hidden and whose leases have all ended. No worker writes their files any longer.
   */
  deletable(now: number): Promise<string[]>;
  removeJob(id: string): Promise<void>;
  /** The ids of jobs without a change since `untouchedSince`, and of kept lists whose `keptUntil` has passed. */
  expired(now: number, untouchedSince: number): Promise<string[]>;
  /** Kept lists with addresses that are due to be verified again. */
  due(now: number): Promise<Job[]>;
  /**
   * Creates the job that verifies a kept list again, in the same workspace. The new job is then the kept list, in place of the
   * job `follows`. False if another job has replaced that job already.
   */
  follow(job: NewJob & { readonly follows: string }, plan: FilePlan): Promise<boolean>;
}

/** The callbacks that tell callers that a job has ended, for the jobs of all workspaces. */
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

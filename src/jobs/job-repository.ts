// The port for the state of all jobs. A job verifies an uploaded list: a runner reads the file, splits it into slices
// (ranges of rows), and verifies each slice under a lease. Every operation is atomic: after a crash, either all of its
// changes are stored or none.

import type { ListTally } from '../lists/tally.ts';
import type {
  CallbackState,
  Change,
  Count,
  Job,
  JobError,
  JobSetup,
  Lease,
  ListLayout,
  NewJob,
  ProofProgress,
  Slice,
  SlicePlan,
  SliceResult,
} from './job.ts';

/**
 * Milliseconds until a lease ends that is not renewed. After that, another runner may start the same work. A runner renews its
 * lease while it works (see `JobLeases.renew`), so the work itself may take longer.
 */
export interface LeaseDurations {
  /** Reading a whole file. */
  readonly readMs: number;
  /** Verifying one slice. */
  readonly sliceMs: number;
}

export const defaultLeases: LeaseDurations = { readMs: 60_000, sliceMs: 60_000 };

/**
 * A kept list is verified again when its verdicts get old, but at the earliest this many milliseconds after its latest
 * verification was completed: one day.
 */
export const minimumReverifyMs = 86_400_000;

/**
 * Says when work may start again after the process that did it has died. `tries` is the number of attempts at the work
 * so far. If it is less than `free`, the work starts at once. Otherwise it may have caused the crash, so it waits
 * `firstMs` milliseconds after `free` attempts, and twice as long after each further attempt. After `doublings`
 * doublings the wait stays the same.
 */
export const crashes = { free: 5, firstMs: 10_000, doublings: 6 };

/** What a runner learns from reading the file of a job: the layout of the result, and the slices in order. */
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
  /** Changes the settings of a draft (see `isDraft`). False if there is no such job, or if it has started. */
  configure(id: string, setup: JobSetup, now: number): Promise<boolean>;
  /** Pauses or resumes a job. False if the job has ended or does not exist. */
  setPaused(id: string, paused: boolean, now: number): Promise<boolean>;
  /** False if the job has ended or does not exist. */
  cancel(id: string, now: number): Promise<boolean>;
  /**
   * Keeps the list of a completed job until `keptUntil`, and verifies it again from `dueAt` on; null: no longer. False if the job
   * is not completed, or if a later job keeps its list.
   */
  keep(
    id: string,
    kept: { readonly keptUntil: number; readonly dueAt: number } | null,
    now: number,
  ): Promise<boolean>;
  /** The job that verified the list of a job again; null if there is none. */
  follower(id: string): Promise<Job | null>;
}

/**
 * The details of one job, by its id. The methods do not check whether the job belongs to the caller's workspace, because
 * runners call them for the jobs of all workspaces. For a caller, find the job with `JobRecords.job` first, which does check.
 */
export interface JobDetails {
  /** The numbers of rows by result, by reason and by action. Sorted by `kind`, then by `rows`, largest first. */
  counts(id: string): Promise<Count[]>;
  changes(id: string): Promise<Change[]>;
  /** The sum of the statistics of all slices that are done. For a completed job it is computed once and stored. */
  tally(id: string): Promise<ListTally>;
  /** The number of rows in the slices that were done at or after `since`. */
  rowsSince(id: string, since: number): Promise<number>;
  /** The slices that are done, from position `from` up to the first one that is not done; at most `limit`. */
  doneFrom(id: string, from: number, limit: number): Promise<DoneSlice[]>;
  /** Every slice of a completed job in order, each with the length of its result file in bytes (`resultBytes`). */
  results(id: string): Promise<(Slice & { readonly lease: number; readonly resultBytes: number })[]>;
  /** Every slice in order, whether it is done or not. */
  slices(id: string): Promise<Slice[]>;
  callbackState(id: string): Promise<CallbackState | null>;
}

/** The operations of runners, which do the work for the jobs of all workspaces: they lease work, and report its result. */
export interface JobLeases {
  /**
   * Leases the file of one queued job to the caller, which then reads it. Null if no file waits. For `lost`, see `claimSlice`.
   */
  claimFile(now: number, lost?: readonly number[]): Promise<{ job: Job; lease: Lease } | null>;
  /**
   * Stores the layout and the slices of a file that was read. From then on runners can claim the slices. False if
   * another runner has leased the file in the meantime, or if the job is no longer `queued`.
   */
  fileRead(job: Job, lease: Lease, plan: FilePlan, now: number): Promise<boolean>;
  /**
   * Leases the asking of mail hosts for one job that was read and whose hosts were not all asked. Null if there is none. For
   * `lost`, see `claimSlice`.
   */
  claimProof(now: number, lost?: readonly number[]): Promise<{ job: Job; lease: Lease } | null>;
  /**
   * Stores how far the asking has come. Resets the number of attempts if more is settled than before, because the work goes on. False if the work was leased by
   * another runner since, or if it must stop: the job is paused or has ended.
   */
  proofProgress(jobId: string, lease: Lease, progress: ProofProgress, now: number): Promise<boolean>;
  /**
   * Stores how far the asking has come, and ends the lease and the count of attempts. The next turn may begin at `nextAt`. Returns
   * false as above.
   */
  proofTurn(
    jobId: string,
    lease: Lease,
    progress: ProofProgress,
    nextAt: number,
    now: number,
  ): Promise<boolean>;
  /** Ends the asking, after its results are in the file. From then on runners can claim the slices. False as above. */
  proofDone(jobId: string, lease: Lease, progress: ProofProgress, now: number): Promise<boolean>;
  /**
   * Leases the first slice that may start. Null if there is none. `lost` lists the times (`now`) of earlier claims
   * whose answer from storage never arrived. No runner works under the leases of those claims, so they count as ended.
   * A lost claim is recognized by its time only: if another runner claimed work in the same millisecond, its lease
   * counts as ended, too.
   */
  claimSlice(now: number, lost?: readonly number[]): Promise<{ job: Job; slice: Slice; lease: Lease } | null>;
  /**
   * Adds the counts of a slice whose result file is written, and marks it as done. The last slice completes the job.
   * False if the slice is done already, if another runner has leased it in the meantime, or if the job is no longer
   * `verifying`; then nothing changes.
   */
  sliceDone(jobId: string, slice: Slice, lease: Lease, result: SliceResult, now: number): Promise<boolean>;
  /**
   * Makes a lease end later, as if it began at `now`. `position` is null for a file, and for asking mail hosts. Has no effect if another runner has leased
   * the work in the meantime, or if the work is done.
   */
  renew(jobId: string, position: number | null, lease: Lease, now: number): Promise<void>;
  /**
   * Gives up the lease on a slice because no DNS resolver answers, and resets its number of attempts to 0. No work of
   * the job starts before `notBefore`. `position` is null for asking mail hosts.
   */
  outage(jobId: string, position: number | null, lease: Lease, notBefore: number, now: number): Promise<void>;
  /**
   * Gives up a lease, so the work can start again at `retryAt`: after an internal error, or if many lookups got no
   * answer. `position` is the position of the slice, or null if the work was to read the file.
   */
  releaseClaim(jobId: string, position: number | null, lease: Lease, retryAt: number): Promise<void>;
  /** Whether the job was deleted. Its files may then be gone. */
  isDeleted(jobId: string): Promise<boolean>;
  /**
   * Ends every lease. Only for a service that runs in a single process. It calls this at startup, when all leases
   * belong to earlier processes that no longer run. Work that had many attempts must still wait (see `crashes`),
   * because it may have crashed those processes.
   */
  endAllLeases(now: number): Promise<void>;
  /**
   * Ends the job with an error. False if the job has ended already, or if another runner has leased its file since
   * `lease`.
   */
  fail(jobId: string, lease: Lease | null, error: JobError, now: number): Promise<boolean>;
  /**
   * `leased` is the number of files and slices that are leased now. `open` is whether a callback is due, or there is an
   * unfinished job (also a queued one) that is not paused and whose work need not wait for a later time. All work of such
   * a job may be leased already.
   */
  workload(now: number): Promise<{ leased: number; open: boolean }>;
}

/** Deletes jobs and abandoned uploads, and finds the kept lists that are to be verified again, in all workspaces. */
export interface JobLifecycle {
  endUpload(id: string): Promise<boolean>;
  uploadsBegunBefore(moment: number): Promise<string[]>;
  /** Hides the job from callers; `removeJob` then deletes its records. False if there is no such job. */
  markDeleting(id: string, now: number): Promise<boolean>;
  /**
   * The ids of jobs that `markDeleting` has hidden and whose leases have all ended. No worker writes their files any longer.
   */
  deletable(now: number): Promise<string[]>;
  removeJob(id: string): Promise<void>;
  /**
   * The ids of expired jobs. A kept list expires at its `keptUntil`; any other job expires if it has not changed since
   * `untouchedSince`.
   */
  expired(now: number, untouchedSince: number): Promise<string[]>;
  /** The jobs of kept lists that are due to be verified again: at most ten, those due longest first. */
  due(now: number): Promise<Job[]>;
  /**
   * Creates the job that verifies a kept list again, in the same workspace. The list is then kept by the new job and no
   * longer by the job `follows`. False if that job is not due any more, for example because another job has already
   * followed it.
   */
  follow(job: NewJob & { readonly follows: string }, plan: FilePlan): Promise<boolean>;
}

/** The callbacks that inform callers that a job was completed or has failed, for the jobs of all workspaces. */
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

// The data of a job, and the states that it goes through. A job verifies an uploaded list.

import type { CleanOptions } from '../lists/clean-slice.ts';
import type { ListPosition, ListShape } from '../lists/shape.ts';
import type { ListTally } from '../lists/tally.ts';
import type { MailQuestion } from '../suppression/scope.ts';

export type JobState = 'queued' | 'verifying' | 'completed' | 'failed' | 'cancelled' | 'deleting';

export type JobEvent = 'read' | 'finish' | 'fail' | 'cancel' | 'delete';

/**
 * State → event → next state. An event that is not listed is not allowed in that state. "Paused" is a flag of the job
 * (`paused`), not a state. A job in the state `deleting` is hidden from callers; its row disappears once all its data
 * is removed.
 */
export const transitions: Readonly<Record<JobState, Partial<Readonly<Record<JobEvent, JobState>>>>> = {
  queued: { read: 'verifying', fail: 'failed', cancel: 'cancelled', delete: 'deleting' },
  verifying: { finish: 'completed', fail: 'failed', cancel: 'cancelled', delete: 'deleting' },
  completed: { delete: 'deleting' },
  failed: { delete: 'deleting' },
  cancelled: { delete: 'deleting' },
  deleting: {},
};

const states = Object.keys(transitions) as JobState[];

/** The states in which `event` is allowed. */
export const statesBefore = (event: JobEvent): JobState[] =>
  states.filter((state) => transitions[state][event] !== undefined);

/** The states of a job that still has work to do: `queued` and `verifying`. */
export const openStates: readonly JobState[] = states.filter((state) => 'cancel' in transitions[state]);

export type ListFormat = 'csv' | 'ndjson';

/** The format in which a result can be downloaded. */
export type ResultFileFormat = ListFormat | 'xlsx';

/** The format of the result of a list: the one that the list has. */
export const formatOf = (shape: ListShape): ResultFileFormat =>
  shape.format === 'csv' && shape.workbook ? 'xlsx' : shape.format;

/** The form of a list, which a worker finds out when it reads the file of the job. */
export interface ListLayout {
  readonly shape: ListShape;
  /**
   * The text before the first row of the result: the byte order mark, and the lines up to the header, which has
   * presend's columns as well. Empty if the file has neither a mark nor a header.
   */
  readonly head: string;
  /** Number of contacts in the whole list. Set only if the job verifies a sample of it. */
  readonly sampledFrom?: number;
}

export interface JobOptions {
  /** The format that the caller named. Null: detect it from the contents. */
  readonly format: ListFormat | null;
  /**
   * The name or number of the address column, or the path of the address field. Null: find it by its name and
   * contents.
   */
  readonly emailColumn: string | null;
  /** The column with the date at which the address last worked, and that with its source. Absent: find them by their names. */
  readonly lastVerifiedColumn?: string;
  readonly sourceColumn?: string;
  /** Rows that were verified within this many days keep their verdict. */
  readonly maxAgeDays: number;
  /** The mail that the list is for. If absent, marketing mail. */
  readonly question?: MailQuestion;
  /** How the rows are written. Absent: unchanged, with messages in English. */
  readonly writing?: Pick<CleanOptions, 'repair' | 'dropDuplicates' | 'language' | 'profile'>;
  /** Whether a contact with several addresses becomes one row for each address. */
  readonly split?: boolean;
  /** A hard bounce rate such as 0.02. The result has only rows that together keep the forecast below it. */
  readonly goal?: number;
  /** If set, only this many rows are verified. They are drawn at random, and the result has no others. */
  readonly sample?: number;
  /** The id of the job from whose file the sample was drawn; the job itself has not started yet. */
  readonly sampleOf?: string;
  /** The name or number of the sheet of a workbook. Absent: the first sheet with an address column. */
  readonly sheet?: string;
  /** Ask mail hosts whether the mailboxes exist, before the slices are verified. */
  readonly proof?: true;
}

/** Why a job failed. */
export interface JobError {
  readonly code: string;
  /** One sentence for a person. Contains no address. */
  readonly message: string;
  /** The number of the row that has the fault, counted from 1. Null: the fault is not in one row. */
  readonly row: number | null;
}

export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly paused: boolean;
  /** No worker starts work of the job before this time. All times of a job are epoch milliseconds. */
  readonly notBefore: number;
  /**
   * The number of times in a row that the job had to wait because no DNS resolver answered. A finished slice resets
   * it to 0.
   */
  readonly outages: number;
  readonly version: number;
  readonly name: string | null;
  readonly options: JobOptions;
  /** Null until a worker has read the file. */
  readonly layout: ListLayout | null;
  readonly bytes: number;
  readonly rows: number | null;
  readonly rowsDone: number;
  /** The number of rows that kept the verdict of an earlier verification. */
  readonly rowsKept: number;
  readonly duplicates: number;
  readonly error: JobError | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly callbackUrl: string | null;
  readonly keptUntil: number | null;
  /**
   * When the list is due to be verified again: when its first verdict gets too old, but at the earliest a day after the
   * job was completed. Null before the job is completed, and for a list that is not kept.
   */
  readonly dueAt: number | null;
  /** The id of the job that verified this list the last time; null if this is the first time. */
  readonly follows: string | null;
  /** How far the asking of mail hosts has come. Null before it begins, and if the job asks none. */
  readonly proof: ProofProgress | null;
}

/** How far the asking about one slice has come. */
export interface SliceTurns {
  /** When its next turn is due, in epoch milliseconds; 0 before the first one. Null: its addresses are settled. */
  readonly at: number | null;
  readonly all: number;
  readonly settled: number;
}

/** How far the asking of mail hosts has come. */
export interface ProofProgress {
  /** Addresses that are asked about, and of how many of them the answer is known. */
  readonly all: number;
  readonly settled: number;
  /** When the asking began. Absent for jobs of earlier versions, and if nobody was asked. */
  readonly since?: number;
  /** The turns of each slice, if the hosts are asked in turns (see prove-in-turns.ts). */
  readonly turns?: readonly SliceTurns[];
}

export interface NewJob {
  readonly id: string;
  readonly name: string | null;
  readonly options: JobOptions;
  readonly bytes: number;
  readonly createdAt: number;
  readonly callbackUrl: string | null;
  /** The SHA-256 of the header Idempotency-Key, in hex; null if the request had none. */
  readonly requestKey: string | null;
  /**
   * The SHA-256 of the file and the parameters of the request, in hex. Shows whether a repeated key belongs to the
   * same request.
   */
  readonly requestFingerprint: string;
  readonly keptUntil: number | null;
  readonly follows: string | null;
  /** Whether the job waits for `setPaused`, so that its options can still be changed (see `JobRecords.configure`). */
  readonly paused?: boolean;
}

/** The settings of a job that can be changed until its file is read. */
export type JobSetup = Pick<NewJob, 'name' | 'options' | 'keptUntil'>;

/** Whether no runner has started the uploaded job yet, and none will before `setPaused`, so that its settings can be changed. */
export const isDraft = ({ state, paused, startedAt }: Job): boolean =>
  state === 'queued' && paused && startedAt === null;

/** A slice: consecutive rows of the job's file that a worker verifies together. */
export interface SlicePlan {
  readonly start: ListPosition;
  readonly bytes: number;
  readonly rows: number;
  /**
   * One bit for each contact of the slice (see row-bits.ts). A contact is a row that is not a blank line, a title or an
   * unreadable record. Its bit is set if it is a duplicate of another contact. Null: the slice has no duplicates.
   */
  readonly duplicates: string | null;
}

/**
 * A worker's claim on a file or a slice. It ends after some minutes. Each new lease on the same work has a higher
 * number.
 */
export interface Lease {
  readonly number: number;
  /** The number of attempts so far, including this one. A DNS outage resets it to 0. */
  readonly tries: number;
}

export interface Slice extends SlicePlan {
  readonly position: number;
}

/**
 * The state of the delivery of a job's callback. A job with a `callbackUrl` sends one when it is completed or has
 * failed.
 */
export interface CallbackState {
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  /** How the latest attempt ended, such as `status 500`; null before the first attempt. */
  readonly outcome: string | null;
}

/** The number of rows with one result, reason or action. For example, `{ kind: 'result', name: 'risky', rows: 12 }`. */
export interface Count {
  readonly kind: 'result' | 'reason' | 'action';
  readonly name: string;
  readonly rows: number;
}

/**
 * How many rows changed from one result to another since the previous verification of the list. `before` is empty for a
 * row without an earlier result.
 */
export interface Change {
  readonly before: string;
  readonly after: string;
  readonly rows: number;
}

/** Whether the job is completed, failed, cancelled or being deleted. */
export const hasEnded = ({ state }: Job): boolean => !openStates.includes(state);

/** What verifying one slice gave. */
export interface SliceResult {
  /** The length of the slice's result file. */
  readonly bytes: number;
  readonly tally: ListTally;
  /** The changes since the previous verification of this list. Empty if this is the first verification. */
  readonly changes: readonly Change[];
  /**
   * When the first verdict of the slice gets too old, in epoch milliseconds. Null for a list that is not verified
   * again.
   */
  readonly dueAt: number | null;
}

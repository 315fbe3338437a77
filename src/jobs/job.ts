// What a job is, and its state machine.

import type { ListPosition, ListShape } from '../lists/shape.ts';
import type { ListTally } from '../lists/tally.ts';
import type { MailQuestion } from '../suppression/scope.ts';

export type JobState = 'queued' | 'verifying' | 'completed' | 'failed' | 'cancelled' | 'deleting';

export type JobEvent = 'read' | 'finish' | 'fail' | 'cancel' | 'delete';

/**
 * State → event → next state. No other event is allowed. Paused is not a state: a paused job keeps its state.
 * A job in `deleting` is hidden from callers, and is gone when all its data is removed.
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

/** The states in which work can be done. */
export const openStates: readonly JobState[] = states.filter((state) => 'cancel' in transitions[state]);

export type ListFormat = 'csv' | 'ndjson';

/** The format of a list. */
export interface ListLayout {
  readonly shape: ListShape;
  /** The beginning of its result: the byte order mark and the header, if any. */
  readonly head: string;
}

export interface JobOptions {
  /** The format that the caller named. Null: it is detected from the contents. */
  readonly format: ListFormat | null;
  /** The address column or field; null: found by name and content. */
  readonly emailColumn: string | null;
  /** Rows verified within this many days keep their verdict. */
  readonly maxAgeDays: number;
  /** The mail that the list is for; absent: marketing. */
  readonly question?: MailQuestion;
}

/** Why a job failed. */
export interface JobError {
  readonly code: string;
  /** One sentence for a person. Contains no address. */
  readonly message: string;
  /** The row of the file with the fault, from 1. */
  readonly row: number | null;
}

export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly paused: boolean;
  /** No work of the job starts before this time. All times are epoch milliseconds. */
  readonly notBefore: number;
  /** Consecutive outages so far. */
  readonly outages: number;
  readonly version: number;
  readonly name: string | null;
  readonly options: JobOptions;
  /** Null until the file was read. */
  readonly layout: ListLayout | null;
  readonly bytes: number;
  readonly rows: number | null;
  readonly rowsDone: number;
  /** Rows that kept the verdict of an earlier verification. */
  readonly rowsKept: number;
  readonly duplicates: number;
  readonly error: JobError | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly callbackUrl: string | null;
  readonly keptUntil: number | null;
  /** When the first verdict of a kept list is due again. */
  readonly dueAt: number | null;
  /** Id of the job that verified this list before; null if there is none. */
  readonly follows: string | null;
}

export interface NewJob {
  readonly id: string;
  readonly name: string | null;
  readonly options: JobOptions;
  readonly bytes: number;
  readonly createdAt: number;
  readonly callbackUrl: string | null;
  /** SHA-256 of the Idempotency-Key in hex; null if none was sent. */
  readonly requestKey: string | null;
  /** SHA-256 of the request in hex. */
  readonly requestFingerprint: string;
  readonly keptUntil: number | null;
  readonly follows: string | null;
}

/** Consecutive rows of the job's file. */
export interface SlicePlan {
  readonly start: ListPosition;
  readonly bytes: number;
  readonly rows: number;
  /** Marks the rows whose address occurred earlier in the list, one bit per row (see row-bits.ts). Null: no duplicates. */
  readonly duplicates: string | null;
}

/** A claim on a piece of work that ends after some time. A later lease on the same work has a higher number. */
export interface Lease {
  readonly number: number;
  /** Attempts, including this one, since the work was last returned because of an outage. */
  readonly tries: number;
}

export interface Slice extends SlicePlan {
  readonly position: number;
}

/** The callback of a job that has ended. */
export interface CallbackState {
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  /** The outcome of the latest attempt, such as `status 500`; null before the first. */
  readonly outcome: string | null;
}

/** Row counts by result, reason or action. */
export interface Count {
  readonly kind: 'result' | 'reason' | 'action';
  readonly name: string;
  readonly rows: number;
}

export interface Change {
  readonly before: string;
  readonly after: string;
  readonly rows: number;
}

/** Whether the job has ended. Only deletion can follow. */
export const hasEnded = ({ state }: Job): boolean => !openStates.includes(state);

/** The result of one slice. */
export interface SliceResult {
  /** Length of the slice's result file. */
  readonly bytes: number;
  readonly tally: ListTally;
  /** How results changed since the job that verified the list before; empty if there is none. */
  readonly changes: readonly Change[];
  /** Epoch milliseconds at which its first verdict is due again; null for a list that is not kept. */
  readonly dueAt: number | null;
}

// What a job is, and which states it may pass through.

import type { ListPosition, ListShape } from '../lists/shape.ts';
import type { Tally } from '../lists/tally.ts';

export type JobState = 'queued' | 'verifying' | 'completed' | 'failed' | 'cancelled' | 'deleting';

export type JobEvent = 'read' | 'finish' | 'fail' | 'cancel' | 'delete';

/**
 * State → event → next state; what is not here does not happen. Being paused is no state: it holds a job where it is.
 * `deleting` is seen by nobody; it ends when the last trace is gone.
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

/** The states in which `event` may happen. */
export const statesBefore = (event: JobEvent): JobState[] =>
  states.filter((state) => transitions[state][event] !== undefined);

/** The states from which work goes on. */
export const openStates: readonly JobState[] = states.filter((state) => 'cancel' in transitions[state]);

export type ListFormat = 'csv' | 'ndjson';

/** How a list is written. */
export interface ListLayout {
  readonly shape: ListShape;
  /** What its result begins with: byte order mark and header, where it has them. */
  readonly head: string;
}

export interface JobOptions {
  /** Null: told from the contents. */
  readonly format: ListFormat | null;
  /** The column or field that holds the address; null: found by name and content. */
  readonly emailColumn: string | null;
  /** Rows verified within so many days keep their verdict. */
  readonly maxAgeDays: number;
}

/** Why a job failed. */
export interface JobError {
  readonly code: string;
  /** One sentence for a person. Names no address. */
  readonly message: string;
  /** The row of the file, from 1, where the trouble is. */
  readonly row: number | null;
}

export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly paused: boolean;
  /** Epoch milliseconds, as all times: no work is begun before. */
  readonly notBefore: number;
  /** In a row, up to this moment. */
  readonly outages: number;
  readonly version: number;
  readonly name: string | null;
  readonly options: JobOptions;
  /** Null until the file was read. */
  readonly layout: ListLayout | null;
  readonly bytes: number;
  readonly rows: number | null;
  readonly rowsDone: number;
  /** Of the rows done, those that kept their verdict. */
  readonly rowsKept: number;
  readonly duplicates: number;
  readonly error: JobError | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly callbackUrl: string | null;
  readonly keptUntil: number | null;
  /** When the first verdict of a list that is kept is due again. */
  readonly dueAt: number | null;
  /** The job that verified this list before. */
  readonly follows: string | null;
}

export interface NewJob {
  readonly id: string;
  readonly name: string | null;
  readonly options: JobOptions;
  readonly bytes: number;
  readonly createdAt: number;
  readonly callbackUrl: string | null;
  /** SHA-256 of the Idempotency-Key in hex; null where none was sent. */
  readonly requestKey: string | null;
  /** SHA-256 of what was sent, in hex. */
  readonly requestFingerprint: string;
  readonly keptUntil: number | null;
  readonly follows: string | null;
}

/** A run of rows of the job's file. */
export interface SlicePlan {
  readonly start: ListPosition;
  readonly bytes: number;
  readonly rows: number;
  /** One bit a row in hex, see row-bits.ts: the address stood further up in the list. Null: no row's did. */
  readonly duplicates: string | null;
}

/** A piece of work that is ours until the lease ends. A later lease on the same work has a higher number. */
export interface Lease {
  readonly number: number;
  /** How often the work was begun, this time included, since it last was given back for no fault of its own. */
  readonly tries: number;
}

export interface Slice extends SlicePlan {
  readonly position: number;
}

/** The callback of a job that has ended. */
export interface CallbackState {
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  /** What happened to the latest attempt, such as `status 500`. */
  readonly outcome: string | null;
}

/** Rows by one word of their verdict. */
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

/** Nothing happens to it any longer but that it is deleted. */
export const hasEnded = ({ state }: Job): boolean => !openStates.includes(state);

/** What came of one slice. */
export interface SliceResult {
  /** Length of the file that it was written to. */
  readonly bytes: number;
  readonly tally: Tally;
  /** Against the job that verified the list before; empty where there is none. */
  readonly changes: readonly Change[];
  /** Epoch milliseconds at which the first of the verdicts is due again; null for a list that is not kept. */
  readonly dueAt: number | null;
}

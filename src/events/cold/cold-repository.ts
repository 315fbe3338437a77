// The port for the record of files with older delivery events. Only one process changes files at a time: the one that claimed
// the work.

import type { StoredEvent } from '../event-repository.ts';

/** A file with events of one UTC day. Times are in epoch milliseconds. */
export interface ColdFile {
  readonly number: number;
  readonly name: string;
  /** Times of the oldest and the newest event. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly events: number;
  /** Length of the compressed file. */
  readonly bytes: number;
  /** SHA-256 of the content before compression, in lower-case hex. */
  readonly digest: string;
  /** The id of the last erasure that was applied to the file. */
  readonly erasedThrough: number;
}

export type NewColdFile = Omit<ColdFile, 'number'>;

/** An erasure that is not applied to all files yet. A later erasure has a greater id. Ids are never used again. */
export interface ColdErasure {
  readonly id: number;
  readonly keyId: string;
  readonly addressHash: string;
}

/** The place of an event in the order in which events are moved: by time, then by id. */
export interface ColdPlace {
  readonly at: number;
  readonly id: string;
}

/** How far events were moved. `before`: the time before which events are moved. */
export interface ColdProgress {
  readonly before: number;
  /** The last event that was moved or left in the database. */
  readonly place: ColdPlace;
  /** Whether there are no more events before `before`. */
  readonly isFinished: boolean;
}

export interface ColdSlice {
  /** The events to move, in order. */
  readonly events: readonly StoredEvent[];
  /** The last event that was looked at. */
  readonly end: ColdPlace;
}

/** Times before which there is something to do. Epoch milliseconds. */
export interface ColdDue {
  /** Events before this time are moved to files; null: no event is moved. */
  readonly moveBefore: number | null;
  /** Files whose newest event is older are removed. */
  readonly expiredBefore: number;
  /** Drafts that are older are removed from the store. */
  readonly draftsBefore: number;
  readonly now: number;
}

/** What the files of a workspace hold. */
export interface ColdTotals {
  readonly files: number;
  readonly events: number;
  readonly bytes: number;
}

export interface ColdRepository {
  /** Whether there is work that can be done now. Reads only. */
  hasWork(due: ColdDue): Promise<boolean>;
  /** Claims the work until `until`. False if another process has claimed it. */
  claim(now: number, until: number): Promise<boolean>;
  /** Ends the claim that `claim` made until `until`. */
  release(until: number): Promise<void>;

  progress(): Promise<ColdProgress>;
  setProgress(progress: ColdProgress): Promise<void>;
  /** Returns the time of the first event after `place` and before `before`; null if there is none. */
  nextAt(place: ColdPlace, before: number): Promise<number | null>;
  /**
   * Looks at no more than `limit` events after `place` and before `before`, and returns those that may be moved. Leaves out:
   * - unproven events, because they may come again with proof;
   * - soft bounces since the last delivery to the address, because the suppression rules count them;
   * - events that were received at or after `receivedBefore`, because the call that records them may still run.
   */
  slice(place: ColdPlace, before: number, receivedBefore: number, limit: number): Promise<ColdSlice>;

  /** Records that a file is being written. Call this before reading the events for the file. */
  begin(name: string, now: number): Promise<void>;
  /** Forgets a draft that was not written. */
  abandon(name: string): Promise<void>;
  /**
   * Makes a draft a valid file, deletes its events from the database and stores the progress, in one transaction. Events that
   * were erased in the meantime stay in the file. False if the draft is no longer recorded, or the progress is not `from` any
   * more, because another process moved events: nothing changes then.
   */
  keep(
    file: NewColdFile,
    ids: readonly string[],
    from: ColdProgress,
    progress: ColdProgress,
  ): Promise<boolean>;

  /** Returns the id of the latest erasure that is not applied to all files yet; 0 if there is none. */
  lastErasure(): Promise<number>;
  /** Returns the erasures after `erasedThrough`. */
  erasuresAfter(erasedThrough: number): Promise<readonly ColdErasure[]>;
  /** Returns files that lack an erasure, those that lack most first. Leaves out files that failed and are not due again. */
  filesToErase(now: number, limit: number): Promise<readonly ColdFile[]>;
  /** Records that a file has no events that the erasures up to `erasedThrough` erase. */
  markErased(file: ColdFile, erasedThrough: number): Promise<void>;
  /**
   * Replaces a file by the draft `next`, without the events with the ids `erased`, in one transaction. The old file becomes a
   * draft to remove. False if the draft or the old file is no longer recorded: nothing changes then.
   */
  replace(file: ColdFile, next: NewColdFile, erased: readonly string[], now: number): Promise<boolean>;
  /** Sets when to try a file again after a failure. */
  postpone(file: ColdFile, retryAt: number): Promise<void>;
  /**
   * Forgets the erasures that are applied to all files. Forgets none while a file is being written, because they may not be
   * applied to that file yet.
   */
  forgetErasures(): Promise<void>;

  /** Returns files whose newest event is older than `before`. Leaves out files that failed and are not due again. */
  expired(before: number, now: number, limit: number): Promise<readonly ColdFile[]>;
  /** Forgets a file and its events `ids` in one transaction. The file becomes a draft to remove. */
  forget(file: ColdFile, ids: readonly string[], now: number): Promise<void>;
  /**
   * Does the same as `forget` for a file that cannot be read. Because the ids of its events are not known, searches all stored
   * ids for those of this file, in small steps. May be called again after a failure.
   */
  forgetUnread(file: ColdFile, now: number): Promise<void>;
  /** Takes the drafts that began before `before`: from now on they cannot become valid files. Returns their names. */
  takeDrafts(before: number, limit: number): Promise<readonly string[]>;

  /** Returns files with events at or after `from` and before `to`, by time. */
  filesBetween(from: number, to: number): Promise<readonly ColdFile[]>;
  totals(): Promise<ColdTotals>;
}

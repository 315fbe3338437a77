// Older delivery events: moves them from the database to compressed files, erases persons from these files, and removes the
// files at the end of the retention.
//
// A process may be killed at any moment. A file becomes valid in the same transaction that deletes its events from the
// database, so each event is in exactly one of the two. A file that is not valid is recorded as a draft and is removed later.

import { dayMs, hourMs, minuteMs, startOfDay } from '../../durations.ts';
import type { FileStore } from '../../storage/files/file-store.ts';
import { plausibleMs } from '../bounce-trust.ts';
import type { StoredEvent } from '../event-repository.ts';
import { DamagedColdFile, encodeColdEvents } from './cold-format.ts';
import { readColdFile, withoutErased } from './cold-reader.ts';
import type {
  ColdDue,
  ColdFile,
  ColdPlace,
  ColdProgress,
  ColdRepository,
  NewColdFile,
} from './cold-repository.ts';

export interface ColdEventsPorts {
  readonly repository: ColdRepository;
  readonly files: FileStore;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Returns a new unique name, without slashes. */
  readonly newId: () => string;
  /** Milliseconds that events stay in the database, and that they are kept in all. */
  readonly hotMs: number;
  readonly retentionMs: number;
  /** Called with each failure. `file` is the name of the file that could not be read or written; null if it is none. */
  readonly onFailure: (error: unknown, file: string | null) => void;
  readonly limits?: ColdLimits;
}

/** How much one call of `maintain` does. */
export interface ColdLimits {
  /** Events in one file. Deleting so many from the database takes some tens of milliseconds, in which Node answers no request. */
  readonly eventsPerFile: number;
  /** Maximum number of files that are written. */
  readonly written: number;
  /** Maximum number of parts of days that are searched for events to move. */
  readonly looked: number;
  /** Maximum number of files that are read to erase persons. */
  readonly read: number;
  /** Maximum number of files that are removed. */
  readonly removed: number;
}

/** If `maintain` is called every five minutes, these limits allow it to move 1,000 events a second. */
export const defaultColdLimits: ColdLimits = {
  eventsPerFile: 2000,
  written: 150,
  looked: 300,
  read: 200,
  removed: 200,
};

/** D1 allows 1,000 statements in one run of a Worker, and a file takes about ten. */
export const workerColdLimits: ColdLimits = {
  eventsPerFile: 2000,
  written: 15,
  looked: 30,
  read: 60,
  removed: 60,
};

/**
 * The minimum milliseconds that events stay in the database. A bounce is trusted if mail to its recipient is recorded in the last
 * 30 days, and only the database is searched for that mail.
 */
export const leastHotMs = plausibleMs;

/** The folder of the files in the store. */
export const coldFolder = 'events';

/** Milliseconds for which one process claims the work. No step takes that long. */
const leaseMs = 10 * minuteMs;

/** Milliseconds before the end of the claim in which no further step begins. */
const leaseReserveMs = 3 * minuteMs;

/**
 * Milliseconds until a file that is no longer valid is removed. A backup copies the database first, and then still needs the
 * files that were valid at that time. A process that was suspended may also still write the file.
 */
const draftGraceMs = hourMs;

/** Milliseconds until a file that could not be read is tried again. */
const retryMs = hourMs;

export interface ColdEvents {
  /**
   * Does a limited part of the work that is due. Never rejects: calls `onFailure`, and the next call tries again. Does nothing
   * while another process does the work.
   */
  maintain(): Promise<void>;
}

/**
 * The time (epoch milliseconds) before which events may be in files: the start of a UTC day. Null if events stay in the database
 * for their whole retention.
 */
export const coldBefore = (
  { hotMs, retentionMs }: Pick<ColdEventsPorts, 'hotMs' | 'retentionMs'>,
  now: number,
): number | null => (hotMs >= retentionMs ? null : startOfDay(now - hotMs));

export function createColdEvents(ports: ColdEventsPorts): ColdEvents {
  const { repository, files, now, onFailure, limits = defaultColdLimits } = ports;

  /** Runs a step. Returns null if it failed. */
  async function attempt<T>(step: () => Promise<T>, file: string | null = null): Promise<T | null> {
    try {
      return await step();
    } catch (error) {
      onFailure(error, file);
      return null;
    }
  }

  const dueNow = (): ColdDue => ({
    moveBefore: coldBefore(ports, now()),
    expiredBefore: now() - ports.retentionMs,
    draftsBefore: now() - draftGraceMs,
    now: now(),
  });

  /** Writes a file under a draft name, and reads it again to verify it. */
  async function write(
    name: string,
    events: readonly StoredEvent[],
    erasedThrough: number,
  ): Promise<NewColdFile> {
    const { bytes, digest } = await encodeColdEvents(events);
    await files.put(name, once(bytes));
    await readColdFile(files, { name, digest });
    return {
      name,
      firstAt: events[0]!.at,
      lastAt: events.at(-1)!.at,
      events: events.length,
      bytes: bytes.length,
      digest,
      erasedThrough,
    };
  }

  /** Each file has a folder of its own, in which a store may leave parts of a file if the process is killed. */
  const newName = (at: number): string =>
    `${coldFolder}/${new Date(at).toISOString().slice(0, 10)}/${ports.newId()}/events.ndjson.gz`;

  const remove = (name: string): Promise<void> => files.removeFolder(name.slice(0, name.lastIndexOf('/')));

  /** Moves the events of one part of a day. Returns `left` if none of them may be moved, and `done` if there are no more. */
  async function moveSlice(before: number): Promise<'moved' | 'left' | 'failed' | 'done'> {
    const progress = await repository.progress();
    // Each day is moved once; late events of earlier days are moved with the next day.
    if (progress.isFinished && progress.before >= before) return 'done';
    const oldest = now() - ports.retentionMs;
    const isNew = progress.isFinished || progress.place.at < oldest;
    const place: ColdPlace = isNew ? { at: oldest, id: '' } : progress.place;
    const limit = progress.isFinished ? before : progress.before;
    const at = await repository.nextAt(place, limit);
    if (at === null) {
      await repository.setProgress({ before: limit, place, isFinished: true });
      return limit < before ? 'left' : 'done';
    }
    return moveDay(progress, place, limit, Math.min(startOfDay(at) + dayMs, limit));
  }

  /**
   * Moves events of one day. `from` is the stored progress, `place` the event after which to continue, and `end` the end of the
   * day or of the events to move.
   */
  async function moveDay(
    from: ColdProgress,
    place: ColdPlace,
    limit: number,
    end: number,
  ): Promise<'moved' | 'left' | 'failed'> {
    const name = newName(end - 1);
    // The order of these steps matters. An erasure is recorded for files only after the draft began. If it comes after
    // `erasedThrough` was read, it is applied to the file later.
    await repository.begin(name, now());
    const erasedThrough = await repository.lastErasure();
    const slice = await repository.slice(place, end, now() - hourMs, limits.eventsPerFile);
    const progress: ColdProgress = { before: limit, place: slice.end, isFinished: false };
    if (slice.events.length === 0) {
      await repository.abandon(name);
      await repository.setProgress(progress);
      return 'left';
    }
    const file = await attempt(() => write(name, slice.events, erasedThrough), name);
    if (file === null) return 'failed';
    const ids = slice.events.map(({ id }) => id);
    // If the file did not become valid, this process was suspended for a long time, and another process moved the events.
    if (!(await repository.keep(file, ids, from, progress))) await remove(name);
    return 'moved';
  }

  async function move(before: number, hasTime: () => boolean): Promise<void> {
    let written = 0;
    for (let looked = 0; looked < limits.looked && written < limits.written && hasTime(); looked++) {
      const moved = await moveSlice(before);
      if (moved === 'done' || moved === 'failed') return;
      if (moved === 'moved') written += 1;
    }
  }

  /** Erases persons from one file. */
  async function eraseFrom(file: ColdFile): Promise<void> {
    const erasures = await repository.erasuresAfter(file.erasedThrough);
    const through = erasures.at(-1)?.id ?? file.erasedThrough;
    const events = await readColdFile(files, file);
    const kept = withoutErased(events, erasures);
    if (kept.length === events.length) return repository.markErased(file, through);
    const keptIds = new Set(kept.map(({ id }) => id));
    const erased = events.map(({ id }) => id).filter((id) => !keptIds.has(id));
    if (kept.length === 0) return repository.forget(file, erased, now());
    const name = newName(file.firstAt);
    await repository.begin(name, now());
    const next = await write(name, kept, through);
    if (!(await repository.replace(file, next, erased, now()))) await remove(name);
  }

  async function erase(hasTime: () => boolean): Promise<void> {
    for (const file of await repository.filesToErase(now(), limits.read)) {
      if (!hasTime()) return;
      try {
        await eraseFrom(file);
      } catch (error) {
        onFailure(error, file.name);
        await repository.postpone(file, now() + retryMs);
        // If the storage failed, the other files would fail too. Only a damaged file is skipped.
        if (!(error instanceof DamagedColdFile)) return;
      }
    }
  }

  async function expire(before: number, hasTime: () => boolean): Promise<void> {
    for (const file of await repository.expired(before, now(), limits.removed)) {
      if (!hasTime()) return;
      const ids = await idsToForget(file);
      if (ids === null) return repository.postpone(file, now() + retryMs);
      if (ids === 'damaged') await repository.forgetUnread(file, now());
      else await repository.forget(file, ids, now());
    }
  }

  /** The ids of the events in a file. Null if the storage fails. */
  async function idsToForget(file: ColdFile): Promise<readonly string[] | 'damaged' | null> {
    try {
      return (await readColdFile(files, file)).map(({ id }) => id);
    } catch (error) {
      onFailure(error, file.name);
      return error instanceof DamagedColdFile ? 'damaged' : null;
    }
  }

  async function removeDrafts(before: number): Promise<void> {
    for (const name of await repository.takeDrafts(before, limits.removed))
      await attempt(async () => {
        await remove(name);
        await repository.abandon(name);
      }, name);
  }

  async function work(due: ColdDue, until: number): Promise<void> {
    const hasTime = () => now() < until - leaseReserveMs;
    await attempt(() => removeDrafts(due.draftsBefore));
    await attempt(() => expire(due.expiredBefore, hasTime));
    await attempt(() => erase(hasTime));
    await attempt(() => repository.forgetErasures());
    const { moveBefore } = due;
    if (moveBefore !== null) await attempt(() => move(moveBefore, hasTime));
  }

  return {
    async maintain() {
      const due = dueNow();
      const until = due.now + leaseMs;
      const isClaimed = await attempt(
        async () => (await repository.hasWork(due)) && repository.claim(due.now, until),
      );
      if (!isClaimed) return;
      await work(due, until);
      await attempt(() => repository.release(until));
    },
  };
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

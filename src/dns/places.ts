// Limits the number of concurrent DNS questions. A question is sent when it gets a place, and waits in a queue until then.
// Questions of forms go before those of batches, and these go before those of jobs.

import type { Timers } from '../clock.ts';

/**
 * What the question is for. `form`: a single address, for which a person usually waits. `batch`: a batch of addresses in one
 * request. `job`: a list that is validated in the background.
 */
export type Priority = 'form' | 'batch' | 'job';

/** The permission to send one question. It counts toward the limit until it is released or abandoned. */
export interface Place {
  /** Frees the place and immediately starts the next waiting question. Calling it again has no effect. */
  release(): void;
  /**
   * Frees the place although the question continues, in the background, without a waiting caller. Returns false and has no
   * effect if there are already too many questions in the background.
   */
  abandon(): boolean;
}

/** A question in the queue. The methods have no effect once the question has its place. */
export interface Waiting {
  /** Removes the question from the queue. */
  leave(): void;
  /** Raises the priority of the question. A lower priority has no effect. */
  promote(priority: Priority): void;
}

export interface Places {
  /**
   * Calls `start` with a place: immediately if one is free for `priority`, otherwise when one becomes free. Does not call
   * `start` after `until` (epoch milliseconds), the time at which the caller stops waiting.
   */
  take(priority: Priority, until: number, start: (place: Place) => void): Waiting;
  /** Returns a place if one is free for `priority`, otherwise null. */
  tryTake(priority: Priority): Place | null;
}

/** Places that tell how many questions there are. */
export interface CountedPlaces extends Places {
  load(): QuestionLoad;
}

export interface QuestionLoad {
  /** Number of questions that were sent and have a waiting caller. */
  readonly open: number;
  /** Number of questions that continue in the background. */
  readonly background: number;
  /** Number of questions in the queue. */
  readonly waiting: Readonly<Record<Priority, number>>;
}

export interface PlacesOptions {
  /** Number of places: the maximum number of concurrent questions, without those in the background. */
  readonly max: number;
  /**
   * Number of places that questions of batches (`fromBatches`) or of jobs (`fromJobs`) may not use, so these places stay free
   * for more urgent questions; 0 by default.
   */
  readonly kept?: { readonly fromBatches: number; readonly fromJobs: number };
  /** Maximum number of questions in the background, which continue without a waiting caller; 0 by default. */
  readonly background?: number;
}

interface Waiter {
  priority: Priority;
  readonly until: number;
  readonly start: (place: Place) => void;
}

const order: readonly Priority[] = ['form', 'batch', 'job'];

export function createPlaces(options: PlacesOptions, timers: Pick<Timers, 'now'>): CountedPlaces {
  const { max, kept = { fromBatches: 0, fromJobs: 0 }, background: mostBackground = 0 } = options;
  const most: Readonly<Record<Priority, number>> = {
    form: max,
    batch: max - kept.fromBatches,
    job: max - kept.fromJobs,
  };
  const waiting: Readonly<Record<Priority, Set<Waiter>>> = {
    form: new Set(),
    batch: new Set(),
    job: new Set(),
  };
  let open = 0;
  let background = 0;

  const startNext = () => {
    for (const priority of order) {
      if (open >= most[priority] || waiting[priority].size === 0) continue;
      const now = timers.now();
      for (const waiter of waiting[priority]) {
        if (waiter.until <= now) continue;
        waiting[priority].delete(waiter);
        waiter.start(newPlace());
        return;
      }
    }
  };

  const newPlace = (): Place => {
    let state: 'open' | 'background' | 'released' = 'open';
    open++;
    const freePlace = () => {
      open--;
      startNext();
    };
    return {
      release: () => {
        const before = state;
        state = 'released';
        if (before === 'open') freePlace();
        else if (before === 'background') background--;
      },
      abandon: () => {
        if (state !== 'open' || background >= mostBackground) return state === 'background';
        state = 'background';
        background++;
        freePlace();
        return true;
      },
    };
  };

  const tryTake = (priority: Priority): Place | null => (open < most[priority] ? newPlace() : null);

  return {
    load: () => ({
      ...{ open, background },
      waiting: { form: waiting.form.size, batch: waiting.batch.size, job: waiting.job.size },
    }),
    tryTake,
    take: (priority, until, start) => {
      const waiter: Waiter = { priority, until, start };
      if (open < most[priority]) {
        start(newPlace());
        return settled;
      }
      waiting[priority].add(waiter);
      return {
        leave: () => {
          waiting[waiter.priority].delete(waiter);
        },
        promote: (higher) => {
          if (order.indexOf(higher) >= order.indexOf(waiter.priority)) return;
          if (!waiting[waiter.priority].delete(waiter)) return;
          waiter.priority = higher;
          waiting[higher].add(waiter);
          startNext();
        },
      };
    },
  };
}

const settled: Waiting = { leave: () => {}, promote: () => {} };

/** Places without a limit. */
export const unlimitedPlaces: Places = {
  take: (_priority, _until, start) => {
    start(noPlace);
    return settled;
  },
  tryTake: () => noPlace,
};

const noPlace: Place = { release: () => {}, abandon: () => true };

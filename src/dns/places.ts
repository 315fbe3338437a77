// Limits the number of concurrent questions. Forms go before batches, batches before jobs.

import type { Timers } from '../clock.ts';

/** Who waits for the answer: `form` a single address, `batch` a batch of addresses, `job` a list in the background. */
export type Priority = 'form' | 'batch' | 'job';

export interface Place {
  /** Frees the place and starts the next waiting question in the same turn. Calling it again has no effect. */
  release(): void;
  /** Moves the question to the background and frees the place. Returns false, without effect, if the background is full. */
  abandon(): boolean;
}

export interface Waiting {
  leave(): void;
  promote(priority: Priority): void;
}

export interface Places {
  /**
   * Calls `start` with a place, at once if one is free for `priority`. Skips questions that wait past `until` (epoch
   * milliseconds), since their callers are about to leave.
   */
  take(priority: Priority, until: number, start: (place: Place) => void): Waiting;
  /** Takes a place if one is free now, else returns null. */
  tryTake(priority: Priority): Place | null;
}

export interface PlacesOptions {
  readonly max: number;
  /** Places that batches and jobs must leave free; 0 if absent. */
  readonly kept?: { readonly fromBatches: number; readonly fromJobs: number };
  /** Maximum number of questions that continue without a waiting caller; 0 if absent. */
  readonly background?: number;
}

interface Waiter {
  priority: Priority;
  readonly until: number;
  readonly start: (place: Place) => void;
}

const order: readonly Priority[] = ['form', 'batch', 'job'];

export function createPlaces(options: PlacesOptions, timers: Pick<Timers, 'now'>): Places {
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

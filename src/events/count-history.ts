// Counts the events that earlier versions stored, in small steps, so that other work does not wait long for storage.

import type { EventHistory } from '../reports/count.ts';

export interface HistoryCounting {
  /**
   * Counts some of the uncounted events. The next call goes on, also after the process was killed. Does nothing if there are none
   * or if a call is in progress. Never rejects.
   */
  tend(): Promise<void>;
}

export interface HistoryCountingOptions {
  readonly history: EventHistory;
  /** Number of events that one transaction counts. */
  readonly eventsAtOnce: number;
  /** Maximum number of transactions of one call. */
  readonly steps: number;
  readonly onFailure: (error: unknown) => void;
}

export function createHistoryCounting({
  history,
  eventsAtOnce,
  steps,
  onFailure,
}: HistoryCountingOptions): HistoryCounting {
  let isRunning = false;
  return {
    async tend() {
      if (isRunning) return;
      isRunning = true;
      try {
        for (let step = 0; step < steps; step++) {
          if ((await history.countNext(eventsAtOnce)) < eventsAtOnce) break;
          // node:sqlite blocks the process during a step.
          await new Promise((resolve) => setTimeout(resolve));
        }
      } catch (error) {
        onFailure(error);
      } finally {
        isRunning = false;
      }
    },
  };
}

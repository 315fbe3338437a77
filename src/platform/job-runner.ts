// Runs jobs in the Node process with a limited number of workers, which end when no work is left.

import type { Jobs } from '../jobs/job-service.ts';

export interface JobRunner {
  /** There may be new work. */
  wake(): void;
  /** Starts no more work; resolves when the running work is done. */
  stop(): Promise<void>;
}

export interface RunnerOptions {
  readonly lanes: number;
  /** Called on a database failure or a bug. */
  readonly onError: (error: unknown) => void;
}

/** Milliseconds between checks for delayed or retried work. Nothing calls `wake` for such work. */
const lookEveryMs = 500;
const maintainEveryMs = 5 * 60_000;

/** Only one process uses the database, so all leases that exist at startup belong to a dead process and end. */
export function startJobRunner(jobs: Jobs, { lanes, onError }: RunnerOptions): JobRunner {
  const running = new Set<Promise<void>>();
  let stopped = false;

  const runLane = async (): Promise<void> => {
    try {
      // After one piece of work there may be more.
      while (!stopped && (await jobs.doOne())) wake();
    } catch (error) {
      onError(error);
    }
  };
  const startLane = (): void => {
    const lane: Promise<void> = runLane().finally(() => running.delete(lane));
    running.add(lane);
  };
  const wake = (): void => {
    while (!stopped && running.size < lanes) startLane();
  };
  const lookForWork = (): void => {
    if (running.size === 0) startLane();
  };
  const keepUp = (): void => void jobs.maintain().catch(onError);

  const look = setInterval(lookForWork, lookEveryMs);
  const maintenance = setInterval(keepUp, maintainEveryMs);
  jobs.endAllLeases().then(keepUp, onError);

  return {
    wake,
    async stop() {
      stopped = true;
      clearInterval(look);
      clearInterval(maintenance);
      await Promise.all(running);
    },
  };
}

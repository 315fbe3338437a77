// Runs jobs within the Node process: so many pieces of work at a time, in lanes that end where no work is left.

import type { Jobs } from '../jobs/job-service.ts';

export interface JobRunner {
  /** Work may have come up. */
  wake(): void;
  /** Begins no more work; settles when what was begun is done. */
  stop(): Promise<void>;
}

export interface RunnerOptions {
  readonly lanes: number;
  /** The database failed, or a bug showed. */
  readonly onError: (error: unknown) => void;
}

/** Milliseconds between checks for work that nothing announces: delayed or retried. */
const lookEveryMs = 500;
const maintainEveryMs = 5 * 60_000;

/** One process works on a database: leases that are there when it starts are of one that is dead. */
export function startJobRunner(jobs: Jobs, { lanes, onError }: RunnerOptions): JobRunner {
  const running = new Set<Promise<void>>();
  let stopped = false;

  const runLane = async (): Promise<void> => {
    try {
      // Where there is one piece of work there may be more.
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

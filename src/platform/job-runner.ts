// Runs jobs in the Node process. A limited number of workers each do one piece of work after another, and end when no
// work is left.

import type { Jobs } from '../jobs/job-service.ts';

export interface JobRunner {
  /** Starts workers. Call it when there may be new work. */
  wake(): void;
  /** Starts no more work, and resolves when the work in progress is done. */
  stop(): Promise<void>;
}

/** The work that the runner starts. */
export interface BackgroundWork extends Pick<Jobs, 'doOne' | 'proveOne' | 'maintain' | 'endAllLeases'> {
  /** Asks mail hosts about verdicts whose proof follows (see `PendingProofs.ask`). */
  askPending?(signal: AbortSignal): Promise<boolean>;
}

export interface RunnerOptions {
  readonly lanes: number;
  /** Number of lists, and of groups of single addresses, about which mail hosts are asked at the same time; 4 by default. */
  readonly proofLanes?: number;
  /** Called with the error if the database fails or the program has a bug. */
  readonly onError: (error: unknown) => void;
}

/**
 * Milliseconds between checks for work that may start only later, such as a retry after a failure. Nothing calls `wake`
 * for such work.
 */
const lookEveryMs = 500;
const maintainEveryMs = 5 * 60_000;

/**
 * Starts the runner, and ends all leases on files and slices (parts of lists). A lease reserves work for one process.
 * Since only one process uses the database, the leases that exist at startup belong to a process that died.
 */
export function startJobRunner(
  jobs: BackgroundWork,
  { lanes, proofLanes = 4, onError }: RunnerOptions,
): JobRunner {
  const running = new Set<Promise<void>>();
  let stopped = false;

  const runLane = async (): Promise<void> => {
    try {
      // `doOne` did some work, so there may be more: `wake` starts the other workers too.
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
    startAsking(proving, (signal) => jobs.proveOne(signal));
    if (jobs.askPending !== undefined) startAsking(asking, (signal) => jobs.askPending!(signal));
  };

  // Asking mail hosts takes hours, most of them waits, so it has lanes of its own. Single addresses do not wait for lists.
  const proving = new Set<Promise<void>>();
  const asking = new Set<Promise<void>>();
  const stopping = new AbortController();
  const startAsking = (lanes: Set<Promise<void>>, ask: (signal: AbortSignal) => Promise<boolean>): void => {
    if (lanes.size >= proofLanes) return;
    const lane: Promise<void> = ask(stopping.signal)
      .then((isDone) => {
        if (isDone) wake();
      }, onError)
      .finally(() => lanes.delete(lane));
    lanes.add(lane);
  };
  const keepUp = (): void => void jobs.maintain().catch(onError);

  const look = setInterval(lookForWork, lookEveryMs);
  const maintenance = setInterval(keepUp, maintainEveryMs);
  jobs.endAllLeases().then(keepUp, onError);

  return {
    wake,
    async stop() {
      stopped = true;
      stopping.abort();
      clearInterval(look);
      clearInterval(maintenance);
      await Promise.all([...running, ...proving, ...asking]);
    },
  };
}

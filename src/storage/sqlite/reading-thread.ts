// Reads the database in a separate thread, because a long report would make all other requests wait.

import { Worker } from 'node:worker_threads';
import { createThreadPeer, type ThreadPeer } from '../../thread-peer.ts';
import type { ReadableDatabase, SqlValue } from '../database.ts';

export interface ReadingThread {
  readonly database: ReadableDatabase;
  /** Ends the thread. Pending reads reject. */
  close(): Promise<void>;
}

/** A question to the thread. The answer is the rows of this query. */
export interface ReadQuestion {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

interface Running {
  readonly worker: Worker;
  readonly peer: ThreadPeer;
}

/** Milliseconds without a read after which the thread ends, because it occupies about 10 MB. */
const idleMs = 30_000;

const program = new URL(
  `reading-thread-program.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
  import.meta.url,
);

/**
 * Returns the reads of a SQLite file that this process has opened in WAL mode. The thread starts with the first read and after a
 * pause.
 */
export function createReadingThread(path: string): ReadingThread {
  let running: Running | null = null;
  let idle: NodeJS.Timeout | undefined;
  let pending = 0;

  function end(): Promise<unknown> | undefined {
    const ended = running;
    running = null;
    clearTimeout(idle);
    ended?.peer.rejectAll(new Error('the thread that reads the database ended'));
    return ended?.worker.terminate();
  }

  function start(): Running {
    const worker = new Worker(program, {
      workerData: path,
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
    });
    // The thread does not keep the process alive.
    worker.unref();
    const started = { worker, peer: createThreadPeer(worker) };
    worker.on('error', (error: Error) => {
      if (running === started) running = null;
      started.peer.rejectAll(error);
    });
    return started;
  }

  async function read<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    clearTimeout(idle);
    running ??= start();
    const question: ReadQuestion = { sql, params };
    pending++;
    try {
      return (await running.peer.ask(question)) as Row[];
    } finally {
      pending--;
      if (pending === 0 && running !== null) idle = setTimeout(end, idleMs).unref();
    }
  }

  return {
    database: {
      all: read,
      first: async <Row>(sql: string, params?: readonly SqlValue[]) =>
        (await read<Row>(sql, params))[0] ?? null,
    },
    async close() {
      await end();
    },
  };
}

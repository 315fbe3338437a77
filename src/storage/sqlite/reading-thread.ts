// A database that is read in a thread of its own, so that no other request waits for a report.

import { Worker } from 'node:worker_threads';
import type { ReadableDatabase, SqlValue } from '../database.ts';

export interface ReadingThread {
  readonly database: ReadableDatabase;
  /** Ends the thread. Pending reads reject. */
  close(): Promise<void>;
}

/** What the thread is asked for: the rows of a query. */
export interface ReadQuestion {
  readonly id: number;
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** The rows, or the properties of the error that reading them threw. */
export type ReadAnswer = { readonly id: number } & (
  | { readonly rows: readonly unknown[] }
  | { readonly error: { readonly message: string; readonly code?: unknown; readonly errcode?: unknown } }
);

interface Waiting {
  readonly resolve: (rows: readonly unknown[]) => void;
  readonly reject: (error: Error) => void;
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
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  function rejectAll(error: Error): void {
    const all = [...waiting.values()];
    waiting.clear();
    for (const { reject } of all) reject(error);
  }

  function end(): Promise<unknown> | undefined {
    const ended = worker;
    worker = null;
    clearTimeout(idle);
    rejectAll(new Error('the thread that reads the database ended'));
    return ended?.terminate();
  }

  function start(): Worker {
    const started = new Worker(program, {
      workerData: path,
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
    });
    // The thread does not keep the process alive.
    started.unref();
    started.on('message', (answer: ReadAnswer) => {
      const { resolve, reject } = waiting.get(answer.id) ?? {};
      waiting.delete(answer.id);
      if ('rows' in answer) resolve?.(answer.rows);
      else reject?.(Object.assign(new Error(answer.error.message), answer.error));
      if (waiting.size === 0) idle = setTimeout(end, idleMs).unref();
    });
    started.on('error', (error: Error) => {
      if (worker !== started) return;
      worker = null;
      rejectAll(error);
    });
    return started;
  }

  function read<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    clearTimeout(idle);
    worker ??= start();
    const id = ++lastId;
    const question: ReadQuestion = { id, sql, params };
    worker.postMessage(question);
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
    });
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

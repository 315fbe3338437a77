// A database that is read in a thread of its own, so that no other request waits for a long read.

import type { ReadableDatabase, SqlValue } from '../storage/database.ts';
import { createOnDemandHelper, startThread } from './on-demand-helper.ts';

export interface ReadingThread {
  readonly database: ReadableDatabase;
  /** Waits until all reads are answered, and ends the thread. */
  close(): Promise<void>;
}

/** What the thread is asked for: the rows of a query. */
export interface ReadQuestion {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const idleMs = 30_000;

/** Returns the reads of a SQLite file that this process has opened in WAL mode. */
export function createReadingThread(path: string): ReadingThread {
  const thread = createOnDemandHelper({
    start: () =>
      startThread('reading-thread-program', {
        workerData: path,
        resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
      }),
    idleMs,
  });
  async function read<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    const question: ReadQuestion = { sql, params };
    return (await thread.ask(question)) as Row[];
  }
  return {
    database: {
      all: read,
      first: async <Row>(sql: string, params?: readonly SqlValue[]) =>
        (await read<Row>(sql, params))[0] ?? null,
    },
    close: () => thread.close(),
  };
}

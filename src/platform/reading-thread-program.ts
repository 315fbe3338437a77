// The program of the thread that reads the database, see reading-thread.ts.

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { createThreadPeer } from '../thread-peer.ts';
import type { ReadQuestion } from './reading-thread.ts';

const sqlite = new DatabaseSync(workerData as string, { readOnly: true, timeout: 5000 });
const prepared = new Map<string, StatementSync>();

createThreadPeer(parentPort!, ({ sql, params }: ReadQuestion) => {
  let statement = prepared.get(sql);
  if (statement === undefined) {
    statement = sqlite.prepare(sql);
    prepared.set(sql, statement);
  }
  return { value: statement.all(...params) };
});

// The program of the thread that works on the database, see database-thread.ts.

import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { nodeSqliteDatabase } from '../storage/sqlite/node-sqlite.ts';
import { createThreadPeer, type ThreadAnswer } from '../thread-peer.ts';
import type { DatabaseQuestion } from './database-thread.ts';
import { lowerThreadPriority } from './low-priority.ts';

lowerThreadPriority();

// The file exists, so a new one would be another database.
const file = new URL('?mode=rw', pathToFileURL(workerData as string));
const database = nodeSqliteDatabase(new DatabaseSync(file));

createThreadPeer(parentPort!, async (question: DatabaseQuestion): Promise<ThreadAnswer> => {
  if (question.kind === 'batch') return { value: await database.batch(question.statements) };
  const { kind, sql, params } = question;
  return { value: await database[kind](sql, params) };
});

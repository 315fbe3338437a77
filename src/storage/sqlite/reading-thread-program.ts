// The program of the thread that reads the database, see reading-thread.ts.

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { ReadAnswer, ReadQuestion } from './reading-thread.ts';

const sqlite = new DatabaseSync(workerData as string, { readOnly: true });
sqlite.exec('PRAGMA busy_timeout = 5000');
const prepared = new Map<string, StatementSync>();

function answer({ id, sql, params }: ReadQuestion): ReadAnswer {
  try {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = sqlite.prepare(sql);
      prepared.set(sql, statement);
    }
    return { id, rows: statement.all(...params) };
  } catch (error) {
    const { message, code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
    return { id, error: { message, code, errcode } };
  }
}

parentPort!.on('message', (question: ReadQuestion) => parentPort!.postMessage(answer(question)));

// The program of the thread that records delivery events. See event-thread.ts.

import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { MailHostNames } from '../dns/mail-host-names.ts';
import { keepMorePages, limitBusyWait, nodeSqliteDatabase } from '../storage/sqlite/node-sqlite.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import { createThreadPeer, type ThreadAnswer } from '../thread-peer.ts';
import { createEventIntake } from './event-intake.ts';
import type { EventThreadData, EventThreadQuestion, EventThreadRequest, NewEvent } from './event-thread.ts';

const { path, hashKey, settings } = workerData as EventThreadData;
const sqlite = new DatabaseSync(path);
const database = nodeSqliteDatabase(sqlite, { atEndOfTurn: setImmediate });
limitBusyWait(sqlite);
keepMorePages(sqlite);

const service = createThreadPeer(parentPort!, answer);
const ask = (request: EventThreadRequest) => service.ask(request);

/** New events that the main thread does not know yet. They are sent to the main thread in one message after each question. */
let newEvents: NewEvent[] = [];

const { feedback, espIntake } = createEventIntake({
  database,
  hasher: nodeHasher(hashKey),
  settings,
  now: Date.now,
  together: true,
  mailHostsOf: async (domains) =>
    (await ask({ kind: 'mail_hosts', domains })) as ReadonlyMap<string, MailHostNames>,
  async onPolicyBounces(stored) {
    await ask({ kind: 'policy_bounces', stored });
  },
  async onScoresTurned() {
    await ask({ kind: 'scores_turned' });
  },
  onNewEvent({ provider, class: bounceClass, kind }) {
    newEvents.push({ provider, class: bounceClass, kind });
  },
});

async function answer(question: EventThreadQuestion): Promise<ThreadAnswer> {
  try {
    return await take(question);
  } finally {
    const events = newEvents;
    newEvents = [];
    if (events.length > 0) void ask({ kind: 'new_events', events });
  }
}

async function take(question: EventThreadQuestion): Promise<ThreadAnswer> {
  if (question.kind === 'record') return { value: await feedback.record(question.events) };
  const { provider, body, now } = question;
  const headers = new Headers(question.headers.map(([name, value]): [string, string] => [name, value]));
  return { value: await espIntake.receive(provider, { headers, body, now }) };
}

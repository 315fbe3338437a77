// The program of the thread that records delivery events. See event-thread.ts.

import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import type { MailHostNames } from '../dns/mail-host-names.ts';
import { minuteMs } from '../durations.ts';
import { limitBusyWait, nodeSqliteDatabase, writeManyPages } from '../storage/sqlite/node-sqlite.ts';
import { nodeHasher } from '../suppression/node-hasher.ts';
import { createThreadPeer, type ThreadAnswer } from '../thread-peer.ts';
import { createEventIntake } from './event-intake.ts';
import type {
  EventThreadAnswer,
  EventThreadData,
  EventThreadQuestion,
  EventThreadRequest,
  NewEvent,
} from './event-thread.ts';
import { lowerThreadPriority } from './low-priority.ts';

lowerThreadPriority();

const { path, hashKey, settings } = workerData as EventThreadData;
const sqlite = new DatabaseSync(path);
const database = nodeSqliteDatabase(sqlite, { atEndOfTurn: setImmediate });
limitBusyWait(sqlite);
writeManyPages(sqlite);

const service = createThreadPeer(parentPort!, answer);
const ask = (request: EventThreadRequest) => service.ask(request);

/** New events that the main thread does not know yet. It gets them with the answer to each question. */
let newEvents: NewEvent[] = [];

/** The main thread is asked about new domains only, because each message interrupts it. */
const knownMailHosts = new LRUCache<string, MailHostNames>({ max: 10_000, ttl: 10 * minuteMs });

async function mailHostsOf(domains: readonly string[]): Promise<ReadonlyMap<string, MailHostNames>> {
  const unknown = domains.filter((domain) => !knownMailHosts.has(domain));
  if (unknown.length > 0) {
    const names = await ask({ kind: 'mail_hosts', domains: unknown });
    for (const [domain, one] of names as ReadonlyMap<string, MailHostNames>) knownMailHosts.set(domain, one);
  }
  const found = new Map<string, MailHostNames>();
  for (const domain of domains) {
    const names = knownMailHosts.get(domain);
    if (names !== undefined) found.set(domain, names);
  }
  return found;
}

const { feedback, espIntake } = createEventIntake({
  database,
  hasher: nodeHasher(hashKey),
  settings,
  now: Date.now,
  together: true,
  mailHostsOf,
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
    const result = await take(question);
    return { value: { result, newEvents: takeNewEvents() } satisfies EventThreadAnswer };
  } catch (error) {
    const events = takeNewEvents();
    if (events.length > 0) void ask({ kind: 'new_events', events });
    throw error;
  }
}

function takeNewEvents(): readonly NewEvent[] {
  const events = newEvents;
  newEvents = [];
  return events;
}

async function take(question: EventThreadQuestion): Promise<EventThreadAnswer['result']> {
  if (question.kind === 'record') return feedback.record(question.events);
  const { provider, body, now } = question;
  const headers = new Headers(question.headers.map(([name, value]): [string, string] => [name, value]));
  return espIntake.receive(provider, { headers, body, now });
}

// Fills the counters as a year of mail fills them, without storing the events: ten times as fast, and the counters are the same.

import type { DatabaseSync } from 'node:sqlite';
import { dayMs, hourMs } from '../../src/durations.ts';
import {
  type CountableEvent,
  type CountCell,
  cellKey,
  cellsOf,
  foldNames,
} from '../../src/storage/sqlite/event-cells.ts';

export interface Mail {
  /** Start of the first day, in epoch milliseconds. */
  readonly from: number;
  readonly days: number;
  readonly eventsADay: number;
}

/** The share of mail that bounces, is deferred or leads to a complaint or an unsubscribe. */
const failureShare = 0.03;

/** Numbers from 0 to 1, the same ones in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Returns names of which the first ones are frequent (Zipf's law), with their shares. */
function frequentNames(prefix: string, count: number): { name: string; share: number }[] {
  const total = Array.from({ length: count }, (_, index) => 1 / (index + 1)).reduce((a, b) => a + b);
  return Array.from({ length: count }, (_, index) => ({
    name: `${prefix}-${index}`,
    share: 1 / (index + 1) / total,
  }));
}

const providers = frequentNames('provider', 60);
const sources = frequentNames('source', 20);
const lists = frequentNames('list', 8);
const gateways = frequentNames('gateway', 8);
const mailHosts = frequentNames('host.example', 20_000);
/** The campaigns of one day: three that are sent on this day alone, and ten that go on all year. */
const campaignsOn = (day: number) => [
  ...frequentNames(`campaign of day ${day}`, 3).map(({ name, share }) => ({ name, share: share / 2 })),
  ...frequentNames('journey', 10).map(({ name, share }) => ({ name, share: share / 2 })),
];

const failures = [
  [30, 'bounce', 'hard', 'mailbox_unknown', '5.1.1'],
  [6, 'bounce', 'hard', 'mailbox_disabled', '5.2.1'],
  [4, 'bounce', 'hard', 'domain_unknown', '5.1.2'],
  [14, 'bounce', 'soft', 'mailbox_full', '4.2.2'],
  [5, 'bounce', 'soft', 'network_error', '4.4.1'],
  [4, 'bounce', 'soft', 'greylisted', '4.7.1'],
  [8, 'bounce', 'policy', 'blocked_reputation', '5.7.1'],
  [3, 'bounce', 'policy', 'spam_content', '5.7.0'],
  [2, 'bounce', 'policy', 'authentication_failed', '5.7.26'],
  [12, 'deferred', 'soft', 'rate_limited', '4.7.28'],
  [2, 'complaint', 'complaint', 'feedback', null],
  [10, 'unsubscribed', 'none', 'unknown', null],
] as const;

function picker<T>(from: readonly T[], shareOf: (one: T) => number, random: () => number): () => T {
  const ends: number[] = [];
  for (const one of from) ends.push((ends.at(-1) ?? 0) + shareOf(one));
  return () => {
    const at = random() * ends.at(-1)!;
    let low = 0;
    for (let high = ends.length - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (ends[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return from[low]!;
  };
}

const insertTally = `INSERT INTO event_tallies
  (workspace, every, dimension, start, name, sent, delivered, hard, soft, policy, complaint, unsubscribed, deferred)
  VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const insertCause = `INSERT INTO event_causes
  (workspace, every, dimension, start, name, failure, reason, status, messages)
  VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Fills the counters, and returns the number of events that they stand for. */
export function fillCounters(sqlite: DatabaseSync, { from, days, eventsADay }: Mail): number {
  const random = randomNumbers(7);
  const tally = sqlite.prepare(insertTally);
  const cause = sqlite.prepare(insertCause);
  const byShare = <T extends { share: number }>(names: readonly T[]) =>
    picker(names, ({ share }) => share, random);
  const [provider, source, list, gateway, mailHost] = [
    byShare(providers),
    byShare(sources),
    byShare(lists),
    byShare(gateways),
    byShare(mailHosts),
  ];
  const failure = picker(failures, ([weight]) => weight, random);
  const anEvent = (at: number, differences: Partial<CountableEvent>): CountableEvent => ({
    id: '',
    at,
    kind: 'delivered',
    class: 'none',
    reason: 'delivered',
    status: null,
    echo: false,
    addressHash: null,
    message: null,
    proof: 'proven',
    mailboxProvider: null,
    campaign: null,
    source: null,
    list: null,
    mailHost: null,
    gateway: null,
    ...differences,
  });
  let events = 0;
  for (let day = 0; day < days; day++) {
    const campaigns = campaignsOn(day);
    const campaign = byShare(campaigns);
    const added: CountableEvent[] = [];
    const volumes: CountCell[] = [];
    for (let hour = 0; hour < 24; hour++) {
      const at = from + day * dayMs + hour * hourMs;
      const ofHour = Math.round(eventsADay / 24);
      const failed = Math.round(ofHour * failureShare);
      events += ofHour;
      for (let index = 0; index < failed; index++) {
        const [, kind, bounceClass, reason, status] = failure();
        added.push(
          anEvent(at, {
            ...{ kind, class: bounceClass, reason, status },
            ...{ mailboxProvider: provider().name, source: source().name, list: list().name },
            ...{ campaign: campaign().name, gateway: random() < 0.3 ? gateway().name : null },
            mailHost: mailHost().name,
          }),
        );
      }
      const delivered = ofHour - failed;
      for (const [dimension, names] of [
        ['provider', providers],
        ['source', sources],
        ['list', lists],
        ['gateway', gateways],
        ['campaign', campaigns],
      ] as const)
        for (const { name, share } of names)
          for (const [every, start] of [
            ['hour', at],
            ['day', from + day * dayMs],
          ] as const)
            volumes.push(volume({ every, dimension, start, name }, Math.round(delivered * share)));
    }
    sqlite.exec('BEGIN');
    insertCells(joined([...cellsOf(added.map((event) => ({ event, sign: 1 }))), ...volumes]), tally, cause);
    sqlite.exec('COMMIT');
  }
  return events;
}

const volume = (
  place: Pick<CountCell, 'every' | 'dimension' | 'start' | 'name'>,
  delivered: number,
): CountCell => ({
  ...place,
  tally: { sent: 0, delivered, hard: 0, soft: 0, policy: 0, complaint: 0, unsubscribed: 0, deferred: 0 },
  causes: new Map(),
  hasLoss: false,
});

/** Sums cells of the same row, and limits the names of each hour and day as the service does. */
function joined(cells: readonly CountCell[]): CountCell[] {
  const found = new Map<string, CountCell>();
  for (const cell of cells) {
    const key = cellKey(cell);
    const before = found.get(key);
    if (before === undefined) found.set(key, cell);
    else before.tally.delivered += cell.tally.delivered;
  }
  return foldNames([...found.values()], new Set(found.keys()), new Map());
}

type Insert = ReturnType<DatabaseSync['prepare']>;

function insertCells(cells: readonly CountCell[], tally: Insert, cause: Insert): void {
  for (const { every, dimension, start, name, tally: t, causes } of cells) {
    const place = [every, dimension, start, name];
    tally.run(
      ...place,
      t.sent,
      t.delivered,
      t.hard,
      t.soft,
      t.policy,
      t.complaint,
      t.unsubscribed,
      t.deferred,
    );
    for (const { failure, reason, status, messages } of causes.values())
      cause.run(...place, failure, reason, status, messages);
  }
}

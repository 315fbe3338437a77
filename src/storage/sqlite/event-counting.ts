// Counts events in the transaction that stores them, in SQLite: node:sqlite and D1.

import { dayMs, hourMs, startOfHour } from '../../durations.ts';
import type { CountQuery } from '../../reports/count.ts';
import type { Database, Statement } from '../database.ts';
import {
  type CountableEvent,
  type CountCell,
  cellKey,
  cellsOf,
  countChanges,
  type FailureGroup,
  failureGroupKey,
  failureGroupOf,
  foldNames,
  isUnnamed,
  latestOfGroups,
  periodKey,
} from './event-cells.ts';
import { isFailureOfMessage, readColumnsOf } from './event-columns.ts';

/** Maximum number of rows in one parameter. D1 allows 2 MB, and a name has up to 200 characters. */
const rowsAtOnce = 2000;

/** A new event, an unproven event that gets proof, or an event that an earlier version stored. */
export interface UncountedEvent {
  readonly event: CountableEvent;
  /** Whether the event is already counted as unproven. */
  readonly wasUnproven: boolean;
}

const countedOfMessages = `
  SELECT ${readColumnsOf('delivery_events')} FROM json_each(?2) AS asked CROSS JOIN delivery_events INDEXED BY delivery_events_message
  WHERE workspace = ?1 AND message = asked.value ->> 0 AND address_hash IS asked.value ->> 1
    AND ${isFailureOfMessage} AND proof <> 'unproven' AND counted = 1`;

// Fails if an event was counted for a message since the events of the message were read (see `event_conflicts`).
const failIfOthersCounted = `
  INSERT INTO event_conflicts (conflict) SELECT 1 WHERE EXISTS (
    SELECT 1 FROM json_each(?2) AS asked WHERE asked.value ->> 3 IS NOT (
      SELECT id FROM delivery_events INDEXED BY delivery_events_message
      WHERE workspace = ?1 AND message = asked.value ->> 0 AND address_hash IS asked.value ->> 1
        AND ${isFailureOfMessage} AND kind NOT IN ('sent', 'delivered') AND proof <> 'unproven' AND counted = 1
        AND asked.value ->> 2 = CASE
          WHEN kind = 'unsubscribed' THEN 'unsubscribed' WHEN class = 'complaint' THEN 'complaint' ELSE 'bounce' END
      ORDER BY at DESC, id DESC LIMIT 1
    )
  )`;

const missingRows = `
  SELECT key AS "index" FROM json_each(?2) AS asked WHERE NOT EXISTS (
    SELECT 1 FROM event_tallies
    WHERE workspace = ?1 AND every = asked.value ->> 0 AND dimension = asked.value ->> 1
      AND start = asked.value ->> 2 AND name = asked.value ->> 3
  )`;

const rowsOfPeriods = `
  SELECT (
    SELECT count(*) FROM event_tallies
    WHERE workspace = ?1 AND every = asked.value ->> 0 AND dimension = asked.value ->> 1 AND start = asked.value ->> 2
  ) AS "rows" FROM json_each(?2) AS asked ORDER BY key`;

// `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const addTallies = `
  INSERT INTO event_tallies (
    workspace, every, dimension, start, name, sent, delivered, hard, soft, policy, complaint, unsubscribed, deferred
  )
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10, value ->> 11
  FROM json_each(?2) WHERE true ON CONFLICT DO UPDATE SET
    sent = sent + excluded.sent,
    delivered = delivered + excluded.delivered,
    hard = hard + excluded.hard,
    soft = soft + excluded.soft,
    policy = policy + excluded.policy,
    complaint = complaint + excluded.complaint,
    unsubscribed = unsubscribed + excluded.unsubscribed,
    deferred = deferred + excluded.deferred`;

const addCauses = `
  INSERT INTO event_causes (workspace, every, dimension, start, name, failure, reason, status, messages)
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
  FROM json_each(?2) WHERE true ON CONFLICT DO UPDATE SET messages = messages + excluded.messages`;

const addUnproven = `
  INSERT INTO unproven_tallies (workspace, start, events)
  SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2) WHERE true
  ON CONFLICT DO UPDATE SET events = events + excluded.events`;

/**
 * Returns the statements that count events. The caller runs them in the transaction that stores the events or marks
 * them as counted. The transaction fails if another one changed in between what the counts depend on (see
 * `retryConflicts`).
 */
export async function countStatements(
  database: Database,
  workspace: string,
  uncounted: readonly UncountedEvent[],
): Promise<Statement[]> {
  const events = uncounted.map(({ event }) => event);
  const groups = groupsOf(events.filter(({ proof }) => proof !== 'unproven'));
  const counted = latestOfGroups(
    groups.length === 0
      ? []
      : await database.all<CountableEvent>(countedOfMessages, [
          workspace,
          JSON.stringify(groups.map(({ message, addressHash }) => [message, addressHash])),
        ]),
  );
  const cells = await withLimitedNames(database, workspace, cellsOf(countChanges(events, counted)));
  const guards = groups.map((group) => [
    group.message,
    group.addressHash,
    group.kind,
    counted.get(failureGroupKey(group))?.id ?? null,
  ]);
  return [
    ...statements(failIfOthersCounted, workspace, guards),
    ...statements(addTallies, workspace, tallyRows(cells)),
    ...statements(addCauses, workspace, causeRows(cells)),
    ...statements(addUnproven, workspace, unprovenRows(uncounted)),
  ];
}

function groupsOf(events: readonly CountableEvent[]): FailureGroup[] {
  const groups = events.map(failureGroupOf).filter((group) => group !== null);
  return [...new Map(groups.map((group) => [failureGroupKey(group), group])).values()];
}

async function withLimitedNames(
  database: Database,
  workspace: string,
  cells: readonly CountCell[],
): Promise<readonly CountCell[]> {
  const named = cells.filter((cell) => !isUnnamed(cell));
  const missing: CountCell[] = [];
  for (const some of chunks(named)) {
    const keys = some.map(({ every, dimension, start, name }) => [every, dimension, start, name]);
    const rows = await database.all<{ index: number }>(missingRows, [workspace, JSON.stringify(keys)]);
    missing.push(...rows.map(({ index }) => some[index]!));
  }
  if (missing.length === 0) return cells;
  const periods = [...new Map(missing.map((cell) => [periodKey(cell), cell])).values()];
  const held = new Map<string, number>();
  for (const some of chunks(periods)) {
    const keys = some.map(({ every, dimension, start }) => [every, dimension, start]);
    const counts = await database.all<{ rows: number }>(rowsOfPeriods, [workspace, JSON.stringify(keys)]);
    for (const [index, { rows }] of counts.entries()) held.set(periodKey(some[index]!), rows);
  }
  return foldNames(cells, new Set(missing.map(cellKey)), held);
}

const tallyRows = (cells: readonly CountCell[]) =>
  cells
    .filter(({ tally }) => Object.values(tally).some((messages) => messages !== 0))
    .map(({ every, dimension, start, name, tally }) => [
      ...[every, dimension, start, name, tally.sent, tally.delivered, tally.hard, tally.soft, tally.policy],
      ...[tally.complaint, tally.unsubscribed, tally.deferred],
    ]);

const causeRows = (cells: readonly CountCell[]) =>
  cells.flatMap(({ every, dimension, start, name, causes }) =>
    [...causes.values()]
      .filter(({ messages }) => messages !== 0)
      .map(({ failure, reason, status, messages }) => [
        ...[every, dimension, start, name, failure, reason, status, messages],
      ]),
  );

function unprovenRows(uncounted: readonly UncountedEvent[]): (readonly [number, number])[] {
  const hours = new Map<number, number>();
  for (const { event, wasUnproven } of uncounted) {
    const hour = startOfHour(event.at);
    const change = Number(event.proof === 'unproven') - Number(wasUnproven);
    if (change !== 0) hours.set(hour, (hours.get(hour) ?? 0) + change);
  }
  return [...hours];
}

/** Splits rows into several statements; none if there are no rows. */
const statements = (sql: string, workspace: string, rows: readonly unknown[]): Statement[] =>
  chunks(rows).map((some) => ({ sql, params: [workspace, JSON.stringify(some)] }));

const chunks = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / rowsAtOnce) }, (_, index) =>
    all.slice(index * rowsAtOnce, (index + 1) * rowsAtOnce),
  );

const dimensions: readonly CountQuery['by'][] = [
  ...(['provider', 'gateway', 'source', 'campaign', 'list', 'mail_host', 'reason', 'status'] as const),
];

// Every counted event counts by provider, so that dimension has the oldest row.
const deleteCounts = (table: 'event_tallies' | 'event_causes') => `
  DELETE FROM ${table}
  WHERE workspace = ?1 AND every = ?2 AND dimension IN (SELECT value FROM json_each(?3))
    AND start < min(?4, ?5 + (
      SELECT start FROM ${table} WHERE workspace = ?1 AND every = ?2 AND dimension = 'provider'
      ORDER BY start LIMIT 1
    ))`;

const deleteUnproven = 'DELETE FROM unproven_tallies WHERE workspace = ? AND start < ?';

/** Milliseconds of counts that one call deletes, by hour and by day. A day of hours takes some 50 to 100 milliseconds. */
const deletedMs = { hour: 6 * hourMs, day: 7 * dayMs } as const;

/**
 * Returns the statements that delete the counts of hours and days that ended before `before` (epoch milliseconds), the oldest
 * first. They delete a limited number.
 */
export const deleteCountsBefore = (workspace: string, before: number): Statement[] => [
  ...(['hour', 'day'] as const).flatMap((every) => {
    const ms = every === 'hour' ? hourMs : dayMs;
    const end = Math.floor(before / ms) * ms;
    const params = [workspace, every, JSON.stringify(dimensions), end, deletedMs[every]];
    return [
      { sql: deleteCounts('event_causes'), params },
      { sql: deleteCounts('event_tallies'), params },
    ];
  }),
  { sql: deleteUnproven, params: [workspace, startOfHour(before)] },
];

const mostAttempts = 5;

/**
 * Runs `work` again if its transaction failed because another one changed what it had read. `work` reads and then writes in one
 * batch.
 */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || attempt === mostAttempts) throw error;
    }
  }
}

/** Whether a constraint failed. SQLite's extended code (`errcode` of node:sqlite) has the primary code in its lowest byte. */
function isConflict(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === 'SQLITE_CONSTRAINT' || (typeof errcode === 'number' && errcode % 256 === 19);
}

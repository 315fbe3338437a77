// Stores and counts delivery events in one transaction, in SQLite: node:sqlite and D1.

import type { StoredEvent } from '../../events/event-repository.ts';
import type { EventHistory } from '../../reports/count.ts';
import type { Database, Statement } from '../database.ts';
import {
  type EventRow,
  eventOfRow,
  insertColumns,
  readColumnsOf,
  rowColumns,
  rowOf,
} from './event-columns.ts';
import { countStatements, retryConflicts } from './event-counting.ts';

const readColumns = readColumnsOf('delivery_events');

const stored = `
  SELECT ${readColumns}, counted
  FROM json_each(?2) AS asked CROSS JOIN delivery_events ON workspace = ?1 AND delivery_events.id = asked.value`;

// Fails if the event is stored already.
const insert = `
  INSERT INTO delivery_events (workspace, counted, ${insertColumns})
  SELECT ?1, 1, ${rowColumns} FROM json_each(?2)`;

// Updates existing rows. It is an INSERT whose rows always conflict, and not an UPDATE, so that SQLite starts from the few
// given events. `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const addProof = `
  INSERT INTO delivery_events (workspace, counted, ${insertColumns})
  SELECT ?1, 1, ${rowColumns} FROM json_each(?2)
  WHERE true ON CONFLICT DO UPDATE SET proof = excluded.proof, received_at = excluded.received_at, counted = 1`;

// Fails if one of the events was deleted, got proof or was counted since it was read (see `event_conflicts`).
const failIfChanged = `
  INSERT INTO event_conflicts (conflict) SELECT 1 WHERE EXISTS (
    SELECT 1 FROM json_each(?2) AS asked WHERE NOT EXISTS (
      SELECT 1 FROM delivery_events
      WHERE workspace = ?1 AND id = asked.value ->> 0 AND counted = asked.value ->> 1 AND proof = asked.value ->> 2
    )
  )`;

const uncounted = `
  SELECT ${readColumns}, counted FROM delivery_events INDEXED BY delivery_events_uncounted
  WHERE workspace = ? AND counted = 0 ORDER BY at DESC LIMIT ?`;

// The condition `counted = 0` is missing on purpose, because SQLite would then not look up the events by their ids.
// `failIfChanged` checks this condition.
const markCounted = `
  UPDATE delivery_events SET counted = 1 WHERE workspace = ?1 AND id IN (SELECT value FROM json_each(?2))`;

const newestUncounted = `
  SELECT at FROM delivery_events INDEXED BY delivery_events_uncounted
  WHERE workspace = ? AND counted = 0 ORDER BY at DESC LIMIT 1`;

type Counted = { readonly counted: 0 | 1 };

/**
 * Stores and counts events, and runs `others` in the same transaction. An event that is stored already changes nothing, unless
 * the stored event is unproven and this one has proof.
 */
export async function storeAndCount(
  database: Database,
  workspace: string,
  events: readonly StoredEvent[],
  others: readonly Statement[],
): Promise<void> {
  const given = oneForEachId(events);
  await retryConflicts(async () => {
    const ids = JSON.stringify(given.map(({ id }) => id));
    const rows = (await database.all<EventRow & Counted>(stored, [workspace, ids])).map(eventOfRow);
    const rowOfId = new Map(rows.map((row) => [row.id, row]));
    const fresh = given.filter(({ id }) => !rowOfId.has(id));
    const proven = given.flatMap((event) => {
      const row = rowOfId.get(event.id);
      return row?.proof === 'unproven' && event.proof !== 'unproven'
        ? [{ row, event: { ...row, proof: event.proof, receivedAt: event.receivedAt } }]
        : [];
    });
    const counts = await countStatements(database, workspace, [
      ...fresh.map((event) => ({ event, wasUnproven: false })),
      ...proven.map(({ row, event }) => ({ event, wasUnproven: row.counted === 1 })),
    ]);
    const unchanged = failIfChangedStatements(
      workspace,
      proven.map(({ row }) => row),
    );
    await database.batch([
      ...unchanged,
      ...counts,
      ...insertStatements(insert, workspace, fresh),
      ...insertStatements(
        addProof,
        workspace,
        proven.map(({ event }) => event),
      ),
      ...others,
    ]);
  });
}

/** If an event occurs unproven and with proof, the first one gets the proof. */
function oneForEachId(events: readonly StoredEvent[]): StoredEvent[] {
  const one = new Map<string, StoredEvent>();
  for (const event of events) {
    const before = one.get(event.id);
    if (before === undefined) one.set(event.id, event);
    else if (before.proof === 'unproven' && event.proof !== 'unproven')
      one.set(event.id, { ...before, proof: event.proof, receivedAt: event.receivedAt });
  }
  return [...one.values()];
}

const insertStatements = (sql: string, workspace: string, events: readonly StoredEvent[]): Statement[] =>
  events.length === 0 ? [] : [{ sql, params: [workspace, JSON.stringify(events.map(rowOf))] }];

const failIfChangedStatements = (workspace: string, rows: readonly (StoredEvent & Counted)[]): Statement[] =>
  rows.length === 0
    ? []
    : [
        {
          sql: failIfChanged,
          params: [workspace, JSON.stringify(rows.map(({ id, counted, proof }) => [id, counted, proof]))],
        },
      ];

/** Counts the events that earlier versions stored. */
export const createEventHistory = (database: Database, workspace = 'default'): EventHistory => ({
  countNext: (limit) =>
    retryConflicts(async () => {
      const rows = (await database.all<EventRow & Counted>(uncounted, [workspace, limit])).map(eventOfRow);
      if (rows.length === 0) return 0;
      const counts = await countStatements(
        database,
        workspace,
        rows.map((event) => ({ event, wasUnproven: false })),
      );
      await database.batch([
        ...failIfChangedStatements(workspace, rows),
        ...counts,
        { sql: markCounted, params: [workspace, JSON.stringify(rows.map(({ id }) => id))] },
      ]);
      return rows.length;
    }),

  async newestUncounted() {
    return (await database.first<{ at: number }>(newestUncounted, [workspace]))?.at ?? null;
  },
});

// The counts of what came in through each webhook, in SQLite: node:sqlite and D1.

import { dayMs, startOfHour } from '../../durations.ts';
import type { HookCount, HookRepository, NewHookCounts } from '../../events/hook-counts.ts';
import type { Database, Statement } from '../database.ts';

// `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const add = `
  INSERT INTO hook_counts
    (workspace, day, since, hook, events, naming_nobody, refused, last_event_at, refused_at, refused_why)
  SELECT ?1, ?2, ?3, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
  FROM json_each(?4) WHERE true ON CONFLICT DO UPDATE SET
    since = min(since, excluded.since),
    events = events + excluded.events,
    naming_nobody = naming_nobody + excluded.naming_nobody,
    refused = refused + excluded.refused,
    last_event_at = coalesce(max(last_event_at, excluded.last_event_at), last_event_at, excluded.last_event_at),
    refused_why = iif(excluded.refused_at >= coalesce(refused_at, 0), excluded.refused_why, refused_why),
    refused_at = coalesce(max(refused_at, excluded.refused_at), refused_at, excluded.refused_at)`;

// `WHERE true` is needed here too.
const addHours = `
  INSERT INTO hook_hours (workspace, hook, hour, events, refused)
  SELECT ?1, value ->> 0, ?2, value ->> 1, value ->> 3
  FROM json_each(?3) WHERE true ON CONFLICT DO UPDATE SET
    events = events + excluded.events, refused = refused + excluded.refused`;

const hours =
  'SELECT hook, hour, events, refused FROM hook_hours WHERE workspace = ? AND hour >= ? ORDER BY hour';

// SQLite takes `refused_why` from the row with the maximum only if the query has one max(), hence the subquery.
const totals = `
  SELECT hook, min(since) AS since, sum(events) AS events, sum(naming_nobody) AS namingNobody, sum(refused) AS refused,
    max(last_event_at) AS lastEventAt, max(refused_at) AS refusedAt, (
      SELECT refused_why FROM hook_counts AS refusal
      WHERE refusal.workspace = ?1 AND refusal.hook = counted.hook AND refused_at IS NOT NULL
      ORDER BY refused_at DESC LIMIT 1
    ) AS refusedWhy
  FROM hook_counts AS counted WHERE workspace = ?1 GROUP BY hook`;

type TotalsRow = Omit<HookCount, 'lastRefusal'> & {
  readonly since: number;
  readonly refusedAt: number | null;
  readonly refusedWhy: string | null;
};

/** Returns the statements that add counts; none if there are no counts. */
export function hookCountStatements(workspace: string, { counts, at }: NewHookCounts): Statement[] {
  if (counts.length === 0) return [];
  const rows = JSON.stringify(
    counts.map(({ hook, events, namingNobody, refused, lastEventAt, lastRefusal }) => [
      ...[hook, events, namingNobody, refused, lastEventAt],
      ...[lastRefusal?.at ?? null, lastRefusal?.why ?? null],
    ]),
  );
  return [
    { sql: add, params: [workspace, Math.floor(at / dayMs), at, rows] },
    { sql: addHours, params: [workspace, startOfHour(at), rows] },
  ];
}

export const createHookRepository = (database: Database, workspace = 'default'): HookRepository => ({
  async add(counted) {
    await database.batch(hookCountStatements(workspace, counted));
  },

  async totals() {
    const rows = await database.all<TotalsRow>(totals, [workspace]);
    return {
      since: rows.length === 0 ? null : Math.min(...rows.map(({ since }) => since)),
      counts: rows.map(({ since: _, refusedAt, refusedWhy, ...count }) => ({
        ...count,
        lastRefusal: refusedAt === null ? null : { at: refusedAt, why: refusedWhy! },
      })),
    };
  },

  async hours(from) {
    return database.all(hours, [workspace, from]);
  },

  async deleteBefore(before, hoursBefore = before) {
    await database.batch([
      {
        sql: 'DELETE FROM hook_counts WHERE workspace = ? AND day < ?',
        params: [workspace, Math.floor(before / dayMs)],
      },
      { sql: 'DELETE FROM hook_hours WHERE workspace = ? AND hour < ?', params: [workspace, hoursBefore] },
    ]);
  },
});

// The alerts and their deliveries, in SQLite: node:sqlite and D1.

import type { Alert } from '../../alerts/alert.ts';
import type {
  AlertDelivery,
  AlertDeliveryState,
  AlertOutbox,
  AlertTargetState,
  KeptAlert,
} from '../../alerts/alert-outbox.ts';
import type { Database } from '../database.ts';
import { createOutbox, type OutboxTable } from './outbox.ts';

/** `seen_at` of an alert is updated at most once in this time, because the alert may be reported every minute for days. */
const markEveryMs = 86_400_000;

// The key under which an alert is kept. An alert with `endsAfterMs` gets the key of its latest row, if that row was reported
// within this time, else a new key.
const keptKey = `
  CASE WHEN value ->> 'endsAfterMs' IS NULL THEN value ->> 'key' ELSE coalesce(
    (SELECT key FROM alerts
     WHERE workspace = ?1 AND thread = value ->> 'thread' AND seen_at > ?2 - (value ->> 'endsAfterMs')
       AND (key = value ->> 'key' OR substr(key, 1, length(value ->> 'key') + 1) = (value ->> 'key') || '#')
     ORDER BY id DESC LIMIT 1),
    (value ->> 'key') || '#' || CAST(?2 AS INTEGER)
  ) END`;

// A follow-up is kept only if its thread has an alert. `WHERE` also keeps SQLite from reading ON CONFLICT as a join.
const keep = `
  INSERT INTO alerts (workspace, key, thread, kind, severity, title, advice, details, at, kept_at, seen_at)
  SELECT ?1, ${keptKey}, value ->> 'thread', value ->> 'kind', value ->> 'severity', value ->> 'title',
    value ->> 'advice', value -> 'details', value ->> 'at', ?2, ?2
  FROM json_each(?3)
  WHERE coalesce(value ->> 'isFollowUp', 0) = 0
    OR EXISTS (SELECT 1 FROM alerts WHERE workspace = ?1 AND thread = value ->> 'thread')
  ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at WHERE seen_at <= excluded.seen_at - ${markEveryMs}`;

const due = `
  SELECT 1 FROM alerts
  WHERE workspace = ?1 AND message IS NULL AND kept_at <= ?2 AND (?3 = 0 OR severity = 'critical') LIMIT 1`;

const packed = `
  UPDATE alerts SET message = ?2 WHERE id IN (
    SELECT id FROM alerts WHERE workspace = ?1 AND message IS NULL AND (?3 = 0 OR severity = 'critical')
    ORDER BY id LIMIT ?4
  )`;

const addressed = `
  INSERT INTO alert_deliveries (workspace, message, target, created_at, next_at, state)
  SELECT ?1, ?2, value, ?3, ?3, 'pending' FROM json_each(?4)
  WHERE EXISTS (SELECT 1 FROM alerts WHERE message = ?2)`;

const deliveries: OutboxTable = {
  table: 'alert_deliveries',
  key: 'workspace, message, target',
  waiting: `workspace = ? AND state = 'pending' AND target IN (SELECT value FROM json_each(?))
    AND (? = 0 OR EXISTS (
      SELECT 1 FROM alerts WHERE alerts.message = alert_deliveries.message AND severity = 'critical'
    ))`,
  returned: 'message AS id, target, created_at AS createdAt, attempts',
};

const selected =
  'SELECT id, key, thread, kind, severity, title, advice, details, at, message FROM alerts WHERE workspace = ?';

// The cause of the latest failure comes from the row with max(), as SQLite specifies for a query with one max().
const states = `
  SELECT target, sum(state = 'delivered') AS delivered, sum(state = 'pending') AS pending,
    sum(state = 'failed') AS failed,
    (SELECT max(next_at) FROM alert_deliveries AS one
     WHERE one.workspace = ?1 AND one.target = every.target AND state = 'delivered') AS lastDeliveredAt,
    max(iif(state <> 'delivered' AND cause IS NOT NULL, created_at, NULL)) AS failedAt, cause
  FROM alert_deliveries AS every WHERE workspace = ?1 GROUP BY target ORDER BY target`;

type AlertRow = Omit<KeptAlert, 'details'> & { readonly details: string };
type StateRow = Omit<AlertTargetState, 'lastFailure'> & {
  readonly failedAt: number | null;
  readonly cause: string | null;
};

const alertOf = ({ details, ...row }: AlertRow): KeptAlert => ({
  ...row,
  details: JSON.parse(details) as Alert['details'],
});

export function createAlertOutbox(database: Database, workspace = 'default'): AlertOutbox {
  const outbox = createOutbox(database, deliveries);
  const settleAs = (
    { id, target }: Pick<AlertDelivery, 'id' | 'target'>,
    state: AlertDeliveryState,
    cause: string | null,
    at: number,
  ) => outbox.change({ workspace, message: id, target, state: 'pending' }, { state, cause, next_at: at });

  return {
    async keep(alerts, now) {
      if (alerts.length === 0) return;
      // Follow-ups are kept last, because the same call may contain the alerts that they follow.
      const [first, after] = [
        alerts.filter((one) => !one.isFollowUp),
        alerts.filter((one) => one.isFollowUp),
      ];
      await database.batch(
        [first, after]
          .filter((some) => some.length > 0)
          .map((some) => ({ sql: keep, params: [workspace, now, JSON.stringify(some)] })),
      );
    },

    async pack({ id, targets, now, keptBefore, onlyCritical, limit }) {
      const critical = onlyCritical ? 1 : 0;
      if ((await database.first(due, [workspace, keptBefore, critical])) === null) return false;
      const [changed] = await database.batch([
        { sql: packed, params: [workspace, id, critical, limit] },
        { sql: addressed, params: [workspace, id, now, JSON.stringify(targets)] },
      ]);
      return changed!.changes > 0;
    },

    async claim(targets, now, leaseUntil, onlyCritical) {
      const waiting = [workspace, JSON.stringify(targets), onlyCritical ? 1 : 0];
      const [delivery] = await outbox.claim<Omit<AlertDelivery, 'alerts'>>(now, leaseUntil, waiting);
      if (delivery === undefined) return null;
      const rows = await database.all<AlertRow>(`${selected} AND message = ? ORDER BY id`, [
        workspace,
        delivery.id,
      ]);
      return { ...delivery, alerts: rows.map(alertOf) };
    },

    settle: (delivery, cause, now) => settleAs(delivery, cause === null ? 'delivered' : 'failed', cause, now),
    postpone: (delivery, cause, nextAt) => settleAs(delivery, 'pending', cause, nextAt),

    async states() {
      const rows = await database.all<StateRow>(states, [workspace]);
      return rows.map(({ failedAt, cause, ...state }) => ({
        ...state,
        lastFailure: failedAt === null || cause === null ? null : { at: failedAt, cause },
      }));
    },

    async waiting() {
      const row = await database.first<{ waiting: number }>(
        'SELECT count(*) AS waiting FROM alerts WHERE workspace = ? AND message IS NULL',
        [workspace],
      );
      return row!.waiting;
    },

    async latest(limit) {
      const rows = await database.all<AlertRow>(`${selected} ORDER BY id DESC LIMIT ?`, [workspace, limit]);
      return rows.map(alertOf);
    },

    async deleteBefore(before) {
      await database.batch([
        { sql: 'DELETE FROM alerts WHERE workspace = ? AND seen_at < ?', params: [workspace, before] },
        {
          sql: 'DELETE FROM alert_deliveries WHERE workspace = ? AND created_at < ?',
          params: [workspace, before],
        },
      ]);
    },
  };
}

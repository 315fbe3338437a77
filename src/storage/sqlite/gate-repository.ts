// The scores and decisions of the gate in SQLite: node:sqlite and D1.

import type { GateMessage, GateRepository, StoredGateChange } from '../../reports/gate/gate-repository.ts';
import { mailingPauseMs } from '../../reports/gate/mailing.ts';
import type { GateDecision, GateQuestion } from '../../reports/gate/question.ts';
import { type GateScore, maximumScore, type ScoreChanges } from '../../reports/gate/score.ts';
import type { Database, Statement } from '../database.ts';
import { createOutbox, type OutboxTable } from './outbox.ts';

// One statement reads the score and writes `max(score + total, best)`, so no change is lost if two processes do this at once. A
// score that reached its limit stays raised until it falls below half of the limit. The counts begin anew with a mailing.
// Failures alone are the late ones of the last mailing and begin none.
const change = `
  INSERT INTO gate_scores
    (workspace, kind, dimension, name, score, raised_at, failed_at, updated_at, messages, failures, since)
  SELECT ?1, kind, dimension, name, score,
    CASE WHEN score >= score_limit THEN coalesce(raised_at, ?3) WHEN score >= score_limit / 2 THEN raised_at END,
    failed_at, ?3,
    iif(goes_on, old_messages, 0) + messages, iif(goes_on, old_failures, 0) + failures, iif(goes_on, old_since, ?3)
  FROM (
    SELECT value ->> 0 AS kind, value ->> 1 AS dimension, value ->> 2 AS name, value ->> 6 AS score_limit,
      min(value ->> 7, max(coalesce(old.score, 0) + (value ->> 3), value ->> 4)) AS score, old.raised_at AS raised_at,
      CASE WHEN value ->> 5 > coalesce(old.failed_at, 0) THEN value ->> 5 ELSE old.failed_at END AS failed_at,
      value ->> 8 AS messages, value ->> 9 AS failures,
      old.messages AS old_messages, old.failures AS old_failures, old.since AS old_since,
      old.since IS NOT NULL
        AND (?3 - old.updated_at < ?4 OR old.failures > (value ->> 10) * old.messages OR value ->> 8 <= value ->> 9)
        AS goes_on
    FROM json_each(?2) LEFT JOIN gate_scores AS old ON old.workspace = ?1 AND old.kind = value ->> 0
      AND old.dimension = value ->> 1 AND old.name = value ->> 2
  )
  WHERE true ON CONFLICT DO UPDATE SET score = excluded.score, raised_at = excluded.raised_at,
    failed_at = excluded.failed_at, updated_at = excluded.updated_at,
    messages = excluded.messages, failures = excluded.failures, since = excluded.since`;

const scores = `
  SELECT kind, dimension, name, score, raised_at AS raisedAt, failed_at AS failedAt, messages, failures, since
  FROM gate_scores
  WHERE workspace = ?1 AND (
    (kind IN ('refused', 'deferred') AND dimension = 'provider')
    OR (kind = 'hard' AND dimension = 'campaign' AND name = ?2)
    OR (kind = 'hard' AND dimension = 'list' AND name = ?3)
  )`;

const told = 'SELECT decision FROM gate_decisions WHERE workspace = ? AND campaign = ? AND purpose = ?';

const first = `
  INSERT INTO gate_decisions (workspace, campaign, purpose, question, decision, asked_at, changed_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT DO NOTHING`;

const asked = `
  UPDATE gate_decisions SET question = ?, asked_at = ? WHERE workspace = ? AND campaign = ? AND purpose = ?`;

// All statements depend on the earlier decision, so of several processes only one has an effect.
const unchanged = 'workspace = ?1 AND campaign = ?2 AND purpose = ?3 AND decision = ?4';
const addMessage = `
  INSERT INTO gate_messages (id, workspace, body, created_at, next_at)
  SELECT ?5, ?1, ?6, ?7, ?7 WHERE EXISTS (SELECT 1 FROM gate_decisions WHERE ${unchanged})`;
const addChange = `
  INSERT INTO gate_changes (workspace, campaign, purpose, before, decision, reasons, changed_at)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM gate_decisions WHERE ${unchanged})`;
const replace = `UPDATE gate_decisions SET decision = ?5, changed_at = ?6 WHERE ${unchanged}`;

// The last changes, put back into their order.
const changes = `
  SELECT * FROM (
    SELECT id, campaign, purpose, before, decision, reasons, changed_at AS at FROM gate_changes
    WHERE workspace = ? AND changed_at >= ? ORDER BY id DESC LIMIT ?
  ) ORDER BY id`;

const messages: OutboxTable = {
  table: 'gate_messages',
  key: 'id',
  waiting: 'workspace = ?',
  returned: 'id, body, attempts',
};

/** The statements that change scores. */
export function scoreStatements(workspace: string, { changes, at }: ScoreChanges): Statement[] {
  if (changes.length === 0) return [];
  const rows = changes.map(({ kind, dimension, name, total, best, failedAt, limit, ...counts }) => [
    ...[kind, dimension, name, total, best, failedAt, limit, maximumScore(limit)],
    ...[counts.messages, counts.failures, counts.endsBelow],
  ]);
  return [{ sql: change, params: [workspace, JSON.stringify(rows), at, mailingPauseMs] }];
}

export function createGateRepository(database: Database, workspace = 'default'): GateRepository {
  const outbox = createOutbox(database, messages);
  return {
    async change(changes) {
      await database.batch(scoreStatements(workspace, changes));
    },

    async roseAt(at) {
      const sql = 'SELECT 1 FROM gate_scores WHERE workspace = ? AND raised_at = ? LIMIT 1';
      return (await database.first(sql, [workspace, at])) !== null;
    },

    async reportersOfDeliveries(since) {
      const sql = 'SELECT teller FROM delivery_tellers WHERE workspace = ? AND at >= ?';
      return (await database.all<{ teller: string }>(sql, [workspace, since])).map(({ teller }) => teller);
    },

    async scores(campaign, list) {
      // The empty text finds no score, because no campaign and no list has an empty name.
      return database.all<GateScore>(scores, [workspace, campaign ?? '', list ?? '']);
    },

    async keep({ campaign, question, decision, reasons = [] }, at, isAsked, message) {
      const { purpose } = question;
      const key = [workspace, campaign, purpose];
      const text = JSON.stringify(question);
      const before = (await database.first<{ decision: GateDecision }>(told, key))?.decision;
      if (before === undefined) {
        await database.run(first, [...key, text, decision, at]);
        return null;
      }
      if (isAsked) await database.run(asked, [text, at, ...key]);
      if (before === decision) return null;
      const results = await database.batch([
        ...(message === null
          ? []
          : [{ sql: addMessage, params: [...key, before, message.id, message.bodyAfter(before), at] }]),
        { sql: addChange, params: [...key, before, decision, JSON.stringify(reasons), at] },
        { sql: replace, params: [...key, before, decision, at] },
      ]);
      return results.at(-1)!.changes > 0 ? before : null;
    },

    async askedSince(since, limit) {
      const rows = await database.all<{ question: string; decision: GateDecision }>(
        `SELECT question, decision FROM gate_decisions
      WHERE workspace = ? AND asked_at >= ? ORDER BY asked_at DESC LIMIT ?`,
        [workspace, since, limit],
      );
      return rows.map(({ question, decision }) => ({
        question: JSON.parse(question) as GateQuestion,
        decision,
      }));
    },

    async changesSince(since, limit) {
      const rows = await database.all<StoredGateChange & { reasons: string }>(changes, [
        ...[workspace, since, limit],
      ]);
      return rows.map((row) => ({ ...row, reasons: JSON.parse(row.reasons) as StoredGateChange['reasons'] }));
    },

    async claim(at, leaseUntil) {
      return (await outbox.claim<GateMessage>(at, leaseUntil, [workspace]))[0] ?? null;
    },

    settle: (id) => outbox.remove({ id }),
    postpone: (id, nextAt) => outbox.change({ id }, { next_at: nextAt }),

    async deleteBefore(deleted) {
      await database.batch([
        {
          sql: 'DELETE FROM gate_scores WHERE workspace = ? AND updated_at < ?',
          params: [workspace, deleted],
        },
        {
          sql: 'DELETE FROM gate_decisions WHERE workspace = ? AND asked_at < ?',
          params: [workspace, deleted],
        },
        {
          sql: 'DELETE FROM gate_changes WHERE workspace = ? AND changed_at < ?',
          params: [workspace, deleted],
        },
      ]);
    },
  };
}

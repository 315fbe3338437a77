// Incidents in SQLite: node:sqlite and D1.

import { incidentKey, type StoredIncident } from '../../reports/incidents/incident.ts';
import type { IncidentRepository } from '../../reports/incidents/incident-repository.ts';
import type { Database, SqlValue } from '../database.ts';

const columns: readonly (readonly [string, (incident: StoredIncident) => SqlValue])[] = [
  ['kind', ({ kind }) => kind],
  ['scope_key', ({ kind, scope }) => incidentKey(kind, scope)],
  ['scope', ({ scope }) => JSON.stringify(scope)],
  ['severity', ({ severity }) => severity],
  ['opened_at', ({ openedAt }) => openedAt],
  ['changed_at', ({ changedAt }) => changedAt],
  ['changed_size', ({ changedSize }) => changedSize],
  ['seen_at', ({ seenAt }) => seenAt],
  ['closed_at', ({ closedAt }) => closedAt],
  ['evidence', ({ evidence }) => JSON.stringify(evidence)],
  ['explanation', ({ explanation }) => explanation],
  ['advice', ({ advice }) => advice],
  ['change', ({ change }) => (change === undefined ? null : JSON.stringify(change))],
];
const names = columns.map(([name]) => name);

// A look whose time is in the far future was recorded while a clock was wrong, so it does not count.
const claim = `
  INSERT INTO incident_looks (workspace, at) VALUES (?1, ?2)
  ON CONFLICT DO UPDATE SET at = excluded.at WHERE incident_looks.at <= ?3 OR incident_looks.at > 2 * ?2 - ?3`;

const insert = `
  INSERT INTO incidents (workspace, id, ${names.join(', ')}) VALUES (?, ?, ${names.map(() => '?').join(', ')})
  ON CONFLICT DO NOTHING`;

// The condition holds only if nothing else changed the row. OR IGNORE leaves the row if an open one has the same key.
const replace = `
  UPDATE OR IGNORE incidents SET ${names.map((name) => `${name} = ?`).join(', ')}
  WHERE workspace = ? AND id = ? AND changed_at = ? AND seen_at = ? AND closed_at IS ?`;

const selected = `
  SELECT id, kind, scope, severity, opened_at AS openedAt, changed_at AS changedAt, changed_size AS changedSize,
    seen_at AS seenAt, closed_at AS closedAt, evidence, explanation, advice, change, diagnosis
  FROM incidents`;

type JsonColumn = 'scope' | 'evidence' | 'change' | 'diagnosis';

type Row = Omit<StoredIncident, JsonColumn> & {
  readonly scope: string;
  readonly evidence: string;
  readonly change: string | null;
  readonly diagnosis: string | null;
};

const incidentOf = ({ scope, evidence, change, diagnosis, ...row }: Row): StoredIncident => ({
  ...row,
  ...(change !== null && { change: JSON.parse(change) as StoredIncident['change'] & object }),
  ...(diagnosis !== null && { diagnosis: JSON.parse(diagnosis) as StoredIncident['diagnosis'] & object }),
  scope: JSON.parse(scope) as StoredIncident['scope'],
  evidence: JSON.parse(evidence) as StoredIncident['evidence'],
});

export function createIncidentRepository(database: Database, workspace = 'default'): IncidentRepository {
  return {
    async claimLook(at, since) {
      return (await database.run(claim, [workspace, at, since])).changes > 0;
    },

    async recent(closedSince) {
      const rows = await database.all<Row>(
        `${selected} WHERE workspace = ? AND (closed_at IS NULL OR closed_at >= ?) ORDER BY opened_at, id`,
        [workspace, closedSince],
      );
      return rows.map(incidentOf);
    },

    async open(incident) {
      const values = columns.map(([, valueIn]) => valueIn(incident));
      return (await database.run(insert, [workspace, incident.id, ...values])).changes > 0;
    },

    async diagnose(id, diagnosis) {
      const params = [JSON.stringify(diagnosis), workspace, id];
      await database.run('UPDATE incidents SET diagnosis = ? WHERE workspace = ? AND id = ?', params);
    },

    async replace(before, incident) {
      const values = columns.map(([, valueIn]) => valueIn(incident));
      const { id, changedAt, seenAt, closedAt } = before;
      const params = [...values, workspace, id, changedAt, seenAt, closedAt];
      return (await database.run(replace, params)).changes > 0;
    },

    async list({ status, from, to, kind, limit, after }) {
      const conditions: [string, ...SqlValue[]][] = [['workspace = ?', workspace]];
      if (status !== 'all') conditions.push([`closed_at IS ${status === 'open' ? '' : 'NOT '}NULL`]);
      if (from !== undefined) conditions.push(['(closed_at IS NULL OR closed_at >= ?)', from]);
      if (to !== undefined) conditions.push(['opened_at < ?', to]);
      if (kind !== undefined) conditions.push(['kind = ?', kind]);
      if (after !== undefined)
        conditions.push([
          '(opened_at < ? OR (opened_at = ? AND id < ?))',
          after.openedAt,
          after.openedAt,
          after.id,
        ]);
      const where = conditions.map(([condition]) => condition).join(' AND ');
      const rows = await database.all<Row>(
        `${selected} WHERE ${where} ORDER BY opened_at DESC, id DESC LIMIT ?`,
        [...conditions.flatMap(([, ...params]) => params), limit],
      );
      return rows.map(incidentOf);
    },

    async deleteBefore(closedBefore) {
      await database.run('DELETE FROM incidents WHERE workspace = ? AND closed_at < ?', [
        workspace,
        closedBefore,
      ]);
    },
  };
}

// The operator's lists of allowed and denied domains in SQLite: node:sqlite and D1.

import type { DomainOverride, OverrideRepository } from '../../overrides/override-store.ts';
import type { Database } from '../database.ts';
import { auditStatement } from './audit-repository.ts';

interface Row extends Omit<DomainOverride, 'includesSubdomains' | 'kind'> {
  readonly beneath: 0 | 1;
  readonly word: DomainOverride['kind'];
}

const select =
  'SELECT domain, beneath, word, note, since FROM own_domains WHERE workspace = ? ORDER BY domain, beneath';

const ofEntry = 'workspace = ?1 AND domain = ?2 AND beneath = ?3';
const isEntry = 'workspace = ? AND domain = ? AND beneath = ?';

// The statement itself checks the limit of entries, because two processes may add entries at the same time.
const upsert = `
  INSERT INTO own_domains (workspace, domain, beneath, word, note, since)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6
  WHERE (SELECT count(*) FROM own_domains WHERE workspace = ?1) < ?7
    OR EXISTS (SELECT 1 FROM own_domains WHERE ${ofEntry})
  ON CONFLICT DO UPDATE SET word = excluded.word, note = excluded.note, since = excluded.since`;

export const createOverrideRepository = (database: Database, workspace = 'default'): OverrideRepository => ({
  async all() {
    const rows = await database.all<Row>(select, [workspace]);
    return rows.map(({ beneath, word, ...row }) => ({
      ...row,
      includesSubdomains: beneath === 1,
      kind: word,
    }));
  },

  async put({ domain, includesSubdomains, kind, note, since }, limit, audit) {
    const key = [workspace, domain, includesSubdomains ? 1 : 0];
    const known = await database.first(`SELECT 1 FROM own_domains WHERE ${ofEntry}`, key);
    const isPut = {
      sql: `SELECT 1 FROM own_domains WHERE ${isEntry} AND since = ?`,
      params: [...key, since],
    };
    const [put] = await database.batch([
      { sql: upsert, params: [...key, kind, note, since, limit] },
      ...(audit === undefined ? [] : [auditStatement(workspace, audit, isPut)]),
    ]);
    return put!.changes === 0 ? 'full' : known === null ? 'added' : 'changed';
  },

  async remove({ domain, includesSubdomains }, audit) {
    const key = [workspace, domain, includesSubdomains ? 1 : 0];
    const exists = { sql: `SELECT 1 FROM own_domains WHERE ${isEntry}`, params: key };
    const results = await database.batch([
      ...(audit === undefined ? [] : [auditStatement(workspace, audit, exists)]),
      { sql: `DELETE FROM own_domains WHERE ${ofEntry}`, params: key },
    ]);
    return results.at(-1)!.changes === 1;
  },
});

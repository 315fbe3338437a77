// The DKIM selectors that were seen, in SQLite: node:sqlite and D1.

import type { SeenSelector, SelectorRepository } from '../../preflight/seen-selectors.ts';
import type { Database } from '../database.ts';

// `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const add = `
  INSERT INTO seen_selectors (workspace, domain, name, seen_at)
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2
  FROM json_each(?2) WHERE true ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)`;

const of = `
  SELECT domain, name, seen_at AS seenAt FROM seen_selectors
  WHERE workspace = ? AND domain = ? AND seen_at >= ? ORDER BY seen_at DESC, name`;

export const createSelectorRepository = (database: Database, workspace = 'default'): SelectorRepository => ({
  async add(seen, before) {
    await database.batch([
      {
        sql: add,
        params: [workspace, JSON.stringify(seen.map(({ domain, name, seenAt }) => [domain, name, seenAt]))],
      },
      { sql: 'DELETE FROM seen_selectors WHERE workspace = ? AND seen_at < ?', params: [workspace, before] },
    ]);
  },

  async of(domain, since) {
    return database.all<SeenSelector>(of, [workspace, domain, since]);
  },
});

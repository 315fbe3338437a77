// How often each API key was used, in SQLite: node:sqlite and D1.

import type { KeyUse, KeyUseRepository } from '../../keys/key-uses.ts';
import type { Database } from '../database.ts';

// `WHERE true` is needed because SQLite would otherwise read ON CONFLICT as the condition of a join.
const add = `
  INSERT INTO key_uses (workspace, key_id, day, calls, refused)
  SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, refused = refused + excluded.refused`;

export const createKeyUseRepository = (database: Database, workspace = 'default'): KeyUseRepository => ({
  async add(uses) {
    const rows = JSON.stringify(uses.map(({ keyId, day, calls, refused }) => [keyId, day, calls, refused]));
    await database.run(add, [workspace, rows]);
  },
  async since(day) {
    return database.all<KeyUse>(
      'SELECT key_id AS keyId, day, calls, refused FROM key_uses WHERE workspace = ? AND day >= ? ORDER BY day',
      [workspace, day],
    );
  },
  async deleteBefore(day) {
    await database.run('DELETE FROM key_uses WHERE workspace = ? AND day < ?', [workspace, day]);
  },
});

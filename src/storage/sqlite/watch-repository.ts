// The watched domains of the sender in SQLite: node:sqlite and D1.

import type { SenderChange, SenderState } from '../../preflight/watch/sender-state.ts';
import {
  mostKeptChanges,
  type StoredChange,
  type StoredWatch,
  type WatchRepository,
} from '../../preflight/watch/watch-repository.ts';
import type { Database } from '../database.ts';

// A lease that ends in the far future was recorded while a clock was wrong, so it does not count.
const claim = `
  INSERT INTO sender_watches (workspace, domain, due_at, lease, lease_until) VALUES (?1, ?2, ?3, ?5, ?4)
  ON CONFLICT (workspace, domain) DO UPDATE SET lease = excluded.lease, lease_until = excluded.lease_until
  WHERE (sender_watches.due_at <= ?3 OR ?6 = 1)
    AND (sender_watches.lease IS NULL OR sender_watches.lease_until <= ?3 OR sender_watches.lease_until > ?3 + 3600000)`;

const held = 'SELECT 1 FROM sender_watches WHERE workspace = ? AND domain = ? AND lease = ?';

const addChange = `
  INSERT INTO sender_changes (id, workspace, domain, at, since, change)
  SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (${held})`;

const forgetOldest = `
  DELETE FROM sender_changes WHERE workspace = ?1 AND domain = ?2 AND id NOT IN (
    SELECT id FROM sender_changes WHERE workspace = ?1 AND domain = ?2 ORDER BY at DESC, id DESC LIMIT ?3)`;

const finish = `
  UPDATE sender_watches
  SET state = ?, checked_at = ?, failed_at = ?, due_at = ?, lease = NULL, lease_until = NULL
  WHERE workspace = ? AND domain = ? AND lease = ?`;

const selected = `
  SELECT domain, state, checked_at AS checkedAt, failed_at AS failedAt, due_at AS dueAt FROM sender_watches`;

const selectedChanges = 'SELECT id, domain, at, since, change FROM sender_changes';

type WatchRow = Omit<StoredWatch, 'state'> & { readonly state: string | null };
type ChangeRow = Omit<StoredChange, keyof SenderChange> & { readonly change: string };

const watchOf = ({ state, ...row }: WatchRow): StoredWatch => ({
  ...row,
  state: state === null ? null : (JSON.parse(state) as SenderState),
});

const changeOf = ({ change, ...row }: ChangeRow): StoredChange => ({
  ...row,
  ...(JSON.parse(change) as SenderChange),
});

export function createWatchRepository(database: Database, workspace = 'default'): WatchRepository {
  return {
    async claim({ domain, at, until, token, force }) {
      const params = [workspace, domain, at, until, token, force ? 1 : 0];
      return (await database.run(claim, params)).changes > 0;
    },

    async find(domain) {
      const row = await database.first<WatchRow>(`${selected} WHERE workspace = ? AND domain = ?`, [
        workspace,
        domain,
      ]);
      return row && watchOf(row);
    },

    async list() {
      const rows = await database.all<WatchRow>(`${selected} WHERE workspace = ? ORDER BY domain`, [
        workspace,
      ]);
      return rows.map(watchOf);
    },

    async finish({ domain, state, checkedAt, failedAt, dueAt }, token, change) {
      const lease = [workspace, domain, token];
      const outcome = [state && JSON.stringify(state), checkedAt, failedAt, dueAt];
      const results = await database.batch([
        ...(change === null
          ? []
          : [
              {
                sql: addChange,
                params: [change.id, workspace, domain, change.at, change.since, textOf(change), ...lease],
              },
              { sql: forgetOldest, params: [workspace, domain, mostKeptChanges] },
            ]),
        { sql: finish, params: [...outcome, ...lease] },
      ]);
      return results.at(-1)!.changes > 0;
    },

    async changes(domain, limit) {
      const rows = await database.all<ChangeRow>(
        `${selectedChanges} WHERE workspace = ? AND domain = ? ORDER BY at DESC, id DESC LIMIT ?`,
        [workspace, domain, limit],
      );
      return rows.map(changeOf);
    },

    async untold(since, limit) {
      const rows = await database.all<ChangeRow>(
        `${selectedChanges} WHERE workspace = ? AND told = 0 AND at >= ? ORDER BY at, id LIMIT ?`,
        [workspace, since, limit],
      );
      return rows.map(changeOf);
    },

    async told(id) {
      await database.run('UPDATE sender_changes SET told = 1 WHERE workspace = ? AND id = ?', [
        workspace,
        id,
      ]);
    },
  };
}

const textOf = ({ differences, appeared, gone }: StoredChange): string =>
  JSON.stringify({ differences, appeared, gone });

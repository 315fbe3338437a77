// The limits that replies of providers ask for, in SQLite: node:sqlite and D1.

import type { ReplyLimit, ReplyLimitRepository } from '../../reports/gate/reply-limits.ts';
import type { Database } from '../database.ts';

// One statement, and the result does not depend on the order, so nothing is lost between two processes.
const keep = `
  INSERT INTO gate_reply_limits (workspace, provider, kind, until, per_hour, said_at)
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?2) WHERE true
  ON CONFLICT DO UPDATE SET until = max(until, excluded.until),
    per_hour = iif(excluded.said_at >= said_at, excluded.per_hour, per_hour), said_at = max(said_at, excluded.said_at)`;

export const createReplyLimitRepository = (
  database: Database,
  workspace = 'default',
): ReplyLimitRepository => ({
  async keep(limits) {
    if (limits.length === 0) return;
    const rows = limits.map(({ provider, kind, until, perHour, saidAt }) => [
      ...[provider, kind, until, perHour, saidAt],
    ]);
    await database.run(keep, [workspace, JSON.stringify(rows)]);
  },

  current: async (at) =>
    database.all<ReplyLimit>(
      `SELECT provider, kind, until, per_hour AS perHour, said_at AS saidAt FROM gate_reply_limits
      WHERE workspace = ? AND until > ? ORDER BY provider, kind`,
      [workspace, at],
    ),

  async deleteBefore(before) {
    await database.run('DELETE FROM gate_reply_limits WHERE workspace = ? AND until < ?', [
      workspace,
      before,
    ]);
  },
});

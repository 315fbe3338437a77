// Outboxes in SQLite (node:sqlite and D1): tables of messages with the time at which the next attempt is due. A claim moves that
// time to the end of its lease, so that until then no other worker makes the attempt.

import type { Database, SqlValue } from '../database.ts';

export interface OutboxTable {
  readonly table: string;
  /** The columns of its key. */
  readonly key: string;
  /** The condition for messages that wait, with the parameters that a claim gives. Absent: all messages wait. */
  readonly waiting?: string;
  /** What a claim writes, with the end of the lease as the only parameter. */
  readonly lease?: string;
  /** The columns that a claim returns. */
  readonly returned: string;
}

type Cells = Readonly<Record<string, SqlValue>>;

export interface Outbox {
  isDue(now: number, waiting?: readonly SqlValue[]): Promise<boolean>;
  /** Claims messages, those that have been due longest first. */
  claim<Row>(
    now: number,
    leaseUntil: number,
    waiting?: readonly SqlValue[],
    limit?: number,
  ): Promise<readonly Row[]>;
  /** Changes the message that has the values `of`. If it has them no longer, nothing happens. */
  change(of: Cells, to: Cells): Promise<void>;
  remove(of: Cells): Promise<void>;
}

const listed = (cells: Cells, separator: string): string =>
  Object.keys(cells)
    .map((column) => `${column} = ?`)
    .join(separator);

export function createOutbox(
  database: Database,
  { table, key, waiting = 'true', lease = 'next_at = ?, attempts = attempts + 1', returned }: OutboxTable,
): Outbox {
  const due = `FROM ${table} WHERE next_at <= ? AND ${waiting}`;
  const claimed = `
    UPDATE ${table} SET ${lease} WHERE (${key}) IN (SELECT ${key} ${due} ORDER BY next_at, ${key} LIMIT ?)
    RETURNING ${returned}`;
  const isDue: Outbox['isDue'] = async (now, params = []) =>
    (await database.first(`SELECT 1 ${due} LIMIT 1`, [now, ...params])) !== null;
  return {
    isDue,
    async claim<Row>(now: number, leaseUntil: number, params: readonly SqlValue[] = [], limit = 1) {
      // Most of the time nothing is due. A read shows that without a write transaction.
      if (!(await isDue(now, params))) return [];
      return database.all<Row>(claimed, [leaseUntil, now, ...params, limit]);
    },
    async change(of, to) {
      const sql = `UPDATE ${table} SET ${listed(to, ', ')} WHERE ${listed(of, ' AND ')}`;
      await database.run(sql, [...Object.values(to), ...Object.values(of)]);
    },
    async remove(of) {
      await database.run(`DELETE FROM ${table} WHERE ${listed(of, ' AND ')}`, Object.values(of));
    },
  };
}

// Ends of jobs in the database: deletion, retention, and handing a kept list over to its next job.

import type { Database, SqlValue } from '../storage/database.ts';
import type { Job, ListLayout, NewJob, Slice, SlicePlan } from './job.ts';
import {
  before,
  changed,
  columns,
  insertJob,
  insertSlices,
  type JobRow,
  jobValues,
  readJob,
  writesOne,
} from './job-sql.ts';

export function jobEndings(database: Database) {
  const change = (sql: string, params: readonly SqlValue[]): Promise<boolean> =>
    writesOne(database, sql, params);

  return {
    /** From then on the job is invisible; `removeJob` removes what is left of it. */
    markDeleting: (id: string, now: number) =>
      change(
        `UPDATE jobs SET state = 'deleting', request_key = NULL, callback_url = NULL, name = NULL, ${changed}
         WHERE id = ? AND ${before('delete')}`,
        [now, id],
      ),

    /** Jobs being deleted for which no lease can write files any more. */
    async deletable(now: number): Promise<string[]> {
      const rows = await database.all<{ id: string }>(
        `SELECT id FROM jobs WHERE state = 'deleting' AND lease_until <= ?
           AND NOT EXISTS (SELECT 1 FROM job_slices WHERE job_id = jobs.id AND done = 0 AND lease_until > ?)`,
        [now, now],
      );
      return rows.map(({ id }) => id);
    },

    async removeJob(id: string): Promise<void> {
      const tables = ['job_slices', 'job_counts', 'job_changes', 'job_callbacks'];
      await database.batch([
        ...tables.map((table) => ({ sql: `DELETE FROM ${table} WHERE job_id = ?`, params: [id] })),
        { sql: 'DELETE FROM jobs WHERE id = ?', params: [id] },
      ]);
    },

    /** Expired jobs: kept lists after their retention, others unchanged since `untouchedSince`. */
    async expired(now: number, untouchedSince: number): Promise<string[]> {
      const rows = await database.all<{ id: string }>(
        `SELECT id FROM jobs WHERE state <> 'deleting'
           AND CASE WHEN kept_until IS NULL THEN updated_at < ? ELSE kept_until <= ? END`,
        [untouchedSince, now],
      );
      return rows.map(({ id }) => id);
    },

    /** Kept lists with verdicts that are due. */
    async due(now: number): Promise<Job[]> {
      const rows = await database.all<JobRow>(
        `SELECT ${columns} FROM jobs WHERE due_at <= ? AND state = 'completed' ORDER BY due_at LIMIT 10`,
        [now],
      );
      return rows.map(readJob);
    },

    /**
     * Creates the job that verifies a kept list again; from then on that job holds the list. False if another one was
     * created meanwhile.
     */
    async follow(
      job: NewJob & { readonly follows: string },
      plan: { readonly layout: ListLayout; readonly slices: readonly SlicePlan[] },
    ): Promise<boolean> {
      const made = 'EXISTS (SELECT 1 FROM jobs WHERE id = ?)';
      const results = await database.batch([
        {
          sql: `${insertJob} SELECT ?, 'verifying', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                WHERE EXISTS (SELECT 1 FROM jobs WHERE id = ? AND due_at IS NOT NULL)`,
          params: [...jobValues(job), job.follows],
        },
        ...insertSlices(job.id, plan.slices, made, [job.id]),
        {
          sql: `UPDATE jobs SET layout = ?, started_at = created_at,
                  rows = (SELECT sum(rows) FROM job_slices WHERE job_id = jobs.id) WHERE id = ?`,
          params: [JSON.stringify(plan.layout), job.id],
        },
        {
          sql: `UPDATE jobs SET kept_until = NULL, due_at = NULL, ${changed} WHERE id = ? AND ${made}`,
          params: [job.createdAt, job.follows, job.id],
        },
        { sql: 'DELETE FROM job_uploads WHERE id = ? AND id IN (SELECT id FROM jobs)', params: [job.id] },
      ]);
      return results[0]!.changes === 1;
    },

    /** Every slice of a completed job, in order, with the length of its result. */
    async results(id: string): Promise<(Slice & { readonly lease: number; readonly resultBytes: number })[]> {
      const rows = await database.all<
        Omit<Slice, 'start'> & { start: string; lease: number; resultBytes: number }
      >(
        `SELECT position, start, bytes, rows, duplicates, lease, result_bytes AS resultBytes FROM job_slices
         WHERE job_id = ? ORDER BY position`,
        [id],
      );
      return rows.map((row) => ({ ...row, start: JSON.parse(row.start) }));
    },
  };
}

// Deletes jobs and uploads in SQLite, and finds the kept lists that are due for another verification.

import type { JobLifecycle } from '../../jobs/job-repository.ts';
import type { Database } from '../database.ts';
import {
  before,
  changed,
  changesOneRow,
  columns,
  insertJob,
  insertSlices,
  type JobRow,
  jobValues,
  opensProof,
  readJob,
} from './job-statements.ts';

export function jobLifecycle(database: Database): JobLifecycle {
  return {
    endUpload: (id) => changesOneRow(database, 'DELETE FROM job_uploads WHERE id = ?', [id]),

    async uploadsBegunBefore(moment) {
      const rows = await database.all<{ id: string }>('SELECT id FROM job_uploads WHERE began_at < ?', [
        moment,
      ]);
      return rows.map(({ id }) => id);
    },

    markDeleting: (id, now) =>
      changesOneRow(
        database,
        `UPDATE jobs SET state = 'deleting', request_key = NULL, callback_url = NULL, name = NULL, ${changed}
         WHERE id = ? AND ${before('delete')}`,
        [now, id],
      ),

    async deletable(now) {
      const rows = await database.all<{ id: string }>(
        `SELECT id FROM jobs WHERE state = 'deleting' AND lease_until <= ?
           AND NOT EXISTS (SELECT 1 FROM job_slices WHERE job_id = jobs.id AND done = 0 AND lease_until > ?)`,
        [now, now],
      );
      return rows.map(({ id }) => id);
    },

    async removeJob(id) {
      const tables = ['job_slices', 'job_counts', 'job_changes', 'job_callbacks'];
      await database.batch([
        ...tables.map((table) => ({ sql: `DELETE FROM ${table} WHERE job_id = ?`, params: [id] })),
        { sql: 'DELETE FROM jobs WHERE id = ?', params: [id] },
      ]);
    },

    async expired(now, untouchedSince) {
      const rows = await database.all<{ id: string }>(
        `SELECT id FROM jobs WHERE state <> 'deleting'
           AND CASE WHEN kept_until IS NULL OR (state = 'queued' AND paused = 1 AND started_at IS NULL) THEN updated_at < ? ELSE kept_until <= ? END`,
        [untouchedSince, now],
      );
      return rows.map(({ id }) => id);
    },

    async due(now) {
      const rows = await database.all<JobRow>(
        `SELECT ${columns} FROM jobs WHERE due_at <= ? AND state = 'completed' ORDER BY due_at LIMIT 10`,
        [now],
      );
      return rows.map(readJob);
    },

    async follow(job, plan) {
      const made = 'EXISTS (SELECT 1 FROM jobs WHERE id = ?)';
      const results = await database.batch([
        {
          sql: `${insertJob} SELECT ?, workspace, 'verifying', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                FROM jobs WHERE id = ? AND due_at IS NOT NULL`,
          params: [job.id, ...jobValues(job), job.follows],
        },
        ...insertSlices(job.id, plan.slices, made, [job.id]),
        {
          sql: `UPDATE jobs SET layout = ?, started_at = created_at, ${opensProof},
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
  };
}

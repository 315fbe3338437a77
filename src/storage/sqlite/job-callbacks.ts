// The callbacks (webhooks) that are sent when a job is completed or has failed, in SQLite.

import type { CallbackAttempt, JobCallbacks } from '../../jobs/job-repository.ts';
import type { Database } from '../database.ts';
import { columns, type JobRow, readJob } from './job-statements.ts';

export const jobCallbacks = (database: Database): JobCallbacks => ({
  async claimCallback(now, leaseUntil) {
    const [due] = await database.all<Omit<CallbackAttempt, 'job'> & { jobId: string }>(
      `UPDATE job_callbacks SET next_at = ?, attempts = attempts + 1
       WHERE id = (SELECT id FROM job_callbacks WHERE state = 'pending' AND next_at <= ? ORDER BY next_at LIMIT 1)
       RETURNING id, job_id AS jobId, event, attempts`,
      [leaseUntil, now],
    );
    if (due === undefined) return null;
    const { jobId, ...attempt } = due;
    const job = await database.first<JobRow>(
      `SELECT ${columns} FROM jobs WHERE id = ? AND state <> 'deleting'`,
      [jobId],
    );
    return { ...attempt, job: job && readJob(job) };
  },

  async settleCallback({ id, attempts }, state, outcome, nextAt) {
    await database.run(
      'UPDATE job_callbacks SET state = ?, outcome = ?, next_at = ? WHERE id = ? AND attempts = ?',
      [state, outcome, nextAt, id, attempts],
    );
  },
});

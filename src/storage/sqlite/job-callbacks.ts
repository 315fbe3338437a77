// The callbacks (webhooks) that are sent when a job is completed or has failed, in SQLite.

import type { CallbackAttempt, JobCallbacks } from '../../jobs/job-repository.ts';
import type { Database } from '../database.ts';
import { columns, type JobRow, readJob } from './job-statements.ts';
import { createOutbox, type OutboxTable } from './outbox.ts';

const callbacks: OutboxTable = {
  table: 'job_callbacks',
  key: 'id',
  waiting: "state = 'pending'",
  returned: 'id, job_id AS jobId, event, attempts',
};

export function jobCallbacks(database: Database): JobCallbacks {
  const outbox = createOutbox(database, callbacks);
  return {
    async claimCallback(now, leaseUntil) {
      type Row = Omit<CallbackAttempt, 'job'> & { jobId: string };
      const [due] = await outbox.claim<Row>(now, leaseUntil);
      if (due === undefined) return null;
      const { jobId, ...attempt } = due;
      const job = await database.first<JobRow>(
        `SELECT ${columns} FROM jobs WHERE id = ? AND state <> 'deleting'`,
        [jobId],
      );
      return { ...attempt, job: job && readJob(job) };
    },

    settleCallback: ({ id, attempts }, state, outcome, nextAt) =>
      outbox.change({ id, attempts }, { state, outcome, next_at: nextAt }),
  };
}

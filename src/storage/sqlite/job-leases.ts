// Leases the work of jobs in SQLite. A runner leases a file to read or a slice of a list to verify, so no other runner
// works on it until the lease ends. The runner then stores the result.

import { openStates } from '../../jobs/job.ts';
import {
  crashes,
  type JobLeases,
  type LeaseDurations,
  minimumReverifyMs,
} from '../../jobs/job-repository.ts';
import type { Database, Statement } from '../database.ts';
import {
  before,
  callbackOf,
  changed,
  changesOneRow,
  columns,
  inStates,
  insertSlices,
  type JobRow,
  jobArray,
  opensProof,
  readJob,
  readJobArray,
  readSlice,
  ready,
  type SliceRow,
} from './job-statements.ts';

/**
 * The condition for work that may be leased: its lease has ended, or it was lost because the runner that claimed the
 * work never received the answer. The parameters are the current time, and a JSON array with the end times of the lost
 * leases.
 */
const isFree = '(lease_until <= ? OR lease_until IN (SELECT value FROM json_each(?)))';

/** The condition that a runner still asks mail hosts for a job. The parameters are the job and the number of the lease. */
const asks = "id = ? AND lease = ? AND state = 'verifying' AND proof_open = 1";

const endsOf = (claimedAt: readonly number[], leaseMs: number): string =>
  JSON.stringify(claimedAt.map((at) => at + leaseMs));

export function jobLeases(database: Database, leases: LeaseDurations): JobLeases {
  return {
    async claimFile(now, lost = []) {
      const [row] = await database.all<JobRow & { lease: number; tries: number }>(
        `UPDATE jobs SET lease = lease + 1, lease_until = ?, tries = tries + 1, started_at = coalesce(started_at, ?), ${changed}
         WHERE id = (SELECT id FROM jobs WHERE state = 'queued' AND ${ready} AND ${isFree}
                     ORDER BY created_at LIMIT 1)
         RETURNING ${columns}, lease, tries`,
        [now + leases.readMs, now, now, now, now, endsOf(lost, leases.readMs)],
      );
      if (row === undefined) return null;
      const { lease, tries, ...job } = row;
      return { job: readJob(job), lease: { number: lease, tries } };
    },

    async fileRead(job, lease, plan, now) {
      const ours = `EXISTS (SELECT 1 FROM jobs WHERE id = ? AND lease = ? AND ${before('read')})`;
      const owner = [job.id, lease.number];
      const statements: Statement[] = [
        { sql: `DELETE FROM job_slices WHERE job_id = ? AND ${ours}`, params: [job.id, ...owner] },
        ...insertSlices(job.id, plan.slices, ours, owner),
      ];
      const rows = plan.slices.reduce((sum, slice) => sum + slice.rows, 0);
      statements.push({
        sql: `UPDATE jobs SET state = 'verifying', layout = ?, rows = ?, outages = 0, lease_until = 0, ${opensProof}, ${changed}
              WHERE id = ? AND lease = ? AND ${before('read')}`,
        params: [JSON.stringify(plan.layout), rows, now, ...owner],
      });
      return (await database.batch(statements)).at(-1)!.changes === 1;
    },

    async claimProof(now, lost = []) {
      const [row] = await database.all<JobRow & { lease: number; tries: number }>(
        `UPDATE jobs SET lease = lease + 1, lease_until = ?, tries = tries + 1
         WHERE id = (SELECT id FROM jobs WHERE proof_open = 1 AND state = 'verifying' AND ${ready} AND ${isFree}
                     ORDER BY created_at LIMIT 1)
         RETURNING ${columns}, lease, tries`,
        [now + leases.readMs, now, now, endsOf(lost, leases.readMs)],
      );
      if (row === undefined) return null;
      const { lease, tries, ...job } = row;
      return { job: readJob(job), lease: { number: lease, tries } };
    },

    proofProgress: (jobId, lease, progress, now) =>
      changesOneRow(
        database,
        `UPDATE jobs SET proof = ?, tries = iif(? > coalesce(proof ->> '$.settled', 0), 0, tries), ${changed}
         WHERE ${asks} AND paused = 0`,
        [JSON.stringify(progress), progress.settled, now, jobId, lease.number],
      ),

    proofTurn: (jobId, lease, progress, nextAt, now) =>
      changesOneRow(
        database,
        `UPDATE jobs SET proof = ?, lease_until = 0, tries = 0, outages = 0, not_before = ?, ${changed}
         WHERE ${asks} AND paused = 0`,
        [JSON.stringify(progress), nextAt, now, jobId, lease.number],
      ),

    proofDone: (jobId, lease, progress, now) =>
      changesOneRow(
        database,
        `UPDATE jobs SET proof = ?, proof_open = 0, lease_until = 0, tries = 0, outages = 0, ${changed} WHERE ${asks}`,
        [JSON.stringify(progress), now, jobId, lease.number],
      ),

    async claimSlice(now, lost = []) {
      // One statement leases the slice and returns its job. If a second statement read the job and failed, the slice
      // would be leased but no runner would work on it.
      const [row] = await database.all<SliceRow & { job: string; lease: number; tries: number }>(
        `UPDATE job_slices SET lease = lease + 1, lease_until = ?, tries = tries + 1
         WHERE (job_id, position) = (
           SELECT job_id, position FROM job_slices
           WHERE done = 0 AND ${isFree}
             AND job_id IN (SELECT id FROM jobs WHERE state = 'verifying' AND proof_open = 0 AND ${ready})
           ORDER BY position, job_id LIMIT 1)
         RETURNING ${jobArray('job_slices.job_id')} AS job, position, start, bytes, rows, duplicates, lease, tries`,
        [now + leases.sliceMs, now, endsOf(lost, leases.sliceMs), now],
      );
      if (row === undefined) return null;
      const { job, lease, tries, ...slice } = row;
      return { job: readJobArray(job), slice: readSlice(slice), lease: { number: lease, tries } };
    },

    async sliceDone(jobId, slice, lease, result, now) {
      const ours = `EXISTS (SELECT 1 FROM job_slices JOIN jobs ON jobs.id = job_slices.job_id
        WHERE job_id = ? AND position = ? AND job_slices.lease = ? AND done = 0 AND ${before('finish')})`;
      const owner = [jobId, slice.position, lease.number];
      const { tally } = result;
      const counts = [
        ...Object.entries(tally.results).map(([name, rows]) => ['result', name, rows]),
        ...Object.entries(tally.reasons).map(([name, rows]) => ['reason', name, rows]),
        ...Object.entries(tally.actions).map(([name, rows]) => ['action', name, rows]),
      ];
      const changes = result.changes.map((one) => [one.before, one.after, one.rows]);
      const results = await database.batch([
        {
          sql: `INSERT INTO job_counts (workspace, job_id, kind, name, rows)
                SELECT (SELECT workspace FROM jobs WHERE id = ?1), ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2) WHERE ${ours}
                ON CONFLICT DO UPDATE SET rows = rows + excluded.rows`,
          params: [jobId, JSON.stringify(counts), ...owner],
        },
        {
          sql: `INSERT INTO job_changes (workspace, job_id, before, after, rows)
                SELECT (SELECT workspace FROM jobs WHERE id = ?1), ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2) WHERE ${ours}
                ON CONFLICT DO UPDATE SET rows = rows + excluded.rows`,
          params: [jobId, JSON.stringify(changes), ...owner],
        },
        {
          sql: `UPDATE jobs SET rows_done = rows_done + ?, rows_kept = rows_kept + ?, duplicates = duplicates + ?,
                  outages = 0, ${changed}
                WHERE id = ? AND ${ours}`,
          params: [slice.rows, tally.kept, tally.duplicates, now, jobId, ...owner],
        },
        {
          sql: `UPDATE job_slices SET done = 1, finished_at = ?, tally = ?, due_at = ?, result_bytes = ?
                WHERE job_id = ? AND position = ? AND ${ours}`,
          params: [now, JSON.stringify(tally), result.dueAt, result.bytes, jobId, slice.position, ...owner],
        },
        {
          sql: `UPDATE jobs SET state = 'completed', finished_at = ?, ${changed},
                  due_at = CASE WHEN kept_until IS NULL THEN NULL
                    ELSE max(?, (SELECT min(due_at) FROM job_slices WHERE job_id = jobs.id)) END
                WHERE id = ? AND ${before('finish')}
                  AND NOT EXISTS (SELECT 1 FROM job_slices WHERE job_id = jobs.id AND done = 0)`,
          params: [now, now, now + minimumReverifyMs, jobId],
        },
        callbackOf(jobId, 'completed', now),
      ]);
      return results[3]!.changes === 1;
    },

    async renew(jobId, position, lease, now) {
      if (position === null)
        await database.run(
          `UPDATE jobs SET lease_until = ? WHERE id = ? AND lease = ? AND lease_until > 0
             AND (state = 'queued' OR (state = 'verifying' AND proof_open = 1))`,
          [now + leases.readMs, jobId, lease.number],
        );
      else
        await database.run(
          'UPDATE job_slices SET lease_until = ? WHERE job_id = ? AND position = ? AND lease = ? AND done = 0 AND lease_until > 0',
          [now + leases.sliceMs, jobId, position, lease.number],
        );
    },

    async outage(jobId, position, lease, notBefore, now) {
      if (position === null) {
        await database.run(
          `UPDATE jobs SET lease_until = 0, tries = 0, not_before = ?, outages = outages + 1, ${changed} WHERE ${asks}`,
          [notBefore, now, jobId, lease.number],
        );
        return;
      }
      await database.batch([
        {
          sql: 'UPDATE job_slices SET lease_until = 0, tries = 0 WHERE job_id = ? AND position = ? AND lease = ? AND done = 0',
          params: [jobId, position, lease.number],
        },
        {
          // If several slices report the same outage of the resolvers, only the first one is counted.
          sql: `UPDATE jobs SET not_before = ?, outages = outages + 1, ${changed} WHERE id = ? AND not_before <= ?`,
          params: [notBefore, now, jobId, now],
        },
      ]);
    },

    async releaseClaim(jobId, position, lease, retryAt) {
      if (position === null)
        await database.run('UPDATE jobs SET lease_until = ? WHERE id = ? AND lease = ?', [
          retryAt,
          jobId,
          lease.number,
        ]);
      else
        await database.run(
          'UPDATE job_slices SET lease_until = ? WHERE job_id = ? AND position = ? AND lease = ? AND done = 0',
          [retryAt, jobId, position, lease.number],
        );
    },

    async isDeleted(jobId) {
      return (
        (await database.first("SELECT 1 FROM jobs WHERE id = ? AND state <> 'deleting'", [jobId])) === null
      );
    },

    async endAllLeases(now) {
      const { free, firstMs, doublings } = crashes;
      // Numbers that are bound as parameters are REAL, but the shift (`<<`) needs integers, and `lease_until` must stay
      // one. So the numbers of the shift are written into the SQL, and the current time is cast.
      const until = `CASE WHEN tries < ${free} OR lease_until <= ? THEN 0
        ELSE CAST(? AS INTEGER) + (${firstMs} << min(tries - ${free}, ${doublings})) END`;
      const params = [now, now];
      await database.batch([
        { sql: `UPDATE jobs SET lease_until = ${until} WHERE ${inStates(openStates)}`, params },
        { sql: `UPDATE job_slices SET lease_until = ${until} WHERE done = 0`, params },
      ]);
    },

    async fail(jobId, lease, error, now) {
      const [failed] = await database.batch([
        {
          sql: `UPDATE jobs SET state = 'failed', error = ?, finished_at = ?, lease_until = 0, ${changed}
                WHERE id = ? AND ${before('fail')} AND lease = coalesce(?, lease)`,
          params: [JSON.stringify(error), now, now, jobId, lease?.number ?? null],
        },
        callbackOf(jobId, 'failed', now),
      ]);
      return failed!.changes === 1;
    },

    async workload(now) {
      const row = await database.first<{ leased: number; open: number }>(
        `SELECT (SELECT count(*) FROM jobs WHERE state = 'queued' AND lease_until > ?)
              + (SELECT count(*) FROM job_slices WHERE done = 0 AND lease_until > ?) AS leased,
                EXISTS (SELECT 1 FROM jobs WHERE ${inStates(openStates)} AND ${ready})
             OR EXISTS (SELECT 1 FROM job_callbacks WHERE state = 'pending' AND next_at <= ?) AS open`,
        [now, now, now, now],
      );
      return { leased: row!.leased, open: row!.open === 1 };
    },
  };
}

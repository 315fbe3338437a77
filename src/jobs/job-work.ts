// Leases on the work of jobs, and counting by the holder of a lease.

import type { Database, Statement } from '../storage/database.ts';
import {
  type Job,
  type JobError,
  type Lease,
  type ListLayout,
  openStates,
  type Slice,
  type SlicePlan,
  type SliceResult,
} from './job.ts';
import {
  before,
  callbackOf,
  changed,
  columns,
  inStates,
  insertSlices,
  type JobRow,
  readJob,
  ready,
} from './job-sql.ts';

export interface Leases {
  /** Milliseconds that reading a whole file may take. */
  readonly readMs: number;
  /** Milliseconds that one slice may take. */
  readonly sliceMs: number;
}

export const defaultLeases: Leases = { readMs: 15 * 60_000, sliceMs: 5 * 60_000 };

/** A kept list is verified again at most once a day. Milliseconds. */
const dueAtLeastMs = 86_400_000;

export function jobWork(database: Database, leases: Leases) {
  return {
    /** A lease on reading the file of a job, or null if none is waiting. */
    async claimFile(now: number): Promise<{ job: Job; lease: Lease } | null> {
      const [row] = await database.all<JobRow & { lease: number; tries: number }>(
        `UPDATE jobs SET lease = lease + 1, lease_until = ?, tries = tries + 1, started_at = coalesce(started_at, ?), ${changed}
         WHERE id = (SELECT id FROM jobs WHERE state = 'queued' AND ${ready} AND lease_until <= ?
                     ORDER BY created_at LIMIT 1)
         RETURNING ${columns}, lease, tries`,
        [now + leases.readMs, now, now, now, now],
      );
      if (row === undefined) return null;
      const { lease, tries, ...job } = row;
      return { job: readJob(job), lease: { number: lease, tries } };
    },

    /** The file was read: its slices can be claimed now. False if the lease was lost. */
    async fileRead(
      job: Job,
      lease: Lease,
      plan: { readonly layout: ListLayout; readonly slices: readonly SlicePlan[] },
      now: number,
    ): Promise<boolean> {
      const ours = `EXISTS (SELECT 1 FROM jobs WHERE id = ? AND lease = ? AND ${before('read')})`;
      const owner = [job.id, lease.number];
      const statements: Statement[] = [
        { sql: `DELETE FROM job_slices WHERE job_id = ? AND ${ours}`, params: [job.id, ...owner] },
        ...insertSlices(job.id, plan.slices, ours, owner),
      ];
      const rows = plan.slices.reduce((sum, slice) => sum + slice.rows, 0);
      statements.push({
        sql: `UPDATE jobs SET state = 'verifying', layout = ?, rows = ?, outages = 0, lease_until = 0, ${changed}
              WHERE id = ? AND lease = ? AND ${before('read')}`,
        params: [JSON.stringify(plan.layout), rows, now, ...owner],
      });
      return (await database.batch(statements)).at(-1)!.changes === 1;
    },

    /** A lease on the first open slice, or null if none may begin. */
    async claimSlice(now: number): Promise<{ jobId: string; slice: Slice; lease: Lease } | null> {
      const [row] = await database.all<
        Omit<Slice, 'start'> & { start: string; jobId: string; lease: number; tries: number }
      >(
        `UPDATE job_slices SET lease = lease + 1, lease_until = ?, tries = tries + 1
         WHERE (job_id, position) = (
           SELECT job_id, position FROM job_slices
           WHERE done = 0 AND lease_until <= ?
             AND job_id IN (SELECT id FROM jobs WHERE state = 'verifying' AND ${ready})
           ORDER BY position, job_id LIMIT 1)
         RETURNING job_id AS jobId, position, start, bytes, rows, duplicates, lease, tries`,
        [now + leases.sliceMs, now, now],
      );
      if (row === undefined) return null;
      const { jobId, lease, tries, start, ...slice } = row;
      return { jobId, slice: { ...slice, start: JSON.parse(start) }, lease: { number: lease, tries } };
    },

    /**
     * The slice is done and its file is written: counts it, and completes the job with its last slice. False if the
     * lease or the job was lost; then nothing is counted.
     */
    async sliceDone(
      jobId: string,
      slice: Slice,
      lease: Lease,
      result: SliceResult,
      now: number,
    ): Promise<boolean> {
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
          sql: `INSERT INTO job_counts (job_id, kind, name, rows)
                SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE ${ours}
                ON CONFLICT DO UPDATE SET rows = rows + excluded.rows`,
          params: [jobId, JSON.stringify(counts), ...owner],
        },
        {
          sql: `INSERT INTO job_changes (job_id, before, after, rows)
                SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE ${ours}
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
          params: [now, now, now + dueAtLeastMs, jobId],
        },
        callbackOf(jobId, 'completed', now),
      ]);
      return results[3]!.changes === 1;
    },

    /**
     * Returns a slice that could not be done through no fault of its own, and pauses the whole job until `notBefore`.
     */
    async outage(
      jobId: string,
      position: number,
      lease: Lease,
      notBefore: number,
      now: number,
    ): Promise<void> {
      await database.batch([
        {
          sql: 'UPDATE job_slices SET lease_until = 0, tries = 0 WHERE job_id = ? AND position = ? AND lease = ? AND done = 0',
          params: [jobId, position, lease.number],
        },
        {
          // Concurrent slices meet the same outage: count it once.
          sql: `UPDATE jobs SET not_before = ?, outages = outages + 1, ${changed} WHERE id = ? AND not_before <= ?`,
          params: [notBefore, now, jobId, now],
        },
      ]);
    },

    /** After an internal error: the work may begin again at `retryAt`. */
    async giveBack(jobId: string, position: number | null, lease: Lease, retryAt: number): Promise<void> {
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

    /** For the only runner, right after start: the holders of all leases are dead. */
    async endAllLeases(): Promise<void> {
      await database.batch([
        { sql: `UPDATE jobs SET lease_until = 0 WHERE ${inStates(openStates)}` },
        { sql: 'UPDATE job_slices SET lease_until = 0 WHERE done = 0' },
      ]);
    },

    /** False if the job can no longer fail, or if `lease` on its file was lost. */
    async fail(jobId: string, lease: Lease | null, error: JobError, now: number): Promise<boolean> {
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

    /** Work in progress, and whether more may begin. */
    async workload(now: number): Promise<{ leased: number; open: boolean }> {
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

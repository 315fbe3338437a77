// The state of all jobs in the database. Every change is one statement or one batch, so that a crash leaves none halfway.

import type { Database, SqlValue, Statement } from '../../store/database.ts';
import { addTally, emptyTally, type Tally } from '../tally.ts';
import {
  type Change,
  type Count,
  type Job,
  type JobError,
  type JobEvent,
  type JobState,
  type Lease,
  type ListLayout,
  type NewJob,
  openStates,
  type Slice,
  type SlicePlan,
  type SliceResult,
  statesBefore,
} from './job.ts';

export interface Leases {
  /** Milliseconds that reading a whole file may take. */
  readonly readMs: number;
  /** Milliseconds that one slice may take. */
  readonly sliceMs: number;
}

export const defaultLeases: Leases = { readMs: 15 * 60_000, sliceMs: 5 * 60_000 };

/** Slices are inserted so many a statement, below the 2 MB that D1 takes in one parameter. */
const slicesAtOnce = 1000;

/** Tallies of slices that are read at once, a few kilobytes each. */
const talliesAtOnce = 500;

/** A list that is kept is verified again once a day at most. Milliseconds. */
const dueAtLeastMs = 86_400_000;

export type JobStore = ReturnType<typeof createJobStore>;

export interface DoneSlice {
  readonly position: number;
  /** The lease under which it was done: part of its file's name. */
  readonly lease: number;
}

const quoted = (states: readonly JobState[]): string => states.map((state) => `'${state}'`).join(', ');
const inStates = (states: readonly JobState[]): string => `state IN (${quoted(states)})`;
const before = (event: JobEvent): string => inStates(statesBefore(event));

/** Work of a job may begin: `?` is the present moment. */
const ready = 'paused = 0 AND not_before <= ?';

const columns = `id, state, paused, not_before AS notBefore, outages, version, name, options, layout, bytes, rows,
  rows_done AS rowsDone, rows_kept AS rowsKept, duplicates, error, created_at AS createdAt, updated_at AS updatedAt,
  started_at AS startedAt, finished_at AS finishedAt, callback_url AS callbackUrl, kept_until AS keptUntil,
  due_at AS dueAt, follows`;

type JobRow = Omit<Job, 'paused' | 'options' | 'layout' | 'error'> & {
  readonly paused: number;
  readonly options: string;
  readonly layout: string | null;
  readonly error: string | null;
};

const readJob = (row: JobRow): Job => ({
  ...row,
  paused: row.paused === 1,
  options: JSON.parse(row.options),
  layout: row.layout === null ? null : JSON.parse(row.layout),
  error: row.error === null ? null : JSON.parse(row.error),
});

const insertJob = `INSERT INTO jobs (id, state, name, options, bytes, created_at, updated_at, callback_url, request_key,
  request_fingerprint, kept_until, follows)`;

const jobValues = (job: NewJob): SqlValue[] => [
  job.id,
  job.name,
  JSON.stringify(job.options),
  job.bytes,
  job.createdAt,
  job.createdAt,
  job.callbackUrl,
  job.requestKey,
  job.requestFingerprint,
  job.keptUntil,
  job.follows,
];

/** Where `condition` holds. */
function insertSlices(
  jobId: string,
  slices: readonly SlicePlan[],
  condition: string,
  params: readonly SqlValue[],
): Statement[] {
  const statements: Statement[] = [];
  for (let from = 0; from < slices.length; from += slicesAtOnce) {
    const rows = slices
      .slice(from, from + slicesAtOnce)
      .map(({ start, bytes, rows, duplicates }, index) => [
        from + index,
        JSON.stringify(start),
        bytes,
        rows,
        duplicates,
      ]);
    statements.push({
      sql: `INSERT INTO job_slices (job_id, position, start, bytes, rows, duplicates)
            SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)
            WHERE ${condition}`,
      params: [jobId, JSON.stringify(rows), ...params],
    });
  }
  return statements;
}

const changed = 'version = version + 1, updated_at = ?';

export function createJobStore(database: Database, leases: Leases = defaultLeases) {
  const change = async (sql: string, params: readonly SqlValue[]): Promise<boolean> =>
    (await database.run(sql, params)).changes === 1;

  const find = async (where: string, params: readonly SqlValue[]): Promise<Job | null> => {
    const row = await database.first<JobRow>(`SELECT ${columns} FROM jobs WHERE ${where}`, params);
    return row && readJob(row);
  };

  return {
    /** The job, unless it is gone or going. */
    job: (id: string) => find("id = ? AND state <> 'deleting'", [id]),

    /** At most `limit` jobs, the latest first, that are older than `before`. */
    async list(before: { createdAt: number; id: string } | null, limit: number): Promise<Job[]> {
      const rows = await database.all<JobRow>(
        `SELECT ${columns} FROM jobs WHERE state <> 'deleting' AND (created_at, id) < (?, ?)
         ORDER BY created_at DESC, id DESC LIMIT ?`,
        [before?.createdAt ?? Number.MAX_SAFE_INTEGER, before?.id ?? '', limit],
      );
      return rows.map(readJob);
    },

    /** Before the first byte of an upload is stored, so that its file is found should nobody finish it. */
    async beginUpload(id: string, now: number): Promise<void> {
      await database.run('INSERT INTO job_uploads (id, began_at) VALUES (?, ?)', [id, now]);
    },

    endUpload: (id: string) => change('DELETE FROM job_uploads WHERE id = ?', [id]),

    async uploadsBegunBefore(moment: number): Promise<string[]> {
      const rows = await database.all<{ id: string }>('SELECT id FROM job_uploads WHERE began_at < ?', [
        moment,
      ]);
      return rows.map(({ id }) => id);
    },

    /** Makes the job of an upload. False where a job with the same request key is there already. */
    async create(job: NewJob): Promise<boolean> {
      const [inserted] = await database.batch([
        {
          sql: `${insertJob} VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (request_key) DO NOTHING`,
          params: jobValues(job),
        },
        { sql: 'DELETE FROM job_uploads WHERE id = ? AND id IN (SELECT id FROM jobs)', params: [job.id] },
      ]);
      return inserted!.changes === 1;
    },

    async ofRequest(key: string): Promise<{ job: Job; fingerprint: string } | null> {
      const row = await database.first<JobRow & { fingerprint: string }>(
        `SELECT ${columns}, request_fingerprint AS fingerprint FROM jobs WHERE request_key = ? AND state <> 'deleting'`,
        [key],
      );
      if (row === null) return null;
      const { fingerprint, ...job } = row;
      return { job: readJob(job), fingerprint };
    },

    /** A lease on reading the file of a job, or null where none waits to be read. */
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

    /** The file was read: from now on its slices can be claimed. False where the lease was lost meanwhile. */
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

    /** A lease on the first open slice, or null where none may be begun. */
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
     * The slice is done and its file is written: counts it, and completes the job with its last slice.
     * False where the lease or the job was lost meanwhile; nothing is counted then.
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

    /** Gives a file or a slice back for no fault of its own, and lets the whole job rest until `notBefore`. */
    async outage(jobId: string, position: number | null, lease: Lease, notBefore: number, now: number) {
      await database.batch([
        position === null
          ? {
              sql: 'UPDATE jobs SET lease_until = 0, tries = 0 WHERE id = ? AND lease = ?',
              params: [jobId, lease.number],
            }
          : {
              sql: 'UPDATE job_slices SET lease_until = 0, tries = 0 WHERE job_id = ? AND position = ? AND lease = ? AND done = 0',
              params: [jobId, position, lease.number],
            },
        {
          // Slices that run beside each other meet the same outage: it counts once.
          sql: `UPDATE jobs SET not_before = ?, outages = outages + 1, ${changed} WHERE id = ? AND not_before <= ?`,
          params: [notBefore, now, jobId, now],
        },
      ]);
    },

    /** After an error of ours: the work may be begun again from `retryAt`. */
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

    /** For a runner that is the only one and has just started: whoever held a lease is dead. */
    async endAllLeases(): Promise<void> {
      await database.batch([
        { sql: `UPDATE jobs SET lease_until = 0 WHERE ${inStates(openStates)}` },
        { sql: 'UPDATE job_slices SET lease_until = 0 WHERE done = 0' },
      ]);
    },

    /** False where the job is past failing, or `lease` on its file was lost. */
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

    /** These three are false where the state does not allow it. */
    setPaused: (id: string, paused: boolean, now: number) =>
      change(
        `UPDATE jobs SET paused = ?, not_before = 0, ${changed} WHERE id = ? AND ${inStates(openStates)}`,
        [paused ? 1 : 0, now, id],
      ),

    cancel: (id: string, now: number) =>
      change(
        `UPDATE jobs SET state = 'cancelled', finished_at = ?, ${changed} WHERE id = ? AND ${before('cancel')}`,
        [now, now, id],
      ),

    /** From then on nobody sees the job; its traces are removed by `removeJob`. */
    markDeleting: (id: string, now: number) =>
      change(
        `UPDATE jobs SET state = 'deleting', request_key = NULL, callback_url = NULL, name = NULL, ${changed}
         WHERE id = ? AND ${before('delete')}`,
        [now, id],
      ),

    /** Jobs that are being deleted and that no lease can write files for any longer. */
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

    /** Jobs whose time is over: lists that are kept at the end of that, the others `untouchedSince` a moment. */
    async expired(now: number, untouchedSince: number): Promise<string[]> {
      const rows = await database.all<{ id: string }>(
        `SELECT id FROM jobs WHERE state <> 'deleting'
           AND CASE WHEN kept_until IS NULL THEN updated_at < ? ELSE kept_until <= ? END`,
        [untouchedSince, now],
      );
      return rows.map(({ id }) => id);
    },

    /** Lists that are kept and have verdicts that are due. */
    async due(now: number): Promise<Job[]> {
      const rows = await database.all<JobRow>(
        `SELECT ${columns} FROM jobs WHERE due_at <= ? AND state = 'completed' ORDER BY due_at LIMIT 10`,
        [now],
      );
      return rows.map(readJob);
    },

    /**
     * Makes the job that verifies a kept list again, ready to be verified; from then on that one is the list.
     * False where another one was made meanwhile.
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

    /** Every slice of a job that is completed, in order, with the length of its result. */
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

    counts: (id: string) =>
      database.all<Count>(
        'SELECT kind, name, rows FROM job_counts WHERE job_id = ? ORDER BY kind, rows DESC, name',
        [id],
      ),

    changes: (id: string) =>
      database.all<Change>(
        'SELECT before, after, rows FROM job_changes WHERE job_id = ? ORDER BY before, after',
        [id],
      ),

    /** What the forecast of a completed job needs: put together of its slices once, and kept. */
    async tally(id: string): Promise<Tally> {
      const known = await database.first<{ tally: string | null }>('SELECT tally FROM jobs WHERE id = ?', [
        id,
      ]);
      if (known?.tally != null) return JSON.parse(known.tally);
      const sum = emptyTally();
      for (let from = 0; ; from += talliesAtOnce) {
        const slices = await database.all<{ tally: string }>(
          `SELECT tally FROM job_slices WHERE job_id = ? AND done = 1 AND position >= ? AND position < ?
           ORDER BY position`,
          [id, from, from + talliesAtOnce],
        );
        for (const { tally } of slices) addTally(sum, JSON.parse(tally));
        if (slices.length < talliesAtOnce) break;
      }
      await database.run("UPDATE jobs SET tally = ? WHERE id = ? AND state = 'completed'", [
        JSON.stringify(sum),
        id,
      ]);
      return sum;
    },

    /** Rows done since a moment. */
    async rowsSince(id: string, since: number): Promise<number> {
      return (await database.first<{ rows: number }>(
        `SELECT coalesce(sum(rows), 0) AS rows FROM job_slices WHERE job_id = ? AND done = 1 AND finished_at >= ?`,
        [id, since],
      ))!.rows;
    },

    /** The slices done from `from` on up to the first that is not. */
    async doneFrom(id: string, from: number, limit: number): Promise<DoneSlice[]> {
      const rows = await database.all<DoneSlice & { done: number }>(
        'SELECT position, lease, done FROM job_slices WHERE job_id = ? AND position >= ? ORDER BY position LIMIT ?',
        [id, from, limit],
      );
      const open = rows.findIndex(({ done }) => done === 0);
      return (open === -1 ? rows : rows.slice(0, open)).map(({ position, lease }) => ({ position, lease }));
    },

    /** Pieces of work that are leased to somebody, and whether any more may be begun. */
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

/** The callback of a job that has just ended, where one was asked for; of a list verified again, where that changed anything. */
const callbackOf = (jobId: string, state: 'completed' | 'failed', now: number): Statement => ({
  sql: `INSERT INTO job_callbacks (id, job_id, event, next_at)
        SELECT 'msg_' || id, id, CASE WHEN follows IS NOT NULL AND state = 'completed' THEN 'list.reverified' ELSE 'job.' || state END, ?
        FROM jobs WHERE id = ? AND state = ? AND callback_url IS NOT NULL
          AND (follows IS NULL OR state = 'failed' OR EXISTS (SELECT 1 FROM job_changes WHERE job_id = jobs.id))
        ON CONFLICT DO NOTHING`,
  params: [now, jobId, state],
});

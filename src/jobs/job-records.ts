// Jobs as callers create, see and control them, in the database.

import { addTally, emptyTally, type Tally } from '../lists/tally.ts';
import type { Database, SqlValue } from '../storage/database.ts';
import { type Change, type Count, type Job, type NewJob, openStates } from './job.ts';
import {
  before,
  changed,
  columns,
  inStates,
  insertJob,
  type JobRow,
  jobValues,
  readJob,
  writesOne,
} from './job-sql.ts';

/** Tallies of slices read at once, a few kilobytes each. */
const talliesAtOnce = 500;

export interface DoneSlice {
  readonly position: number;
  /** The lease under which it was done: part of its file's name. */
  readonly lease: number;
}

export function jobRecords(database: Database) {
  const change = (sql: string, params: readonly SqlValue[]): Promise<boolean> =>
    writesOne(database, sql, params);

  return {
    /** The job, unless it is deleted or being deleted. */
    async job(id: string): Promise<Job | null> {
      const row = await database.first<JobRow>(
        `SELECT ${columns} FROM jobs WHERE id = ? AND state <> 'deleting'`,
        [id],
      );
      return row && readJob(row);
    },

    /** At most `limit` jobs older than `before`, latest first. */
    async list(before: { createdAt: number; id: string } | null, limit: number): Promise<Job[]> {
      const rows = await database.all<JobRow>(
        `SELECT ${columns} FROM jobs WHERE workspace = 'default' AND state <> 'deleting' AND (created_at, id) < (?, ?)
         ORDER BY created_at DESC, id DESC LIMIT ?`,
        [before?.createdAt ?? Number.MAX_SAFE_INTEGER, before?.id ?? '', limit],
      );
      return rows.map(readJob);
    },

    /** Recorded before the first byte of an upload is stored, so that an unfinished upload can be found. */
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

    /** Creates the job of an upload. False if a job with the same request key exists. */
    async create(job: NewJob): Promise<boolean> {
      const [inserted] = await database.batch([
        {
          sql: `${insertJob} VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, request_key) DO NOTHING`,
          params: jobValues(job),
        },
        { sql: 'DELETE FROM job_uploads WHERE id = ? AND id IN (SELECT id FROM jobs)', params: [job.id] },
      ]);
      return inserted!.changes === 1;
    },

    async ofRequest(key: string): Promise<{ job: Job; fingerprint: string } | null> {
      const row = await database.first<JobRow & { fingerprint: string }>(
        `SELECT ${columns}, request_fingerprint AS fingerprint FROM jobs WHERE workspace = 'default' AND request_key = ? AND state <> 'deleting'`,
        [key],
      );
      if (row === null) return null;
      const { fingerprint, ...job } = row;
      return { job: readJob(job), fingerprint };
    },

    /** These two are false if the state does not allow it. */
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

    /** The input of a completed job's forecast: merged from its slices once, then kept. */
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

    /** Rows done since a time. */
    async rowsSince(id: string, since: number): Promise<number> {
      return (await database.first<{ rows: number }>(
        `SELECT coalesce(sum(rows), 0) AS rows FROM job_slices WHERE job_id = ? AND done = 1 AND finished_at >= ?`,
        [id, since],
      ))!.rows;
    },

    /** The finished slices from `from` on, up to the first unfinished one. */
    async doneFrom(id: string, from: number, limit: number): Promise<DoneSlice[]> {
      const rows = await database.all<DoneSlice & { done: number }>(
        'SELECT position, lease, done FROM job_slices WHERE job_id = ? AND position >= ? ORDER BY position LIMIT ?',
        [id, from, limit],
      );
      const open = rows.findIndex(({ done }) => done === 0);
      return (open === -1 ? rows : rows.slice(0, open)).map(({ position, lease }) => ({ position, lease }));
    },
  };
}

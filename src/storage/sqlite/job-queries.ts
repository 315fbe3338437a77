// Jobs in SQLite for the API: callers create, read and control the jobs of one workspace. Also reads the details of one
// job.

import { type CallbackState, type Change, type Count, openStates } from '../../jobs/job.ts';
import type { DoneSlice, JobDetails, JobRecords } from '../../jobs/job-repository.ts';
import { addTally, emptyTally } from '../../lists/tally.ts';
import type { Database, SqlValue } from '../database.ts';
import {
  before,
  changed,
  changesOneRow,
  columns,
  inStates,
  insertJob,
  type JobRow,
  jobValues,
  readJob,
  readSlice,
  type SliceRow,
} from './job-statements.ts';

/** Number of tallies (the statistics of one slice each) that one query reads. A tally takes a few kilobytes. */
const talliesAtOnce = 500;

export function jobQueries(database: Database, workspace: string): JobRecords & JobDetails {
  const change = (sql: string, params: readonly SqlValue[]): Promise<boolean> =>
    changesOneRow(database, sql, params);

  return {
    async job(id) {
      const row = await database.first<JobRow>(
        `SELECT ${columns} FROM jobs WHERE id = ? AND workspace = ? AND state <> 'deleting'`,
        [id, workspace],
      );
      return row && readJob(row);
    },

    async list(before, limit) {
      const rows = await database.all<JobRow>(
        `SELECT ${columns} FROM jobs WHERE workspace = ? AND state <> 'deleting' AND (created_at, id) < (?, ?)
         ORDER BY created_at DESC, id DESC LIMIT ?`,
        [workspace, before?.createdAt ?? Number.MAX_SAFE_INTEGER, before?.id ?? '', limit],
      );
      return rows.map(readJob);
    },

    async beginUpload(id, now) {
      await database.run('INSERT INTO job_uploads (workspace, id, began_at) VALUES (?, ?, ?)', [
        workspace,
        id,
        now,
      ]);
    },

    async create(job) {
      const [inserted] = await database.batch([
        {
          sql: `${insertJob} VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, request_key) DO NOTHING`,
          params: [job.id, workspace, ...jobValues(job)],
        },
        { sql: 'DELETE FROM job_uploads WHERE id = ? AND id IN (SELECT id FROM jobs)', params: [job.id] },
      ]);
      return inserted!.changes === 1;
    },

    async ofRequest(key) {
      const row = await database.first<JobRow & { fingerprint: string }>(
        `SELECT ${columns}, request_fingerprint AS fingerprint FROM jobs WHERE workspace = ? AND request_key = ? AND state <> 'deleting'`,
        [workspace, key],
      );
      if (row === null) return null;
      const { fingerprint, ...job } = row;
      return { job: readJob(job), fingerprint };
    },

    configure: (id, { name, options, keptUntil }, now) =>
      change(
        `UPDATE jobs SET name = ?, options = ?, kept_until = ?, ${changed}
         WHERE id = ? AND workspace = ? AND state = 'queued' AND paused = 1 AND started_at IS NULL`,
        [name, JSON.stringify(options), keptUntil, now, id, workspace],
      ),

    setPaused: (id, paused, now) =>
      change(
        `UPDATE jobs SET paused = ?, not_before = 0, ${changed} WHERE id = ? AND workspace = ? AND ${inStates(openStates)}`,
        [paused ? 1 : 0, now, id, workspace],
      ),

    cancel: (id, now) =>
      change(
        `UPDATE jobs SET state = 'cancelled', finished_at = ?, ${changed} WHERE id = ? AND workspace = ? AND ${before('cancel')}`,
        [now, now, id, workspace],
      ),

    keep: (id, kept, now) =>
      change(
        `UPDATE jobs SET kept_until = ?, due_at = ?, ${changed}
         WHERE id = ? AND workspace = ? AND state = 'completed' AND NOT EXISTS (SELECT 1 FROM jobs AS later WHERE later.follows = jobs.id)`,
        [kept?.keptUntil ?? null, kept?.dueAt ?? null, now, id, workspace],
      ),

    async follower(id) {
      const row = await database.first<JobRow>(
        `SELECT ${columns} FROM jobs WHERE follows = ? AND workspace = ? AND state <> 'deleting'`,
        [id, workspace],
      );
      return row === null ? null : readJob(row);
    },

    counts: async (id) =>
      database.all<Count>(
        'SELECT kind, name, rows FROM job_counts WHERE job_id = ? ORDER BY kind, rows DESC, name',
        [id],
      ),

    changes: async (id) =>
      database.all<Change>(
        'SELECT before, after, rows FROM job_changes WHERE job_id = ? ORDER BY before, after',
        [id],
      ),

    async tally(id) {
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

    async rowsSince(id, since) {
      return (await database.first<{ rows: number }>(
        `SELECT coalesce(sum(rows), 0) AS rows FROM job_slices WHERE job_id = ? AND done = 1 AND finished_at >= ?`,
        [id, since],
      ))!.rows;
    },

    async doneFrom(id, from, limit) {
      const rows = await database.all<DoneSlice & { done: number }>(
        'SELECT position, lease, done FROM job_slices WHERE job_id = ? AND position >= ? ORDER BY position LIMIT ?',
        [id, from, limit],
      );
      const open = rows.findIndex(({ done }) => done === 0);
      return (open === -1 ? rows : rows.slice(0, open)).map(({ position, lease }) => ({ position, lease }));
    },

    async results(id) {
      const rows = await database.all<SliceRow & { lease: number; resultBytes: number }>(
        `SELECT position, start, bytes, rows, duplicates, lease, result_bytes AS resultBytes FROM job_slices
         WHERE job_id = ? ORDER BY position`,
        [id],
      );
      return rows.map(readSlice);
    },

    async slices(id) {
      const rows = await database.all<SliceRow>(
        'SELECT position, start, bytes, rows, duplicates FROM job_slices WHERE job_id = ? ORDER BY position',
        [id],
      );
      return rows.map(readSlice);
    },

    callbackState: async (id) =>
      database.first<CallbackState>('SELECT state, attempts, outcome FROM job_callbacks WHERE job_id = ?', [
        id,
      ]),
  };
}

// Shared parts of the SQL statements about jobs.

import {
  type Job,
  type JobEvent,
  type JobState,
  type NewJob,
  type Slice,
  type SlicePlan,
  statesBefore,
} from '../../jobs/job.ts';
import type { Database, SqlValue, Statement } from '../database.ts';

/** Slices per INSERT. Their JSON stays below D1's limit of 2 MB per parameter. */
const slicesAtOnce = 1000;

const quoted = (states: readonly JobState[]): string => states.map((state) => `'${state}'`).join(', ');
export const inStates = (states: readonly JobState[]): string => `state IN (${quoted(states)})`;
/** The states in which `event` is allowed. */
export const before = (event: JobEvent): string => inStates(statesBefore(event));

/** The condition for work on a job to start. `?` is the current time. */
export const ready = 'paused = 0 AND not_before <= ?';

/** The assignments for every change that callers can see. `?` is the current time. */
export const changed = 'version = version + 1, updated_at = ?';

export const columns = `id, state, paused, not_before AS notBefore, outages, version, name, options, layout, bytes, rows,
  rows_done AS rowsDone, rows_kept AS rowsKept, duplicates, error, created_at AS createdAt, updated_at AS updatedAt,
  started_at AS startedAt, finished_at AS finishedAt, callback_url AS callbackUrl, kept_until AS keptUntil,
  due_at AS dueAt, follows`;

const columnPairs = columns.split(',').map((column) => column.trim().split(' AS '));

/** `columns` of the job `id` as one JSON array, for a statement on another table; `readJobArray` reads it. */
export const jobArray = (id: string): string =>
  `(SELECT json_array(${columnPairs.map(([column]) => column).join(', ')}) FROM jobs WHERE jobs.id = ${id})`;

export function readJobArray(text: string): Job {
  const values = JSON.parse(text) as unknown[];
  const row = Object.fromEntries(columnPairs.map((names, index) => [names.at(-1)!, values[index]]));
  return readJob(row as unknown as JobRow);
}

export type JobRow = Omit<Job, 'paused' | 'options' | 'layout' | 'error'> & {
  readonly paused: number;
  readonly options: string;
  readonly layout: string | null;
  readonly error: string | null;
};

export const readJob = (row: JobRow): Job => ({
  ...row,
  paused: row.paused === 1,
  options: JSON.parse(row.options),
  layout: row.layout === null ? null : JSON.parse(row.layout),
  error: row.error === null ? null : JSON.parse(row.error),
});

export type SliceRow = Omit<Slice, 'start'> & { readonly start: string };

/** Parses `start`, which is stored as JSON. */
export const readSlice = <Row extends SliceRow>(row: Row): Omit<Row, 'start'> & Pick<Slice, 'start'> => ({
  ...row,
  start: JSON.parse(row.start),
});

/** The columns are id, workspace and state, then those of `jobValues` in the same order. */
export const insertJob = `INSERT INTO jobs (id, workspace, state, name, options, bytes, created_at, updated_at, callback_url, request_key,
  request_fingerprint, kept_until, follows)`;

export const jobValues = (job: NewJob): SqlValue[] => [
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

/** Inserts slices if `condition` holds. */
export function insertSlices(
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
      sql: `INSERT INTO job_slices (workspace, job_id, position, start, bytes, rows, duplicates)
            SELECT (SELECT workspace FROM jobs WHERE id = ?1), ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?2)
            WHERE ${condition}`,
      params: [jobId, JSON.stringify(rows), ...params],
    });
  }
  return statements;
}

/**
 * Queues the callback of a job that has just ended, if it has a URL. A list that was verified again has a callback only
 * if a result changed or the job failed.
 */
export const callbackOf = (jobId: string, state: 'completed' | 'failed', now: number): Statement => ({
  sql: `INSERT INTO job_callbacks (workspace, id, job_id, event, next_at)
        SELECT workspace, 'msg_' || id, id, CASE WHEN follows IS NOT NULL AND state = 'completed' THEN 'list.reverified' ELSE 'job.' || state END, ?
        FROM jobs WHERE id = ? AND state = ? AND callback_url IS NOT NULL
          AND (follows IS NULL OR state = 'failed' OR EXISTS (SELECT 1 FROM job_changes WHERE job_id = jobs.id))
        ON CONFLICT DO NOTHING`,
  params: [now, jobId, state],
});

/** Whether exactly one row was written. */
export const changesOneRow = async (
  database: Database,
  sql: string,
  params: readonly SqlValue[],
): Promise<boolean> => (await database.run(sql, params)).changes === 1;

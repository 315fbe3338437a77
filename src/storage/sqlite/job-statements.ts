// Parts of SQL statements about jobs that several files use.

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

/**
 * Maximum number of slices (parts of a list) that one INSERT writes. They are passed as one JSON parameter, which must
 * stay below D1's limit of 2 MB.
 */
const slicesAtOnce = 1000;

const quoted = (states: readonly JobState[]): string => states.map((state) => `'${state}'`).join(', ');
export const inStates = (states: readonly JobState[]): string => `state IN (${quoted(states)})`;
/** The condition that a job is in a state in which `event` may happen. */
export const before = (event: JobEvent): string => inStates(statesBefore(event));

/** The condition that work on a job may start. `?` is the current time. */
export const ready = 'paused = 0 AND not_before <= ?';

/** The assignments for every UPDATE that changes what callers see of a job. `?` is the current time. */
export const changed = 'version = version + 1, updated_at = ?';

export const columns = `id, state, paused, not_before AS notBefore, outages, version, name, options, layout, bytes, rows,
  rows_done AS rowsDone, rows_kept AS rowsKept, duplicates, error, created_at AS createdAt, updated_at AS updatedAt,
  started_at AS startedAt, finished_at AS finishedAt, callback_url AS callbackUrl, kept_until AS keptUntil,
  due_at AS dueAt, follows, proof`;

const columnPairs = columns.split(',').map((column) => column.trim().split(' AS '));

/**
 * An expression for the `columns` of the job `id` as one JSON array. A statement on another table uses it to return the
 * job as well. `readJobArray` reads the array.
 */
export const jobArray = (id: string): string =>
  `(SELECT json_array(${columnPairs.map(([column]) => column).join(', ')}) FROM jobs WHERE jobs.id = ${id})`;

export function readJobArray(text: string): Job {
  const values = JSON.parse(text) as unknown[];
  const row = Object.fromEntries(columnPairs.map((names, index) => [names.at(-1)!, values[index]]));
  return readJob(row as unknown as JobRow);
}

export type JobRow = Omit<Job, 'paused' | 'options' | 'layout' | 'error' | 'proof'> & {
  readonly paused: number;
  readonly options: string;
  readonly layout: string | null;
  readonly error: string | null;
  readonly proof: string | null;
};

export const readJob = (row: JobRow): Job => ({
  ...row,
  paused: row.paused === 1,
  options: JSON.parse(row.options),
  layout: row.layout === null ? null : JSON.parse(row.layout),
  error: row.error === null ? null : JSON.parse(row.error),
  proof: row.proof === null ? null : JSON.parse(row.proof),
});

/** The assignment that opens the asking of mail hosts, if the job wants it. */
export const opensProof = "proof_open = coalesce(options ->> '$.proof', 0)";

export type SliceRow = Omit<Slice, 'start'> & { readonly start: string };

/** Converts a row to a slice: `start` is stored as JSON. */
export const readSlice = <Row extends SliceRow>(row: Row): Omit<Row, 'start'> & Pick<Slice, 'start'> => ({
  ...row,
  start: JSON.parse(row.start),
});

/**
 * The beginning of an INSERT of a job. The values must be id, workspace and state, followed by those of `jobValues`.
 */
export const insertJob = `INSERT INTO jobs (id, workspace, state, name, options, bytes, created_at, updated_at, callback_url, request_key,
  request_fingerprint, kept_until, follows, paused)`;

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
  job.paused ? 1 : 0,
];

/**
 * Returns statements that insert slices if the SQL `condition` is true. `params` are the parameters of the condition.
 */
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
 * Returns a statement that queues the callback of a job that has just ended, if the job has a callback URL. If the job
 * verified a kept list again, the callback is queued only if a result changed or the job failed.
 */
export const callbackOf = (jobId: string, state: 'completed' | 'failed', now: number): Statement => ({
  sql: `INSERT INTO job_callbacks (workspace, id, job_id, event, next_at)
        SELECT workspace, 'msg_' || id, id, CASE WHEN follows IS NOT NULL AND state = 'completed' THEN 'list.reverified' ELSE 'job.' || state END, ?
        FROM jobs WHERE id = ? AND state = ? AND callback_url IS NOT NULL
          AND (follows IS NULL OR state = 'failed' OR EXISTS (SELECT 1 FROM job_changes WHERE job_id = jobs.id))
        ON CONFLICT DO NOTHING`,
  params: [now, jobId, state],
});

/** Runs a statement and returns whether it wrote exactly one row. */
export const changesOneRow = async (
  database: Database,
  sql: string,
  params: readonly SqlValue[],
): Promise<boolean> => (await database.run(sql, params)).changes === 1;

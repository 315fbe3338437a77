// A job as the API shows it: the schemas of the responses, and the functions that create them.

import * as v from 'valibot';
import { type CallbackState, type Change, formatOf, type Job } from '../../jobs/job.ts';
import { type JobProgress, shownState } from '../../jobs/progress.ts';
import type { ListSummary } from '../../lists/summary.ts';
import { countField, momentField, nullableMoment, nullableString, shareField } from '../fields.ts';

export const ShownJobState = v.picklist([
  'queued',
  'verifying',
  'paused',
  'waiting',
  'completed',
  'failed',
  'cancelled',
]);

const rowsBy = v.record(v.string(), countField);
const nullableCount = v.nullable(countField);
const amount = v.pipe(v.number(), v.minValue(0));
const contribution = { rows: countField, expected_bounces: amount, rate: shareField, share: shareField };

export const ForecastAnswer = v.object({
  rows: v.pipe(
    countField,
    v.description('Number of distinct addresses in the forecast, which assumes that all of them are mailed.'),
  ),
  expected_bounces: v.pipe(
    amount,
    v.description('Expected hard bounces if each of these addresses is mailed once.'),
  ),
  rate: v.pipe(shareField, v.description('The expected rate of hard bounces, from 0 to 1.')),
  low: v.pipe(
    shareField,
    v.description('Lower bound of the 90% interval of the expected bounce rate; `high` is the upper bound.'),
  ),
  high: shareField,
  thresholds: v.pipe(
    v.array(v.object({ rate: shareField, chance: shareField })),
    v.description('The probability (`chance`) that the bounce rate exceeds each `rate`.'),
  ),
  by_reason: v.array(v.object({ reason: v.string(), ...contribution })),
  by_source: v.array(v.object({ source: nullableString, ...contribution })),
  removals: v.pipe(
    v.array(v.object({ below: shareField, remove: countField, remain: countField, rate: shareField })),
    v.description(
      'How many rows to remove to bring the expected bounce rate under `below`. The most likely bounces are removed first. `remain` is the number of rows that are left, and `rate` their expected bounce rate.',
    ),
  ),
  unknown_share: v.pipe(shareField, v.description('Share of the addresses whose result is `unknown`.')),
  catch_all_share: v.pipe(
    shareField,
    v.description(
      'Share of the addresses at catch-all domains, which accept mail to any name. With `proof`, only addresses are counted about which their mail hosts or own mail told something. Without it, addresses at domains that own mail or earlier answers show to be catch-alls are counted among all. Guides for senders warn of lists with 0.25 or more.',
    ),
  ),
  undated_share: v.pipe(
    shareField,
    v.description(
      'Share of the addresses whose bounce probability depends on when mail to them last arrived, although the list does not say when.',
    ),
  ),
  needs: v.pipe(
    v.nullable(v.picklist(['dates', 'sample'])),
    v.description(
      'What to do if the interval from `low` to `high` is too wide. `dates`: add a column that says when mail to each address last arrived. `sample`: send mail to a random sample first. Null if the interval is narrow enough.',
    ),
  ),
});

export const JobAnswer = v.object({
  id: v.string(),
  name: nullableString,
  state: v.pipe(
    ShownJobState,
    v.description(
      '"waiting": no DNS resolver answers. The job continues automatically when one does. "failed": the file cannot be read as a list; `error` says why.',
    ),
  ),
  format: v.nullable(v.picklist(['csv', 'ndjson', 'xlsx'])),
  bytes: v.pipe(countField, v.description('The size of the uploaded file.')),
  rows: v.pipe(nullableCount, v.description('Number of rows; null until the whole file has been read.')),
  rows_done: countField,
  rows_kept: v.pipe(
    countField,
    v.description(
      'Number of finished rows that were not verified again, because they already have a verdict of presend that is recent enough (see `max_age_days`).',
    ),
  ),
  duplicates: v.pipe(
    countField,
    v.description(
      'Number of finished rows whose address is also in an earlier row. With `drop_duplicates`, the number of rows that the result leaves out because another row has the same mailbox.',
    ),
  ),
  counts: v.pipe(
    v.object({ result: rowsBy, reason: rowsBy, action: rowsBy }),
    v.description('Number of finished rows by result, by reason and by action.'),
  ),
  no_address: v.pipe(
    nullableCount,
    v.description('Number of rows without an address; null until the job is completed.'),
  ),
  set_aside: v.pipe(
    nullableCount,
    v.description(
      'Number of records that cannot be read. GET /v1/jobs/{id}/rejects returns them; the result does not contain them. Null until the job is completed.',
    ),
  ),
  several_addresses: v.pipe(
    nullableCount,
    v.description('Number of rows with more than one address; null until the job is completed.'),
  ),
  providers: v.pipe(
    v.nullable(rowsBy),
    v.description(
      'Number of rows for each mailbox provider. presend finds the provider of a custom domain by its MX records. Null until the job is completed.',
    ),
  ),
  gateways: v.pipe(
    v.nullable(rowsBy),
    v.description(
      'Number of rows for each mail gateway: a filter service that receives the mail before the mailbox provider, such as mimecast. Null until the job is completed.',
    ),
  ),
  mailboxes: v.pipe(
    v.nullable(rowsBy),
    v.description(
      'Number of distinct addresses for each finding about their mailboxes, such as `exists` or `unknown_user`. Null until the job is completed, and if nothing is known about any mailbox.',
    ),
  ),
  rows_per_second: v.nullable(amount),
  seconds_left: v.nullable(amount),
  created_at: momentField,
  started_at: nullableMoment,
  finished_at: nullableMoment,
  error: v.pipe(
    v.nullable(v.object({ code: v.string(), message: v.string(), row: nullableCount })),
    v.description('Why the file cannot be read as a list, and at which row; null unless the job has failed.'),
  ),
  forecast: v.pipe(
    v.nullable(ForecastAnswer),
    v.description('The bounce forecast; null until the job is completed.'),
  ),
  goal: v.pipe(
    v.nullable(v.object({ below: shareField, keep: countField, remove: countField, rate: shareField })),
    v.description(
      'The outcome of the `goal` of the upload: the result has only `keep` rows, whose expected bounce rate `rate` is under `below`. `remove` rows were left out. Null without a goal, and until the job is completed.',
    ),
  ),
  sample: v.pipe(
    v.nullable(v.object({ rows: countField, of: countField })),
    v.description(
      'The size of the random sample that was verified: `rows` contacts. `of` is the number of contacts of the whole list. Null if the job verifies the whole list, and until it is completed.',
    ),
  ),
  proof: v.pipe(
    v.nullable(v.object({ addresses: countField, settled: countField })),
    v.description(
      'The progress of the upload field `proof`: about how many distinct addresses presend asks the mail hosts (`addresses`), and for how many it has finished (`settled`). The rows are verified afterwards. On Workers, `addresses` grows while the list is read. Null without `proof`, and until presend begins to ask.',
    ),
  ),
  callback: v.pipe(
    v.nullable(
      v.object({
        state: v.picklist(['waiting', 'pending', 'delivered', 'failed']),
        attempts: countField,
        outcome: nullableString,
      }),
    ),
    v.description('The state of the webhook to `callback_url`; null without `callback_url`.'),
  ),
  kept_until: v.pipe(nullableMoment, v.description('When the job and its files are deleted.')),
  due_at: v.pipe(
    nullableMoment,
    v.description(
      'When presend verifies the list again: at this time, the first of its verdicts expires. Null unless the list was uploaded with `keep=true`.',
    ),
  ),
  follows: v.pipe(
    nullableString,
    v.description(
      'The id of the previous job of this list, if the list was uploaded with `keep=true`; null if there is none.',
    ),
  ),
  changes: v.pipe(
    v.nullable(v.array(v.object({ from: v.string(), to: v.string(), rows: countField }))),
    v.description(
      'The rows whose result changed since the previous job of this list: `rows` rows changed from the result `from` to the result `to`. Null if there is no previous job.',
    ),
  ),
});

export const JobSummary = v.object({
  id: v.string(),
  name: nullableString,
  state: ShownJobState,
  rows: nullableCount,
  rows_done: countField,
  created_at: momentField,
  finished_at: nullableMoment,
});

export const JobListAnswer = v.object({
  items: v.array(JobSummary),
  next_cursor: v.pipe(
    nullableString,
    v.description(
      'Send this value as the query parameter `cursor` to get the next page; null on the last page.',
    ),
  ),
});

export const JobDeletedAnswer = v.object({ id: v.string(), deleted: v.literal(true) });

const time = (moment: number | null): string | null =>
  moment === null ? null : new Date(moment).toISOString();

export const jobSummary = (job: Job, now: number) => ({
  id: job.id,
  name: job.name,
  state: shownState(job, now),
  rows: job.rows,
  rows_done: job.rowsDone,
  created_at: new Date(job.createdAt).toISOString(),
  finished_at: time(job.finishedAt),
});

interface Known {
  readonly progress: JobProgress;
  /** Null until the job is completed. */
  readonly summary: ListSummary | null;
  readonly callback: CallbackState | null;
  readonly changes: readonly Change[] | null;
}

export const jobAnswer = (job: Job, { progress, summary, callback, changes }: Known) => ({
  id: job.id,
  name: job.name,
  state: progress.state,
  format: job.layout === null ? job.options.format : formatOf(job.layout.shape),
  bytes: job.bytes,
  rows: job.rows,
  rows_done: job.rowsDone,
  rows_kept: job.rowsKept,
  duplicates: job.duplicates,
  counts: progress.counts,
  no_address: summary?.no_address ?? null,
  set_aside: summary?.set_aside ?? null,
  several_addresses: summary?.several_addresses ?? null,
  providers: summary?.providers ?? null,
  gateways: summary?.gateways ?? null,
  mailboxes: summary?.mailboxes ?? null,
  rows_per_second: progress.rate,
  seconds_left: progress.secondsLeft,
  created_at: new Date(job.createdAt).toISOString(),
  started_at: time(job.startedAt),
  finished_at: time(job.finishedAt),
  error: job.error && { code: job.error.code, message: job.error.message, row: job.error.row },
  forecast: summary?.forecast ?? null,
  goal: summary?.goal ?? null,
  sample: summary?.sample ?? null,
  proof: job.proof && { addresses: job.proof.all, settled: job.proof.settled },
  callback:
    job.callbackUrl === null ? null : (callback ?? { state: 'waiting' as const, attempts: 0, outcome: null }),
  kept_until: time(job.keptUntil),
  due_at: time(job.dueAt),
  follows: job.follows,
  changes: changes?.map(({ before, after, rows }) => ({ from: before, to: after, rows })) ?? null,
});

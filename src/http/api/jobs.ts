// The API of jobs: lists that are uploaded, verified and fetched.

import * as v from 'valibot';
import { nullableString } from './fields.ts';
import { type Area, badBody } from './operation.ts';

const wholeNumber = (least: number, most: number, otherwise: string) =>
  v.pipe(
    v.optional(v.string(), otherwise),
    v.regex(/^\d{1,9}$/, `Expected a whole number from ${least} to ${most}.`),
    v.transform(Number),
    v.minValue(least, `Expected a whole number from ${least} to ${most}.`),
    v.maxValue(most, `Expected a whole number from ${least} to ${most}.`),
  );

const shortText = (most: number) =>
  v.pipe(v.string(), v.maxLength(most, `Expected at most ${most} characters.`));

/** As texts: they come in the query or as fields of a form. */
export const JobFields = v.object({
  name: v.optional(
    v.pipe(
      shortText(100),
      v.check((name) => !name.includes('@'), 'Expected a name, not an address.'),
    ),
  ),
  email_column: v.optional(shortText(200)),
  max_age_days: wholeNumber(0, 3650, '90'),
  callback_url: v.optional(shortText(2000)),
  keep: v.optional(v.picklist(['true', 'false'], 'Expected true or false.'), 'false'),
});

const fieldDescriptions: Readonly<Record<keyof typeof JobFields.entries, string>> = {
  name: 'What you call the list. Not an address.',
  email_column:
    'The column that holds the address, by its name or its number from 1; a path such as `contact.email` in NDJSON. Found by name and content where absent.',
  max_age_days: 'Rows verified within so many days keep the verdict that they carry; 90 by default.',
  callback_url: 'https URL that is told when the job has ended: signed, with counts only.',
  keep: '`true`: the list is kept, and verified again when its verdicts are due.',
};

const State = v.picklist(['queued', 'verifying', 'paused', 'waiting', 'completed', 'failed', 'cancelled']);

const rowsBy = v.record(v.string(), v.number());
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const contribution = { rows: v.number(), expected_bounces: v.number(), rate: share, share };

export const ForecastAnswer = v.object({
  rows: v.pipe(v.number(), v.description('Distinct addresses that would be sent to.')),
  expected_bounces: v.pipe(v.number(), v.description('Hard bounces to expect among them.')),
  rate: share,
  low: v.pipe(share, v.description('The ends of the 90 % interval of the rate.')),
  high: share,
  thresholds: v.array(v.object({ rate: share, chance: share })),
  by_reason: v.array(v.object({ reason: v.string(), ...contribution })),
  by_source: v.array(v.object({ source: nullableString, ...contribution })),
  removals: v.pipe(
    v.array(v.object({ below: share, remove: v.number(), remain: v.number(), rate: share })),
    v.description('How many rows to remove, the likeliest bounces first, to get below a rate.'),
  ),
  unknown_share: share,
  catch_all_share: share,
});

export const JobAnswer = v.object({
  id: v.string(),
  name: nullableString,
  state: v.pipe(
    State,
    v.description(
      '"waiting": no resolver answers; the job goes on by itself. "paused": somebody paused it. "failed": `error` says why.',
    ),
  ),
  format: v.nullable(v.picklist(['csv', 'ndjson'])),
  bytes: v.number(),
  rows: v.pipe(v.nullable(v.number()), v.description('Null until the file was read to its end.')),
  rows_done: v.number(),
  rows_kept: v.pipe(v.number(), v.description('Of the rows done, those that kept the verdict they carried.')),
  duplicates: v.pipe(v.number(), v.description('Of the rows done, those whose address stood further up.')),
  counts: v.object({ result: rowsBy, reason: rowsBy, action: rowsBy }),
  rows_per_second: v.nullable(v.number()),
  seconds_left: v.nullable(v.number()),
  created_at: v.string(),
  started_at: nullableString,
  finished_at: nullableString,
  error: v.nullable(v.object({ code: v.string(), message: v.string(), row: v.nullable(v.number()) })),
  forecast: v.pipe(
    v.nullable(ForecastAnswer),
    v.description('What the list would bounce; null until the job is completed.'),
  ),
  callback: v.nullable(
    v.object({
      state: v.picklist(['waiting', 'pending', 'delivered', 'failed']),
      attempts: v.number(),
      outcome: nullableString,
    }),
  ),
  kept_until: nullableString,
  due_at: v.pipe(
    nullableString,
    v.description('When the first verdict of a list that is kept is due again.'),
  ),
  follows: v.pipe(nullableString, v.description('The job that verified this list before.')),
  changes: v.pipe(
    v.nullable(v.array(v.object({ from: v.string(), to: v.string(), rows: v.number() }))),
    v.description('How the results changed against that job.'),
  ),
});

export const JobSummary = v.object({
  id: v.string(),
  name: nullableString,
  state: State,
  rows: v.nullable(v.number()),
  rows_done: v.number(),
  created_at: v.string(),
  finished_at: nullableString,
});

export const JobListAnswer = v.object({
  items: v.array(JobSummary),
  next_cursor: v.pipe(
    nullableString,
    v.description('Pass it as ?cursor= for the next page; null on the last.'),
  ),
});

export const JobDeletedAnswer = v.object({ id: v.string(), deleted: v.literal(true) });

const noSuchJob = ['There is no such job.'] as const;
const notInThisState = ['The job is past that.'] as const;

export const jobs: Area = {
  tag: 'Lists',
  schemas: { JobAnswer, ForecastAnswer, JobSummary, JobListAnswer, JobDeletedAnswer },
  operations: {
    'POST /v1/jobs': {
      id: 'createJob',
      summary: 'Upload a list to be verified',
      description:
        'The file is the body, or a file field of a form. All columns and rows come back as they were, with the verdicts beside them.',
      query: fieldDescriptions,
      headers: {
        'Idempotency-Key':
          'Up to 255 characters. The same key with the same request gives the job that is there; with another request 422.',
      },
      requestMediaTypes: {
        'text/csv': 'CSV, with any delimiter and encoding.',
        'application/x-ndjson': 'One JSON object a line.',
        'multipart/form-data': 'The file as a file field; the fields of the query may be fields of the form.',
      },
      answers: {
        200: ['The job of an earlier request with the same key.', JobAnswer],
        202: ['The job; `location` is where it is.', JobAnswer],
        400: ['The form is not well-formed.'],
        413: badBody[413],
        415: badBody[415],
        422: [
          'A field is not of the form asked for, the form has no file, the list is empty, or the key came with another request.',
        ],
      },
    },
    'GET /v1/jobs': {
      id: 'listJobs',
      summary: 'All jobs, the latest first',
      query: {
        cursor: 'The `next_cursor` of the page before.',
        limit: 'Jobs a page, 1 to 100; 20 by default.',
      },
      answers: {
        200: ['One page.', JobListAnswer],
        422: ['The cursor or the limit is not of the form asked for.'],
      },
    },
    'GET /v1/jobs/{id}': {
      id: 'job',
      summary: 'How a job does',
      answers: { 200: ['The job.', JobAnswer], 404: noSuchJob },
    },
    'GET /v1/jobs/{id}/events': {
      id: 'jobEvents',
      summary: 'How a job does, told as it goes on',
      description:
        'Server-sent events: `progress`, and at the end `completed`, `failed`, `cancelled` or `deleted`. The data is the job. A client that comes back with Last-Event-ID is told nothing twice.',
      headers: { 'Last-Event-ID': 'The id of the last event that arrived.' },
      answerMediaTypes: { 'text/event-stream': 'Server-sent events.' },
      answers: { 200: ['The events.'], 404: noSuchJob },
    },
    'GET /v1/jobs/{id}/result': {
      id: 'jobResult',
      summary: 'The list with its verdicts',
      description:
        'Of a job under way, the rows done so far, from the first on; `presend-complete: false` says so.',
      query: {
        format: '`csv` or `ndjson`; as it was uploaded where absent.',
        action: 'Only rows with this action: `accept`, `confirm`, `reject` or `retry`.',
      },
      answerMediaTypes: {
        'text/csv': 'All columns as they were, and ours behind them.',
        'application/x-ndjson': 'One JSON object a line.',
      },
      answers: {
        200: ['The file.'],
        404: noSuchJob,
        409: ['The file has not been read yet, or was refused.'],
        422: ['The format or the action is not one of those.'],
      },
    },
    'GET /v1/jobs/{id}/report': {
      id: 'jobReport',
      summary: 'What the list would bounce, as a page to show and to print',
      answerMediaTypes: { 'text/html': 'A page without scripts, and with nothing from elsewhere.' },
      answers: {
        200: ['The page.'],
        404: noSuchJob,
        409: ['Not every row is done.'],
      },
    },
    'POST /v1/jobs/{id}/pause': {
      id: 'pauseJob',
      summary: 'Hold a job where it is',
      answers: { 200: ['The job.', JobAnswer], 404: noSuchJob, 409: notInThisState },
    },
    'POST /v1/jobs/{id}/resume': {
      id: 'resumeJob',
      summary: 'Let a job go on',
      answers: { 200: ['The job.', JobAnswer], 404: noSuchJob, 409: notInThisState },
    },
    'POST /v1/jobs/{id}/cancel': {
      id: 'cancelJob',
      summary: 'End a job; what is done can still be fetched',
      answers: { 200: ['The job.', JobAnswer], 404: noSuchJob, 409: notInThisState },
    },
    'DELETE /v1/jobs/{id}': {
      id: 'deleteJob',
      summary: 'Remove a job, its file and its result',
      answers: { 200: ['It is gone.', JobDeletedAnswer], 404: noSuchJob },
    },
  },
};

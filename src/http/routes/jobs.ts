// /v1/jobs: upload, watch, pause, resume, cancel, download and delete lists.

import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { hasEnded, type Job, type ListFormat } from '../../jobs/job.ts';
import type { Jobs } from '../../jobs/job-service.ts';
import { formBoundary } from '../../jobs/multipart.ts';
import { type FieldsOutcome, listMediaTypes, type Submission } from '../../jobs/submit.ts';
import type { Bytes } from '../../storage/files/file-store.ts';
import type { Action } from '../../verdict/verdict.ts';
import { badBody, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import {
  brokenOff,
  type FieldError,
  invalidHeader,
  invalidQuery,
  invalidRequest,
  type Problem,
  problem,
} from '../problem.ts';
import {
  ForecastAnswer,
  JobAnswer,
  JobDeletedAnswer,
  JobListAnswer,
  JobSummary,
  jobAnswer,
  jobSummary,
} from './job-answer.ts';
import { jobEvents } from './job-events.ts';

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

const unknownJob = ['Unknown job id.'] as const;
const notInThisState = ['The job is past that.'] as const;

export const jobsResource: Resource = {
  tag: 'Lists',
  schemas: { JobAnswer, ForecastAnswer, JobSummary, JobListAnswer, JobDeletedAnswer },
  operations: {
    'POST /v1/jobs': {
      scope: 'jobs',
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
      scope: 'jobs',
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
      scope: 'jobs',
      id: 'job',
      summary: 'How a job does',
      answers: { 200: ['The job.', JobAnswer], 404: unknownJob },
    },
    'GET /v1/jobs/{id}/events': {
      scope: 'jobs',
      id: 'jobEvents',
      summary: 'How a job does, told as it goes on',
      description:
        'Server-sent events: `progress`, and at the end `completed`, `failed`, `cancelled` or `deleted`. The data is the job. A client that comes back with Last-Event-ID is told nothing twice.',
      headers: { 'Last-Event-ID': 'The id of the last event that arrived.' },
      answerMediaTypes: { 'text/event-stream': 'Server-sent events.' },
      answers: { 200: ['The events.'], 404: unknownJob },
    },
    'GET /v1/jobs/{id}/result': {
      scope: 'jobs',
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
        404: unknownJob,
        409: ['The file has not been read yet, or was refused.'],
        422: ['The format or the action is not one of those.'],
      },
    },
    'GET /v1/jobs/{id}/report': {
      scope: 'jobs',
      id: 'jobReport',
      summary: 'What the list would bounce, as a page to show and to print',
      answerMediaTypes: { 'text/html': 'A page without scripts, and with nothing from elsewhere.' },
      answers: {
        200: ['The page.'],
        404: unknownJob,
        409: ['Not every row is done.'],
      },
    },
    'POST /v1/jobs/{id}/pause': {
      scope: 'jobs',
      id: 'pauseJob',
      summary: 'Hold a job where it is',
      answers: { 200: ['The job.', JobAnswer], 404: unknownJob, 409: notInThisState },
    },
    'POST /v1/jobs/{id}/resume': {
      scope: 'jobs',
      id: 'resumeJob',
      summary: 'Let a job go on',
      answers: { 200: ['The job.', JobAnswer], 404: unknownJob, 409: notInThisState },
    },
    'POST /v1/jobs/{id}/cancel': {
      scope: 'jobs',
      id: 'cancelJob',
      summary: 'End a job; what is done can still be fetched',
      answers: { 200: ['The job.', JobAnswer], 404: unknownJob, 409: notInThisState },
    },
    'DELETE /v1/jobs/{id}': {
      scope: 'jobs',
      id: 'deleteJob',
      summary: 'Remove a job, its file and its result',
      answers: { 200: ['It is gone.', JobDeletedAnswer], 404: unknownJob },
    },
  },
};

const maxListed = 100;
const listedByDefault = 20;
const longestKey = 255;

export const jobRoutes = ({ jobs, now, maxUploadBytes }: HttpPorts) => {
  const answer = async (job: Job) => {
    const [progress, summary, callback, changes] = await Promise.all([
      jobs.progress(job),
      jobs.summary(job),
      job.callbackUrl === null ? null : jobs.callbackState(job),
      job.follows === null ? null : jobs.changes(job),
    ]);
    return jobAnswer(job, { progress, forecast: summary?.forecast ?? null, callback, changes });
  };

  const steered = async (c: Context, steer: (id: string) => Promise<boolean>) => {
    const id = c.req.param('id')!;
    const done = await steer(id);
    const job = await jobs.find(id);
    if (job === null) return problem(c, noSuchJob);
    return done ? c.json(await answer(job), 200) : problem(c, pastThat(job.state));
  };

  return new Hono()
    .post('/jobs', async (c) => {
      const contentType = c.req.header('content-type') ?? '';
      const mediaType = contentType.split(';')[0]!.trim().toLowerCase();
      const boundary = formBoundary(contentType);
      if (boundary === null && !Object.hasOwn(listMediaTypes, mediaType)) return problem(c, notAList);
      const key = c.req.header('idempotency-key') ?? null;
      if (key !== null && (key === '' || key.length > longestKey))
        return problem(c, invalidHeader('Idempotency-Key', `Expected 1 to ${longestKey} characters.`));
      const submission = await jobs.submit({
        body: bodyOf(c),
        formBoundary: boundary,
        format: boundary === null ? listMediaTypes[mediaType]! : null,
        query: c.req.query(),
        readFields: (given) => readFields(jobs, given),
        idempotencyKey: key,
      });
      switch (submission.kind) {
        case 'created':
          return c.json(await answer(submission.job), 202, { location: `/v1/jobs/${submission.job.id}` });
        case 'repeated':
          return c.json(await answer(submission.job), 200, { location: `/v1/jobs/${submission.job.id}` });
        default:
          return refusal(c, submission, maxUploadBytes);
      }
    })
    .get('/jobs', async (c) => {
      const { cursor, limit } = c.req.query();
      const size = limit === undefined ? listedByDefault : Number(limit);
      if (!(Number.isInteger(size) && size >= 1 && size <= maxListed))
        return problem(c, invalidQuery('limit', `Expected a whole number from 1 to ${maxListed}.`));
      const before = cursor === undefined ? null : readCursor(cursor);
      if (cursor !== undefined && before === null)
        return problem(c, invalidQuery('cursor', 'Expected the next_cursor of another page.'));
      // One more than asked for tells whether there is a next page.
      const page = await jobs.list(before, size + 1);
      const shown = page.slice(0, size);
      const last = shown.at(-1);
      return c.json(
        {
          items: shown.map((job) => jobSummary(job, now())),
          next_cursor: page.length > size && last ? `${last.createdAt}.${last.id}` : null,
        },
        200,
      );
    })
    .get('/jobs/:id', async (c) => {
      const job = await jobs.find(c.req.param('id'));
      if (job === null) return problem(c, noSuchJob);
      return c.json(await answer(job), 200, { 'cache-control': 'no-store' });
    })
    .get('/jobs/:id/events', async (c) => {
      const job = await jobs.find(c.req.param('id'));
      if (job === null) return problem(c, noSuchJob);
      const seen = Number(c.req.header('last-event-id') ?? 0) || 0;
      // The one status that keeps an EventSource from coming back.
      if (hasEnded(job) && seen >= job.version) return c.body(null, 204);
      const events = jobEvents({ find: () => jobs.find(job.id), answer, now }, seen);
      return c.body(streamOf(events), 200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // Proxies of nginx's kind would hold events back.
        'x-accel-buffering': 'no',
      });
    })
    .get('/jobs/:id/result', async (c) => {
      const { format, action } = c.req.query();
      if (format !== undefined && !isFormat(format))
        return problem(c, invalidQuery('format', 'Expected csv or ndjson.'));
      if (action !== undefined && !isAction(action))
        return problem(c, invalidQuery('action', `Expected one of ${actions.join(', ')}.`));
      const job = await jobs.find(c.req.param('id'));
      if (job === null) return problem(c, noSuchJob);
      if (job.layout === null) return problem(c, noResult(job));
      const written = format ?? job.layout.shape.format;
      const content = jobs.result(job, { format: written, action: action ?? null });
      return c.body(streamOf(content), 200, {
        'content-type': written === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
        'content-disposition': `attachment; filename="${job.id}.${written}"`,
        'cache-control': 'no-store',
        'presend-complete': String(job.state === 'completed'),
      });
    })
    .get('/jobs/:id/report', async (c) => {
      const job = await jobs.find(c.req.param('id'));
      if (job === null) return problem(c, noSuchJob);
      const summary = await jobs.summary(job);
      if (summary === null) return problem(c, noReport);
      const { reportPage } = await import('../../lists/report.ts');
      const page = reportPage(summary, new Date(job.createdAt).toISOString().slice(0, 10));
      return c.html(page, 200, { 'cache-control': 'no-store' });
    })
    .post('/jobs/:id/pause', (c) => steered(c, (id) => jobs.setPaused(id, true)))
    .post('/jobs/:id/resume', (c) => steered(c, (id) => jobs.setPaused(id, false)))
    .post('/jobs/:id/cancel', (c) => steered(c, (id) => jobs.cancel(id)))
    .delete('/jobs/:id', async (c) => {
      const id = c.req.param('id');
      return (await jobs.remove(id)) ? c.json({ id, deleted: true as const }, 200) : problem(c, noSuchJob);
    });
};

async function* bodyOf(c: Context): AsyncGenerator<Bytes> {
  const body = c.req.raw.body as ReadableStream<Bytes> | null;
  if (body !== null) yield* body;
}

/** A stream that asks for no more than is read, and tells the source when its reader goes away. */
function streamOf(source: AsyncGenerator<Bytes>): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const next = await source.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await source.return(undefined);
    },
  });
}

/** Names that are none of ours are somebody else's: a form has fields of its own. */
function readFields(
  jobs: Jobs,
  given: Readonly<Record<string, string>>,
): FieldsOutcome<readonly FieldError[]> {
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const parsed = v.safeParse(JobFields, filled);
  if (!parsed.success) {
    const mistake = parsed.issues.map(({ path, message }) => ({
      pointer: `/${String(path?.[0]?.key ?? '')}`,
      detail: message,
    }));
    return { ok: false, mistake };
  }
  const { name, email_column, max_age_days, callback_url, keep } = parsed.output;
  const refused = callback_url === undefined ? null : jobs.refusalOfCallback(callback_url);
  if (refused !== null) return { ok: false, mistake: [{ pointer: '/callback_url', detail: refused }] };
  return {
    ok: true,
    fields: {
      name: name ?? null,
      emailColumn: email_column ?? null,
      maxAgeDays: max_age_days,
      callbackUrl: callback_url ?? null,
      keep: keep === 'true',
    },
  };
}

const formats: readonly ListFormat[] = ['csv', 'ndjson'];
const actions: readonly Action[] = ['accept', 'confirm', 'reject', 'retry'];
const isFormat = (text: string): text is ListFormat => (formats as readonly string[]).includes(text);
const isAction = (text: string): text is Action => (actions as readonly string[]).includes(text);

function readCursor(cursor: string): { createdAt: number; id: string } | null {
  const parts = /^(\d{1,15})\.(job_[\w-]{22})$/.exec(cursor);
  return parts === null ? null : { createdAt: Number(parts[1]), id: parts[2]! };
}

function refusal(
  c: Context,
  submission: Exclude<Submission<readonly FieldError[]>, { kind: 'created' | 'repeated' }>,
  maxBytes: number,
): Response {
  switch (submission.kind) {
    case 'wrong_fields':
      return problem(c, invalidRequest(submission.mistake));
    case 'too_large':
      return problem(
        c,
        {
          type: 'too-large',
          title: 'The list is too large',
          status: 413,
          detail: `At most ${maxBytes} bytes are read here.`,
        },
        { connection: 'close' },
      );
    case 'broken_off':
      return problem(c, brokenOff);
    case 'malformed_form':
      return problem(c, {
        type: 'malformed-form',
        title: 'The form is not well-formed',
        status: 400,
        detail: 'Send multipart/form-data by RFC 7578.',
      });
    case 'no_file':
      return problem(c, {
        type: 'no-file',
        title: 'The form has no list',
        status: 422,
        detail: 'Send the list as a file field, with a file name, as text/csv or application/x-ndjson.',
      });
    case 'empty_file':
      return problem(c, {
        type: 'empty-list',
        title: 'The list is empty',
        status: 422,
        detail: 'Not one byte of it came.',
      });
    case 'key_reused':
      return problem(c, {
        type: 'idempotency-key-reused',
        title: 'The Idempotency-Key came with another request before',
        status: 422,
        detail: 'Send each request with a key of its own, and the same key only with the very same request.',
      });
  }
}

const noSuchJob: Problem = { type: 'no-such-job', title: 'There is no such job', status: 404 };

const notAList: Problem = {
  type: 'unsupported-media-type',
  title: 'The body must be a list',
  status: 415,
  detail: 'Send it as text/csv, application/x-ndjson or multipart/form-data.',
};

const pastThat = (state: string): Problem => ({
  type: 'job-state',
  title: 'The job is past that',
  status: 409,
  detail: `Its state is "${state}".`,
});

const noResult = ({ error }: Job): Problem => ({
  type: 'no-result',
  title: error === null ? 'The file has not been read yet' : 'The file was refused',
  status: 409,
  ...(error && { detail: error.message }),
});

const noReport: Problem = {
  type: 'no-report',
  title: 'There is a report once every row is done',
  status: 409,
};

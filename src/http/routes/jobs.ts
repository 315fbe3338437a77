// /v1/jobs: upload, watch, pause, resume, cancel, download and delete lists.

import { type Context, Hono } from 'hono';
import { dayName } from '../../calendar.ts';
import { type EngagementState, engagementStates } from '../../events/engagement.ts';
import { formatOf, hasEnded, type Job, type ResultFileFormat } from '../../jobs/job.ts';
import { formBoundary } from '../../jobs/multipart.ts';
import { listMediaTypes, type Submission } from '../../jobs/submit.ts';
import { parseGoal } from '../../lists/goal.ts';
import type { Bytes } from '../../storage/files/file-store.ts';
import type { Action } from '../../verdict/verdict.ts';
import { xlsxMediaType } from '../../xlsx/workbook-limits.ts';
import { bodyChunks, bodyEnded } from '../media.ts';
import { actorOf, type Caller, type CallerVariables } from '../middleware/auth.ts';
import {
  badBody,
  cursorParameter,
  idParameter,
  integerSchema,
  oneOfSchema,
  type Resource,
  refusal,
  slowUpload,
} from '../operation.ts';
import { withoutBidiControls } from '../pages/bidi.ts';
import { ownStylePolicy } from '../pages/page-policy.ts';
import type { HttpPorts } from '../ports.ts';
import {
  type FieldError,
  invalidHeader,
  invalidQuery,
  invalidRequest,
  malformedForm,
  type Problem,
  problem,
} from '../problem.ts';
import { jobWebhookTypes } from '../sent-webhooks.ts';
import {
  ForecastAnswer,
  JobAnswer,
  JobDeletedAnswer,
  JobListAnswer,
  JobSummary,
  jobAnswer,
  jobSummary,
  ShownJobState,
} from './job-answer.ts';
import { jobEvents } from './job-events.ts';
import { jobFieldParameters, readJobFields } from './job-fields.ts';

const maxListed = 100;
const listedByDefault = 20;
const longestKey = 255;

const actions: readonly Action[] = ['accept', 'confirm', 'reject', 'retry'];

const unknownJob = refusal('Unknown job id.', 'no-such-job');
const notInThisState = refusal('The job has ended: you cannot pause, resume or cancel it.', 'job-state');
const noResultYet = refusal(
  'The uploaded file has not been read yet, or cannot be read as a list.',
  'no-result',
);
const jobId = idParameter('The id of the job, which `POST /v1/jobs` returns.', 'job_kC5iGm0Jq8Yw2Zx7Vb3N4A');
const listExample = 'email,name\ndeliverable@presend.test,Jane\nnull-mx@presend.test,John\n';

export const jobsResource: Resource = {
  tag: 'Lists',
  about: 'Verify whole lists in the background: upload a file, watch its job, download the result.',
  schemas: {
    JobState: ShownJobState,
    JobAnswer,
    ForecastAnswer,
    JobSummary,
    JobListAnswer,
    JobDeletedAnswer,
  },
  operations: {
    'POST /v1/jobs': {
      scope: 'jobs',
      id: 'createJob',
      summary: 'Upload a list',
      description:
        'Send the file as the body or as a file field of a form. The job verifies the list. Its result is the list with additional columns for the verdicts. Rows and columns stay as they are, unless a parameter such as `goal` or `repair` changes them.',
      query: jobFieldParameters,
      headers: {
        'Idempotency-Key': {
          description:
            'A text of 1 to 255 characters that makes it safe to repeat the upload: the same upload with the same text returns the existing job. A different upload with this text gets 422. Other API keys may use the same text for other uploads.',
          schema: { type: 'string', minLength: 1, maxLength: longestKey },
          example: 'upload-2026-11-20-1',
          isSent: true,
        },
      },
      requestMediaTypes: {
        'text/csv': { description: 'CSV, with any delimiter and encoding.', example: listExample },
        'application/x-ndjson': {
          description: 'One JSON object per line.',
          example: '{"email": "deliverable@presend.test"}\n{"email": "null-mx@presend.test"}\n',
        },
        [xlsxMediaType]: { description: 'An Excel workbook (XLSX). One of its sheets is read.' },
        'multipart/form-data': {
          description: 'The file as a file field. The query parameters may also be sent as form fields.',
          example: { file: { fileName: 'contacts.csv', mediaType: 'text/csv', text: listExample } },
        },
      },
      answers: {
        200: ['The job of an earlier request with the same Idempotency-Key.', JobAnswer],
        202: ['The job was created. Its URL is in `Location`.', JobAnswer],
        400: refusal('Malformed form data.', 'malformed-form', 'broken-off'),
        408: slowUpload,
        413: badBody[413],
        415: badBody[415],
        422: refusal(
          'A field is invalid, the form has no file, the list is empty, or the Idempotency-Key was already used for a different upload.',
          'invalid-request',
          'no-file',
          'empty-list',
          'idempotency-key-reused',
        ),
      },
      answerHeaders: { Location: 'The path of the job.' },
      callback: { webhooks: jobWebhookTypes, url: '{$request.query.callback_url}' },
    },
    'GET /v1/jobs': {
      scope: 'jobs',
      id: 'listJobs',
      summary: 'List jobs, newest first',
      description: 'A summary of each job. `GET /v1/jobs/{id}` has the rest.',
      query: {
        cursor: cursorParameter('1795089600000.job_kC5iGm0Jq8Yw2Zx7Vb3N4A'),
        limit: {
          description: 'Jobs per page, 1 to 100; 20 by default.',
          schema: integerSchema(1, maxListed, listedByDefault),
          example: 10,
          isSent: true,
        },
      },
      answers: {
        200: ['One page.', JobListAnswer],
        422: refusal('The query parameter `cursor` or `limit` is invalid.', 'invalid-request'),
      },
    },
    'GET /v1/jobs/{id}': {
      scope: 'jobs',
      id: 'job',
      summary: 'Get a job',
      description: 'The state of the job, its progress, and when it is completed the forecast of the list.',
      path: jobId,
      answers: { 200: ['The job.', JobAnswer], 404: unknownJob },
    },
    'GET /v1/jobs/{id}/events': {
      scope: 'jobs',
      id: 'jobEvents',
      summary: 'Stream the progress of a job',
      description:
        'Server-sent events: `progress`, then `completed`, `failed`, `cancelled` or `deleted`. The data of each event is the job as JSON. After a disconnection, send Last-Event-ID to skip the events that you already have.',
      path: jobId,
      headers: {
        'Last-Event-ID': {
          description: 'The id of the last event received.',
          schema: { type: 'integer', minimum: 0 },
          example: 3,
        },
      },
      answerMediaTypes: { 'text/event-stream': 'Server-sent events.' },
      answers: {
        200: ['The event stream.'],
        204: ['The job has ended and there are no more events.'],
        404: unknownJob,
      },
    },
    'GET /v1/jobs/{id}/result': {
      scope: 'jobs',
      id: 'jobResult',
      summary: 'Download the list with its verdicts',
      description:
        'Until the job is completed, the result has the rows finished so far, and the header `presend-complete` is `false`.',
      path: jobId,
      query: {
        format: {
          description: '`csv`, `ndjson` or `xlsx`; the format of the upload by default.',
          schema: oneOfSchema(['csv', 'ndjson', 'xlsx']),
          example: 'csv',
        },
        action: {
          description: 'Only rows with this action: `accept`, `confirm`, `reject` or `retry`.',
          schema: oneOfSchema(actions),
          example: 'accept',
          isSent: true,
        },
        engagement: {
          description:
            'Only rows of people with this engagement. `active`: the person opened, clicked or replied in the last 6 months. `inactive_6`, `inactive_12`: the person did not for at least 6 or 12 months. `unknown`: too little mail was delivered to tell. Needs an email service provider that reports opens or clicks.',
          schema: oneOfSchema(engagementStates),
          example: 'inactive_6',
        },
        goal: {
          description:
            'Only as many rows with the action `accept`, the safest first, as together are forecast to bounce less than this rate, such as `2%`. It replaces the `goal` of the upload.',
          example: '2%',
        },
        suggested: {
          description: '`true`: only the rows with a suggested correction in `ps_did_you_mean`.',
          schema: oneOfSchema(['true']),
          example: 'true',
        },
      },
      answerHeaders: {
        'Presend-Complete': '`false` while the job is running: rows are still missing.',
        'Content-Disposition': 'The file name.',
      },
      answerMediaTypes: {
        'text/csv':
          'The columns of the list, then those columns of the verdict that the list does not have yet.',
        'application/x-ndjson': 'One JSON object per line.',
        [xlsxMediaType]:
          'A workbook. It has more than one sheet only if the result has more rows than a sheet can hold (1,048,576). Numbers and dates of the uploaded sheet stay numbers and dates.',
      },
      answers: {
        200: ['The file.'],
        404: unknownJob,
        409: noResultYet,
        422: refusal(
          'A query parameter is invalid, or the result has too many columns for XLSX.',
          'invalid-request',
        ),
      },
    },
    'GET /v1/jobs/{id}/rejects': {
      scope: 'jobs',
      id: 'jobRejects',
      summary: 'Download the records that cannot be read',
      description:
        'The records of the uploaded file that presend cannot read, such as one with an unclosed quotation mark. They are not in the result. `set_aside` of the job says how many there are.',
      path: jobId,
      answerHeaders: { 'Content-Disposition': 'The file name.' },
      answerMediaTypes: { 'text/csv': 'The columns row, line, reason and record.' },
      answers: {
        200: ['The file.'],
        404: unknownJob,
        409: noResultYet,
      },
    },
    'GET /v1/jobs/{id}/report': {
      scope: 'jobs',
      id: 'jobReport',
      summary: 'Get the bounce forecast of a list as a printable page',
      description: 'The page contains counts and no addresses.',
      path: jobId,
      answerMediaTypes: { 'text/html': 'A self-contained page without scripts.' },
      answers: {
        200: ['The page.'],
        404: unknownJob,
        409: refusal('The job is not completed.', 'no-report'),
      },
    },
    'POST /v1/jobs/{id}/pause': {
      scope: 'jobs',
      id: 'pauseJob',
      summary: 'Pause a job',
      description:
        'Rows that presend is verifying at this moment are still finished. Pausing a paused job changes nothing.',
      path: jobId,
      answers: { 200: ['The job.', JobAnswer], 404: unknownJob, 409: notInThisState },
    },
    'POST /v1/jobs/{id}/resume': {
      scope: 'jobs',
      id: 'resumeJob',
      summary: 'Resume a job',
      description: 'The job continues after the last finished row.',
      path: jobId,
      answers: { 200: ['The job.', JobAnswer], 404: unknownJob, 409: notInThisState },
    },
    'POST /v1/jobs/{id}/cancel': {
      scope: 'jobs',
      id: 'cancelJob',
      summary: 'Cancel a job; its partial result stays available',
      description: 'A cancelled job cannot be resumed, and sends no webhook.',
      path: jobId,
      answers: { 200: ['The job.', JobAnswer], 404: unknownJob, 409: notInThisState },
    },
    'DELETE /v1/jobs/{id}': {
      scope: 'jobs',
      id: 'deleteJob',
      summary: 'Delete a job, its file and its result',
      description:
        'Deletes a job in any state, at once. `POST /v1/erasures` does not change uploaded lists: if a person asks you to erase their data, also delete the jobs of the lists that contain their address.',
      path: jobId,
      answers: { 200: ['The job was deleted.', JobDeletedAnswer], 404: unknownJob },
    },
  },
};

export const jobRoutes = ({ jobs, audit, now, maxUploadBytes }: HttpPorts) => {
  const answer = async (job: Job) => {
    const [progress, summary, callback, changes] = await Promise.all([
      jobs.progress(job),
      jobs.summary(job),
      job.callbackUrl === null ? null : jobs.callbackState(job),
      job.follows === null ? null : jobs.changes(job),
    ]);
    return jobAnswer(job, { progress, summary, callback, changes });
  };

  const steered = async (c: Context, steer: (id: string) => Promise<boolean>) => {
    const id = c.req.param('id')!;
    const done = await steer(id);
    const job = await jobs.find(id);
    if (job === null) return problem(c, noSuchJob);
    return done ? c.json(await answer(job), 200) : problem(c, pastThat(job.state));
  };

  return new Hono<{ Variables: CallerVariables }>()
    .post('/jobs', async (c) => {
      const contentType = c.req.header('content-type') ?? '';
      const mediaType = contentType.split(';')[0]!.trim().toLowerCase();
      const boundary = formBoundary(contentType);
      if (boundary === null && !Object.hasOwn(listMediaTypes, mediaType)) return problem(c, notAList);
      const key = c.req.header('idempotency-key') ?? null;
      if (key !== null && (key === '' || key.length > longestKey))
        return problem(c, invalidHeader('Idempotency-Key', `must be 1 to ${longestKey} characters long`));
      const submission = await jobs.submit({
        body: bodyChunks(c),
        formBoundary: boundary,
        format: boundary === null ? listMediaTypes[mediaType]! : null,
        query: c.req.query(),
        readFields: (given) => readJobFields(jobs, given),
        idempotencyKey: key === null ? null : keyOfCaller(c.get('caller'), key),
      });
      switch (submission.kind) {
        case 'created':
          return c.json(await answer(submission.job), 202, { location: `/v1/jobs/${submission.job.id}` });
        case 'repeated':
          return c.json(await answer(submission.job), 200, { location: `/v1/jobs/${submission.job.id}` });
        default:
          return refusedSubmission(c, submission, maxUploadBytes);
      }
    })
    .get('/jobs', async (c) => {
      const { cursor, limit } = c.req.query();
      const size = limit === undefined ? listedByDefault : Number(limit);
      if (!(Number.isInteger(size) && size >= 1 && size <= maxListed))
        return problem(c, invalidQuery('limit', `must be a whole number from 1 to ${maxListed}`));
      const before = cursor === undefined ? null : readJobCursor(cursor);
      if (cursor !== undefined && before === null)
        return problem(c, invalidQuery('cursor', 'must be the next_cursor of the previous page'));
      const { shown, next } = await jobPage(jobs, before, size);
      return c.json({ items: shown.map((job) => jobSummary(job, now())), next_cursor: next }, 200);
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
      // 204 tells an EventSource to stop reconnecting (WHATWG HTML, section 9.2).
      if (hasEnded(job) && seen >= job.version) return c.body(null, 204);
      const events = jobEvents({ find: () => jobs.find(job.id), answer, now }, seen);
      return c.body(streamOf(events), 200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // Stops nginx from buffering events.
        'x-accel-buffering': 'no',
      });
    })
    .get('/jobs/:id/result', async (c) => {
      const { format, action, engagement, goal, suggested } = c.req.query();
      if (format !== undefined && !isFormat(format))
        return problem(c, invalidQuery('format', 'must be csv, ndjson or xlsx'));
      if (action !== undefined && !isAction(action))
        return problem(c, invalidQuery('action', `must be one of ${actions.join(', ')}`));
      if (engagement !== undefined && !isEngagement(engagement))
        return problem(c, invalidQuery('engagement', `must be one of ${engagementStates.join(', ')}`));
      const below = goal === undefined ? null : parseGoal(goal);
      if (goal !== undefined && below === null)
        return problem(c, invalidQuery('goal', 'must be a rate above 0 and below 100%, such as 2% or 0.02'));
      if (below !== null && action !== undefined && action !== 'accept')
        return problem(
          c,
          invalidQuery(
            'goal',
            'can only be combined with action=accept, because it chooses among the rows with this action',
          ),
        );
      if (suggested !== undefined && suggested !== 'true')
        return problem(c, invalidQuery('suggested', 'must be true'));
      const job = await jobs.find(c.req.param('id'));
      if (job === null) return problem(c, noSuchJob);
      if (job.layout === null) return problem(c, noResult(job));
      const { shape } = job.layout;
      const written = format ?? formatOf(shape);
      if (written === 'xlsx' && shape.format === 'csv') {
        const { refuseXlsx } = await import('../../lists/spreadsheet-result.ts');
        const tooWide = refuseXlsx(shape);
        if (tooWide !== null) return problem(c, invalidQuery('format', `cannot be xlsx. ${tooWide}`));
      }
      const chosen = suggested ? 'suggested' : goal === undefined ? action : `under-${goal}`;
      const actor = actorOf(c.get('caller'));
      await audit.add({ at: now(), actor, action: 'list_exported', subject: job.id, amount: null });
      const content = jobs.result(job, {
        format: written,
        action: action ?? null,
        engagement: engagement ?? null,
        goal: below,
        isSuggestion: suggested === 'true',
      });
      return c.body(streamOf(content), 200, {
        'content-type': resultMediaTypes[written],
        'content-disposition': `attachment; filename="${fileName(job, chosen)}.${written}"`,
        'cache-control': 'no-store',
        'presend-complete': String(job.state === 'completed'),
      });
    })
    .get('/jobs/:id/rejects', async (c) => {
      const job = await jobs.find(c.req.param('id'));
      if (job === null) return problem(c, noSuchJob);
      if (job.layout === null) return problem(c, noResult(job));
      return c.body(streamOf(jobs.rejects(job)), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${fileName(job, undefined)}.rejects.csv"`,
        'cache-control': 'no-store',
      });
    })
    .get('/jobs/:id/report', async (c) => {
      const job = await jobs.find(c.req.param('id'));
      if (job === null) return problem(c, noSuchJob);
      const summary = await jobs.summary(job);
      if (summary === null) return problem(c, noReport);
      const { listReportPage } = await import('../../lists/report.ts');
      const page = withoutBidiControls(listReportPage(summary, dayName(job.createdAt), job.name));
      c.header('content-security-policy', await ownStylePolicy(page));
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

/**
 * The name of a downloaded file without its extension: the name of the list, as far as it is plain text, and what the file has of
 * it. Without a name it is the id of the job.
 */
function fileName({ id, name }: Job, chosen: string | undefined): string {
  const plain = (text: string): string => text.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  const start = plain(name ?? '');
  if (start === '') return id;
  return chosen === undefined ? start : `${start}-${plain(chosen)}`;
}

/**
 * Adds the id of the caller's API key to an Idempotency-Key. So two callers with different API keys can use the same
 * Idempotency-Key, and neither gets the job of the other.
 */
const keyOfCaller = (caller: Caller, key: string): string =>
  caller.kind === 'key' ? `${caller.key.id} ${key}` : key;

/** Turns a generator into a stream. It runs only as fast as the stream is read, and ends if the reader cancels. */
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

const resultMediaTypes: Readonly<Record<ResultFileFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  xlsx: xlsxMediaType,
};

const isFormat = (text: string): text is ResultFileFormat => Object.hasOwn(resultMediaTypes, text);
const isEngagement = (text: string): text is EngagementState =>
  (engagementStates as readonly string[]).includes(text);

const isAction = (text: string): text is Action => (actions as readonly string[]).includes(text);

type JobCursor = { readonly createdAt: number; readonly id: string };

/** The `size` jobs before a cursor, and the cursor of the next page; null on the last page. */
export async function jobPage(
  jobs: Pick<HttpPorts['jobs'], 'list'>,
  before: JobCursor | null,
  size: number,
): Promise<{ readonly shown: readonly Job[]; readonly next: string | null }> {
  // Ask for one job more than the page shows: if it exists, there is a next page.
  const page = await jobs.list(before, size + 1);
  const shown = page.slice(0, size);
  const last = shown.at(-1);
  return { shown, next: page.length > size && last ? `${last.createdAt}.${last.id}` : null };
}

export function readJobCursor(cursor: string): JobCursor | null {
  const parts = /^(\d{1,15})\.(job_[\w-]{22})$/.exec(cursor);
  return parts === null ? null : { createdAt: Number(parts[1]), id: parts[2]! };
}

export function refusedSubmission(
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
          title: 'Content too large',
          status: 413,
          detail: `The list is larger than the limit of ${maxBytes} bytes. Split it.`,
        },
        { connection: 'close' },
      );
    case 'broken_off':
      return bodyEnded(c, submission.cause);
    case 'malformed_form':
      return problem(c, malformedForm);
    case 'no_file':
      return problem(c, {
        type: 'no-file',
        title: 'Validation failed',
        status: 422,
        detail:
          'The form has no file with an accepted media type. Send the list as a file field with a file name, as text/csv, application/x-ndjson or XLSX.',
      });
    case 'empty_file':
      return problem(c, {
        type: 'empty-list',
        title: 'Validation failed',
        status: 422,
        detail: 'The list is empty. Send a file with at least one row.',
      });
    case 'key_reused':
      return problem(c, {
        type: 'idempotency-key-reused',
        title: 'Idempotency-Key reused',
        status: 422,
        detail:
          'This Idempotency-Key was already used for a different upload. Use a new Idempotency-Key for each new upload.',
      });
  }
}

const noSuchJob: Problem = {
  type: 'no-such-job',
  title: 'Not found',
  status: 404,
  detail: 'Unknown job id. GET /v1/jobs lists all jobs.',
};

const notAList: Problem = {
  type: 'unsupported-media-type',
  title: 'Unsupported media type',
  status: 415,
  detail: 'Send the list as text/csv, application/x-ndjson, XLSX, or multipart/form-data with a boundary.',
};

export const pastThat = (state: string): Problem => ({
  type: 'job-state',
  title: 'Conflict',
  status: 409,
  detail: `The job is "${state}": it has ended, so you cannot pause, resume or cancel it. To verify the list again, upload it again.`,
});

const noResult = ({ error }: Job): Problem => ({
  type: 'no-result',
  title: 'Conflict',
  status: 409,
  detail:
    error === null
      ? 'The file has not been read yet. Try again when "rows" in GET /v1/jobs/{id} is not null.'
      : error.message,
});

const noReport: Problem = {
  type: 'no-report',
  title: 'Conflict',
  status: 409,
  detail: 'The report is available only when the job is "completed".',
};

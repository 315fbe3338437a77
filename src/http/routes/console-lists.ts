// /console/lists: upload lists, look at their first rows, verify them, and get their results. The files themselves come from /v1/jobs.

import { type Context, Hono } from 'hono';
import { isDraft, type Job } from '../../jobs/job.ts';
import { formBoundary } from '../../jobs/multipart.ts';
import type { PreviewOutcome } from '../../lists/preview.ts';
import { bodyChunks } from '../media.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import { type BodyVariables, readBody, readText } from '../middleware/body.ts';
import { refusalText } from '../pages/console/list-words.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, malformedForm, notFound, type Problem, problem } from '../problem.ts';
import { maxBacktestBytes } from './backtests.ts';
import { requireSession, sendPage, viewerOf } from './console.ts';
import { readJobFields } from './job-fields.ts';
import { jobPage, pastThat, readJobCursor, refusedSubmission } from './jobs.ts';

const listedOnPage = 50;

/** Number of misspelled addresses that the page of a list shows. */
const shownSuggestions = 10;

/** Number of earlier verifications that the page of a list shows. */
const shownChecks = 12;

/** Maximum bytes of the form with the options of a list. */
const maxFormBytes = 16_384;

type ConsoleContext = Context<{ Variables: CallerVariables & BodyVariables }>;

export const consoleListRoutes = (ports: HttpPorts) => {
  const { jobs, maxUploadBytes, now } = ports;

  async function showLists(
    c: ConsoleContext,
    refused: { readonly status: 413 | 422; readonly why: string } | null = null,
  ) {
    const cursor = c.req.method === 'GET' ? c.req.query('cursor') : undefined;
    const before = cursor === undefined ? null : readJobCursor(cursor);
    if (cursor !== undefined && before === null)
      return problem(c, invalidQuery('cursor', 'must come from the link "Older lists"'));
    const { shown, next } = await jobPage(jobs, before, listedOnPage);
    const { listsPage } = await import('../pages/console/lists.ts');
    const { shownState } = await import('../../jobs/progress.ts');
    const page = listsPage(viewerOf(c.get('caller')), {
      jobs: shown.map((job) => ({ job, state: shownState(job, now()) })),
      next,
      maxBytes: maxUploadBytes,
      problem: refused?.why ?? null,
    });
    return sendPage(c, page, refused?.status ?? 200);
  }

  async function showList(c: ConsoleContext, id: string, refused: string | null = null) {
    const job = await jobs.find(id);
    if (job === null) return problem(c, notFound);
    if (isDraft(job)) return showDraft(c, job, refused);
    const { listPage } = await import('../pages/console/list.ts');
    const { sliderGoals } = await import('../pages/console/list-goal.ts');
    const [progress, summary, goals, past, later] = await Promise.all([
      jobs.progress(job),
      jobs.summary(job),
      jobs.goals(job, sliderGoals),
      pastOf(job),
      laterThan(job),
    ]);
    // Only rows with another action than `accept` have suggestions, and looking for them reads the result.
    const mayHaveSuggestions =
      summary !== null && summary.sample === undefined && summary.actions.accept < summary.rows;
    const suggestions = mayHaveSuggestions ? await jobs.suggestions(job, shownSuggestions) : [];
    const { sampleOf } = job.options;
    const whole = sampleOf === undefined ? null : await jobs.find(sampleOf);
    const list = { job, progress, summary, goals, suggestions, past, later, whole };
    const page = listPage(viewerOf(c.get('caller')), list, refused);
    return sendPage(c, page, refused === null ? 200 : 409);
  }

  async function pastOf(job: Job) {
    const past = [];
    let each: Job | null = job;
    while (each !== null && past.length < shownChecks) {
      past.push({ job: each, changes: each.follows === null ? [] : await jobs.changes(each) });
      each = each.follows === null ? null : await jobs.find(each.follows);
    }
    return past;
  }

  /** The later verifications of a kept list, latest first. */
  async function laterThan(job: Job) {
    const later = [];
    let each = await jobs.follower(job);
    while (each !== null && later.length < shownChecks) {
      later.unshift({ job: each, changes: await jobs.changes(each) });
      each = await jobs.follower(each);
    }
    return later;
  }

  async function showDraft(c: ConsoleContext, job: Job, refused: string | null) {
    const outcome = await jobs.preview(job);
    if (outcome.kind !== 'refused') return sendDraft(c, job, outcome, refused);
    // The columns that were chosen do not exist, such as after another sheet was chosen.
    const byItself = { ...job.options, emailColumn: null };
    delete byItself.lastVerifiedColumn;
    delete byItself.sourceColumn;
    const again = await jobs.preview(job, byItself);
    if (again.kind !== 'refused') return sendDraft(c, job, again, refusalText(outcome.error));
    return showLists(c, { status: 422, why: refusalText(outcome.error) });
  }

  async function sendDraft(
    c: ConsoleContext,
    job: Job,
    outcome: Exclude<PreviewOutcome, { kind: 'refused' }>,
    refused: string | null,
  ) {
    const { draftPage } = await import('../pages/console/list-draft.ts');
    const isColumnMissing = outcome.kind === 'which_column';
    const page = draftPage(viewerOf(c.get('caller')), {
      job,
      preview: outcome.preview,
      isColumnMissing,
      problem: refused,
    });
    return sendPage(c, page, refused === null ? 200 : 422);
  }

  /** Stores the columns and options of a form in a draft. Returns the response if they are refused. */
  async function configured(c: ConsoleContext, job: Job): Promise<Response | Job> {
    const text = await readText(c, maxFormBytes);
    if (text instanceof Response) return text;
    const given = Object.fromEntries(new URLSearchParams(text));
    if (given['options'] === undefined) return job;
    const read = readJobFields(jobs, { name: job.name ?? '', ...given });
    if (!read.ok) return showDraft(c, job, fieldsText(read.mistake));
    if (!(await jobs.configure(job, read.fields))) return showList(c, job.id);
    return (await jobs.find(job.id)) ?? problem(c, notFound);
  }

  /** Whether the list of a draft can be read with its columns, as text that says why not; null if it can. */
  async function unreadable(job: Job): Promise<string | null> {
    const outcome = await jobs.preview(job);
    if (outcome.kind === 'refused') return refusalText(outcome.error);
    return outcome.kind === 'which_column' ? 'Choose the column with the addresses first.' : null;
  }

  const drafted =
    (next: 'columns' | 'sample' | 'start') =>
    async (c: ConsoleContext): Promise<Response> => {
      const draft = await jobs.find(c.req.param('id')!);
      if (draft === null) return problem(c, notFound);
      if (!isDraft(draft)) return c.redirect(`/console/lists/${draft.id}`, 303);
      const job = await configured(c, draft);
      if (job instanceof Response) return job;
      const page = `/console/lists/${job.id}`;
      if (next === 'columns') return c.redirect(page, 303);
      const why = await unreadable(job);
      if (why !== null) return showDraft(c, job, why);
      const { sampleRows } = await import('../pages/console/list-draft.ts');
      if (next === 'sample') {
        const sample = await jobs.sample(job, sampleRows);
        return c.redirect(sample === null ? page : `/console/lists/${sample}`, 303);
      }
      await jobs.setPaused(job.id, false);
      return c.redirect(page, 303);
    };

  const stepped = (step: (id: string) => Promise<boolean>) => async (c: ConsoleContext) => {
    const id = c.req.param('id')!;
    if (await step(id)) return c.redirect(`/console/lists/${id}`, 303);
    const job = await jobs.find(id);
    return job === null ? problem(c, notFound) : showList(c, id, pastThat(job.state).detail!);
  };

  const keepOrNot = (isKept: boolean) => async (c: ConsoleContext) => {
    const job = await jobs.find(c.req.param('id')!);
    if (job === null) return problem(c, notFound);
    if (await jobs.keep(job, isKept)) return c.redirect(`/console/lists/${job.id}`, 303);
    return showList(
      c,
      job.id,
      'The list cannot be kept: it is not checked yet, or a later check of it exists.',
    );
  };

  async function upload(c: ConsoleContext): Promise<Response> {
    const boundary = formBoundary(c.req.header('content-type') ?? '');
    if (boundary === null) return problem(c, malformedForm);
    const submission = await jobs.submit({
      body: bodyChunks(c),
      formBoundary: boundary,
      format: null,
      query: {},
      readFields: (given) => readJobFields(jobs, given),
      idempotencyKey: null,
      isDraft: true,
    });
    switch (submission.kind) {
      case 'created':
      case 'repeated': {
        const { job } = submission;
        const outcome = await jobs.preview(job);
        if (outcome.kind !== 'refused') return c.redirect(`/console/lists/${job.id}`, 303);
        await jobs.remove(job.id);
        return showLists(c, { status: 422, why: refusalText(outcome.error) });
      }
      case 'broken_off':
        return refusedSubmission(c, submission, maxUploadBytes);
      case 'no_file':
        return showLists(c, { status: 422, why: 'Choose a file first.' });
      case 'empty_file':
        return showLists(c, { status: 422, why: 'The file is empty. Export the list again.' });
      default: {
        const why = (await refusedSubmission(c, submission, maxUploadBytes).json()) as Problem;
        const detail = why.errors === undefined ? (why.detail ?? why.title) : fieldsText(why.errors);
        return showLists(c, { status: submission.kind === 'too_large' ? 413 : 422, why: detail });
      }
    }
  }

  async function compare(c: ConsoleContext): Promise<Response> {
    const job = await jobs.find(c.req.param('id')!);
    if (job === null) return problem(c, notFound);
    const boundary = formBoundary(c.req.header('content-type') ?? '');
    if (boundary === null) return problem(c, malformedForm);
    const body = await readBody(c, maxBacktestBytes);
    if (body instanceof Response) return body;
    const { backtestOfJob } = await import('./console-backtest.ts');
    const outcome = await backtestOfJob(ports, job, { body, boundary });
    if (outcome === null) return problem(c, malformedForm);
    if (typeof outcome === 'string') return showList(c, job.id, outcome);
    const { backtestPage } = await import('../pages/console/list-backtest.ts');
    return sendPage(c, backtestPage(viewerOf(c.get('caller')), job, outcome));
  }

  return new Hono<{ Variables: CallerVariables & BodyVariables }>()
    .use('/console/lists/*', requireSession(ports, 'jobs'))
    .get('/console/lists', (c) => showLists(c))
    .post('/console/lists', upload)
    .get('/console/lists/:id', (c) => showList(c, c.req.param('id')))
    .post('/console/lists/:id/columns', drafted('columns'))
    .post('/console/lists/:id/sample', drafted('sample'))
    .post('/console/lists/:id/start', drafted('start'))
    .post('/console/lists/:id/backtest', compare)
    .post('/console/lists/:id/delete', async (c) => {
      const isDeleted = await jobs.remove(c.req.param('id'));
      return isDeleted ? c.redirect('/console/lists', 303) : problem(c, notFound);
    })
    .post('/console/lists/:id/keep', keepOrNot(true))
    .post('/console/lists/:id/forget', keepOrNot(false))
    .post(
      '/console/lists/:id/pause',
      stepped((id) => jobs.setPaused(id, true)),
    )
    .post(
      '/console/lists/:id/resume',
      stepped((id) => jobs.setPaused(id, false)),
    )
    .post(
      '/console/lists/:id/cancel',
      stepped((id) => jobs.cancel(id)),
    );
};

/** Why the options were refused, in words of the form. */
const fieldsText = (mistakes: readonly { readonly pointer?: string; readonly detail: string }[]): string =>
  mistakes
    .map(({ pointer, detail }) =>
      pointer === '/drop_duplicates' && detail.endsWith('keep')
        ? 'A list that presend checks again keeps all its rows. Choose either “Keep one row for each mailbox” or “Keep the list and check it again every 90 days”.'
        : detail,
    )
    .join('. ');

// /console/lists: upload lists, watch them, and get their results. The files themselves come from /v1/jobs.

import { type Context, Hono } from 'hono';
import { formBoundary } from '../../jobs/multipart.ts';
import { bodyChunks } from '../media.ts';
import type { CallerVariables } from '../middleware/auth.ts';
import type { HttpPorts } from '../ports.ts';
import { invalidQuery, malformedForm, notFound, type Problem, problem } from '../problem.ts';
import { requireSession, sendPage, viewerOf } from './console.ts';
import { readJobFields } from './job-fields.ts';
import { jobPage, pastThat, readJobCursor, refusedSubmission } from './jobs.ts';

const listedOnPage = 50;

type ConsoleContext = Context<{ Variables: CallerVariables }>;

export const consoleListRoutes = (ports: HttpPorts) => {
  const { jobs, maxUploadBytes } = ports;
  const pages = () => import('../pages/console/lists.ts');

  async function showLists(
    c: ConsoleContext,
    refused: { readonly status: 400 | 413 | 422; readonly why: string } | null = null,
  ) {
    const cursor = c.req.method === 'GET' ? c.req.query('cursor') : undefined;
    const before = cursor === undefined ? null : readJobCursor(cursor);
    if (cursor !== undefined && before === null)
      return problem(c, invalidQuery('cursor', 'must come from the link "Older lists"'));
    const { shown, next } = await jobPage(jobs, before, listedOnPage);
    const { listsPage } = await pages();
    const { shownState } = await import('../../jobs/progress.ts');
    return sendPage(
      c,
      listsPage(viewerOf(c.get('caller')), {
        jobs: shown.map((job) => ({ job, state: shownState(job, ports.now()) })),
        next,
        maxBytes: maxUploadBytes,
        problem: refused?.why ?? null,
      }),
      refused === null ? 200 : refused.status === 413 ? 413 : 422,
    );
  }

  async function showList(c: ConsoleContext, id: string, refused: string | null = null) {
    const job = await jobs.find(id);
    if (job === null) return problem(c, notFound);
    const [progress, summary] = await Promise.all([jobs.progress(job), jobs.summary(job)]);
    const { listPage } = await pages();
    const page = listPage(viewerOf(c.get('caller')), { job, progress, summary, problem: refused });
    return sendPage(c, page, refused === null ? 200 : 409);
  }

  const stepped = (step: (id: string) => Promise<boolean>) => async (c: ConsoleContext) => {
    const id = c.req.param('id')!;
    if (await step(id)) return c.redirect(`/console/lists/${id}`, 303);
    const job = await jobs.find(id);
    return job === null ? problem(c, notFound) : showList(c, id, pastThat(job.state).detail!);
  };

  return new Hono<{ Variables: CallerVariables }>()
    .use('/console/lists/*', requireSession(ports, 'jobs'))
    .get('/console/lists', (c) => showLists(c))
    .post('/console/lists', async (c) => {
      const boundary = formBoundary(c.req.header('content-type') ?? '');
      if (boundary === null) return problem(c, malformedForm);
      const submission = await jobs.submit({
        body: bodyChunks(c),
        formBoundary: boundary,
        format: null,
        query: {},
        readFields: (given) => readJobFields(jobs, given),
        idempotencyKey: null,
      });
      switch (submission.kind) {
        case 'created':
        case 'repeated':
          return c.redirect(`/console/lists/${submission.job.id}`, 303);
        case 'broken_off':
          return refusedSubmission(c, submission, maxUploadBytes);
        default: {
          const why = (await refusedSubmission(c, submission, maxUploadBytes).json()) as Problem;
          const detail = why.errors?.map((error) => error.detail).join('. ') ?? why.detail ?? why.title;
          return showLists(c, { status: submission.kind === 'too_large' ? 413 : 422, why: detail });
        }
      }
    })
    .get('/console/lists/:id', (c) => showList(c, c.req.param('id')))
    .post('/console/lists/:id/delete', async (c) => {
      const isDeleted = await jobs.remove(c.req.param('id'));
      return isDeleted ? c.redirect('/console/lists', 303) : problem(c, notFound);
    })
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

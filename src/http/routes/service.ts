// /healthz, /readyz, /metrics, /openapi.json and /docs.

import { Hono } from 'hono';
import * as v from 'valibot';
import { dataAgeDays, dataDay, dataVersion } from '../../domain/data-date.ts';
import { dayField } from '../fields.ts';
import type { Metrics } from '../metrics.ts';
import { keyAnswers, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';

export const HealthAnswer = v.object({
  status: v.literal('ok'),
  data: v.pipe(
    v.object({ date: dayField, age_days: v.pipe(v.number(), v.integer()), version: v.string() }),
    v.description(
      'The day on which the domain data in use (such as the list of disposable domains) was updated, its age in days, and its version.',
    ),
  ),
});

export const ReadinessAnswer = v.object({
  status: v.picklist(['ok', 'degraded']),
  checks: v.array(
    v.object({
      name: v.string(),
      ok: v.boolean(),
      detail: v.optional(v.pipe(v.string(), v.description('What is wrong. Absent if `ok` is true.'))),
    }),
  ),
  message: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'Only if no DNS resolver answers: which verdicts are then `unknown`, and which setting to change.',
      ),
    ),
  ),
});

export const serviceResource: Resource = {
  tag: 'Service',
  about: 'Whether the service is up, and its metrics.',
  schemas: { HealthAnswer, ReadinessAnswer },
  operations: {
    'GET /healthz': {
      scope: 'public',
      id: 'healthz',
      summary: 'Check that the process is alive',
      description: 'Answers without storage and DNS. Restart the process if it does not answer.',
      answers: { 200: ['Alive.', HealthAnswer] },
    },
    'GET /readyz': {
      scope: 'public',
      id: 'readyz',
      summary: 'Check that storage and at least one DNS resolver are available',
      description: 'Send no traffic to the service while it is not ready.',
      answers: {
        200: ['Ready.', ReadinessAnswer],
        503: ['Not ready. In `checks`, `ok` is false for each part that failed.', ReadinessAnswer],
      },
    },
    'GET /metrics': {
      scope: 'reports:read',
      id: 'metrics',
      summary: 'Get metrics in the Prometheus text format',
      description: 'For a Prometheus server, which sends the key as a bearer token.',
      answerMediaTypes: {
        'text/plain':
          'Requests and their durations; verdicts by result and reason; DNS answers and their durations; delivery events; open incidents; suppressions; webhooks and alerts that wait or failed; the day and version of the domain data in use; whether storage and DNS resolvers are available; and figures of the process. No metric contains an address.',
      },
      answers: { 200: ['The metrics.'], ...keyAnswers },
    },
  },
};

interface ServiceParts {
  readonly metrics: Metrics;
  readonly resources: readonly Resource[];
  readonly version: string;
}

export const serviceRoutes = (
  { ready, now, serviceMetrics }: HttpPorts,
  { metrics, resources, version }: ServiceParts,
) => {
  /** The page /docs, which is the same for every request. */
  let page: string | undefined;
  return (
    new Hono()
      .get('/healthz', (c) =>
        c.json({
          status: 'ok' as const,
          data: { date: dataDay(), age_days: dataAgeDays(now()), version: dataVersion() },
        }),
      )
      .get('/readyz', async (c) => {
        const { ok, ...readiness } = await ready();
        return c.json({ status: ok ? ('ok' as const) : ('degraded' as const), ...readiness }, ok ? 200 : 503);
      })
      .get('/metrics', async (c) => {
        const text = metrics.text(await ready(), await serviceMetrics());
        return c.body(text, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      })
      // Load the modules of these two routes on the first request, so the service starts faster.
      .get('/openapi.json', async (c) => {
        const { openApiDocument } = await import('../openapi.ts');
        return c.json(openApiDocument(resources, version));
      })
      .get('/docs', async (c) => {
        const { docsPage } = await import('../pages/docs.ts');
        const { pagePolicy } = await import('../pages/page-policy.ts');
        page ??= String(await docsPage(resources, version));
        c.header('content-security-policy', pagePolicy);
        c.header('cache-control', 'no-cache');
        return c.html(page);
      })
  );
};

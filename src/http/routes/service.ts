// /healthz, /readyz, /metrics, /openapi.json and /docs.

import { Hono } from 'hono';
import * as v from 'valibot';
import { dataAgeDays, dataDay, dataVersion } from '../../domain/data-date.ts';
import type { Metrics } from '../metrics.ts';
import { keyAnswers, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';

export const HealthAnswer = v.object({
  status: v.literal('ok'),
  data: v.pipe(
    v.object({ date: v.string(), age_days: v.number(), version: v.string() }),
    v.description(
      'The day on which the lists in use were brought up to date, their age in days, and their version.',
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
    v.pipe(v.string(), v.description('What it means that no DNS resolver answers, and what to set.')),
  ),
});

export const serviceResource: Resource = {
  tag: 'Service',
  schemas: { HealthAnswer, ReadinessAnswer },
  operations: {
    'GET /healthz': {
      scope: 'public',
      id: 'healthz',
      summary: 'Check that the process is alive',
      answers: { 200: ['Alive.', HealthAnswer] },
    },
    'GET /readyz': {
      scope: 'public',
      id: 'readyz',
      summary: 'Check that storage and at least one DNS resolver are available',
      answers: {
        200: ['Ready.', ReadinessAnswer],
        503: ['Not ready. `checks` lists what failed.', ReadinessAnswer],
      },
    },
    'GET /metrics': {
      scope: 'reports:read',
      id: 'metrics',
      summary: 'Get metrics in the Prometheus text format',
      description: 'Needs the scope `reports:read`.',
      answerMediaTypes: {
        'text/plain':
          'The number of requests by route and status, their durations, and whether storage and DNS resolvers are available.',
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

export const serviceRoutes = ({ ready, now }: HttpPorts, { metrics, resources, version }: ServiceParts) =>
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
      const text = metrics.text(await ready());
      return c.body(text, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    })
    // Load the modules of these two routes on the first request, so the service starts faster.
    .get('/openapi.json', async (c) => {
      const { openApiDocument } = await import('../openapi.ts');
      return c.json(openApiDocument(resources, version));
    })
    .get('/docs', async (c) => {
      const { docsPage } = await import('../pages/docs.ts');
      return c.html(docsPage(resources, version));
    });

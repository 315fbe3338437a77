// /healthz, /readyz, /metrics, /openapi.json and /docs.

import { Hono } from 'hono';
import * as v from 'valibot';
import type { Metrics } from '../metrics.ts';
import { keyAnswers, type Resource } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';

export const HealthAnswer = v.object({ status: v.literal('ok') });

export const ReadinessAnswer = v.object({
  status: v.picklist(['ok', 'degraded']),
  checks: v.array(v.object({ name: v.string(), ok: v.boolean() })),
});

export const serviceResource: Resource = {
  tag: 'Service',
  schemas: { HealthAnswer, ReadinessAnswer },
  operations: {
    'GET /healthz': {
      scope: 'public',
      id: 'healthz',
      summary: 'The process lives',
      answers: { 200: ['It does.', HealthAnswer] },
    },
    'GET /readyz': {
      scope: 'public',
      id: 'readyz',
      summary: 'Storage answers and a resolver is in service',
      answers: {
        200: ['Ready.', ReadinessAnswer],
        503: ['Not ready; `checks` says what is missing.', ReadinessAnswer],
      },
    },
    'GET /metrics': {
      scope: 'reports:read',
      id: 'metrics',
      summary: 'Counters for a monitor, in the text format of Prometheus',
      description: 'Asks for a key that may read reports, where the service has keys.',
      answerMediaTypes: { 'text/plain': 'Requests by route and status, their durations, and what is up.' },
      answers: { 200: ['The counters.'], ...keyAnswers },
    },
  },
};

interface ServiceParts {
  readonly metrics: Metrics;
  readonly resources: readonly Resource[];
  readonly version: string;
}

export const serviceRoutes = ({ ready }: HttpPorts, { metrics, resources, version }: ServiceParts) =>
  new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' as const }))
    .get('/readyz', async (c) => {
      const { ok, checks } = await ready();
      return c.json({ status: ok ? ('ok' as const) : ('degraded' as const), checks }, ok ? 200 : 503);
    })
    .get('/metrics', async (c) => {
      const text = metrics.text(await ready());
      return c.body(text, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    })
    // Loaded when first asked for: a verdict needs neither.
    .get('/openapi.json', async (c) => {
      const { openApiDocument } = await import('../openapi.ts');
      return c.json(openApiDocument(resources, version));
    })
    .get('/docs', async (c) => {
      const { docsPage } = await import('../pages/docs.ts');
      return c.html(docsPage(resources, version));
    });

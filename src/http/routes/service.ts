// What says how the service is, and how to use it: /healthz, /readyz, /metrics, /openapi.json, /docs.

import { Hono } from 'hono';
import type { Metrics } from '../metrics.ts';
import type { HttpPorts } from '../ports.ts';

export const serviceRoutes = ({ ready }: HttpPorts, metrics: Metrics, version: string) =>
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
      return c.json(openApiDocument(version));
    })
    .get('/docs', async (c) => {
      const { docsPage } = await import('../docs-page.ts');
      return c.html(docsPage(version));
    });

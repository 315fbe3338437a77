// What says how the service is, and how to use it: /healthz, /readyz, /openapi.json, /docs.

import { Hono } from 'hono';
import type { HttpPorts } from '../ports.ts';

export const serviceRoutes = ({ ready }: HttpPorts, version: string) =>
  new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' as const }))
    .get('/readyz', async (c) => {
      const { ok, checks } = await ready();
      return c.json({ status: ok ? ('ok' as const) : ('degraded' as const), checks }, ok ? 200 : 503);
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

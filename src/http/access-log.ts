// One line for each request, with nothing in it that a caller wrote: an address may stand in a path or a header.

import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { HttpPorts } from './ports.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export const accessLog =
  ({ now, logAccess }: Pick<HttpPorts, 'now' | 'logAccess'>): MiddlewareHandler =>
  async (c, next) => {
    const started = now();
    await next();
    const ended = now();
    logAccess({
      time: new Date(ended).toISOString(),
      request_id: c.get('requestId'),
      method: methods.has(c.req.method) ? c.req.method : 'OTHER',
      route: c.res.status === 404 || c.res.status === 405 ? 'none' : routePath(c, -1),
      status: c.res.status,
      ms: ended - started,
    });
  };

// The outermost middleware: request id, response headers, access log.

import type { MiddlewareHandler } from 'hono';
import type { AnswerVariables } from '../answer.ts';
import type { HttpPorts } from '../ports.ts';
import { accessLogEntry } from './access-log.ts';

/** Default security headers. Pages set their own content policy, and the widget sets its own resource policy. */
const forBrowsers = {
  'content-security-policy': "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=15552000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export const everyRequest =
  ({
    now,
    logAccess,
  }: Pick<HttpPorts, 'now' | 'logAccess'>): MiddlewareHandler<{ Variables: AnswerVariables }> =>
  async (c, next) => {
    const started = now();
    const requestId = requestIdOf(c.req.header('x-request-id'));
    const headers = { ...forBrowsers, 'x-request-id': requestId };
    c.set('requestId', requestId);
    c.set('headers', headers);
    await next();
    if (c.res !== c.get('complete')) setMissing(c.res.headers, headers);
    logAccess(accessLogEntry(c, started, now()));
  };

/** The caller's X-Request-Id if it cannot contain an address, else a new one. */
const requestIdOf = (given: string | undefined): string =>
  given !== undefined && /^[\w=-]{1,255}$/.test(given) ? given : crypto.randomUUID();

function setMissing(headers: Headers, wanted: Readonly<Record<string, string>>): void {
  for (const name in wanted) if (!headers.has(name)) headers.set(name, wanted[name]!);
}

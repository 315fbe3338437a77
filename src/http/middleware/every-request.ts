// The outermost middleware: sets the request id and the default response headers, and writes the access log.

import type { MiddlewareHandler } from 'hono';
import type { AnswerVariables } from '../answer.ts';
import type { HttpPorts } from '../ports.ts';
import { accessLogEntry } from './access-log.ts';

/**
 * Default security headers. The page at / sets its own Content-Security-Policy, and the files of the widget set their own
 * Cross-Origin-Resource-Policy.
 */
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

/** Returns the caller's X-Request-Id if its characters rule out an e-mail address, else a new id. */
const requestIdOf = (given: string | undefined): string =>
  given !== undefined && /^[\w=-]{1,255}$/.test(given) ? given : crypto.randomUUID();

function setMissing(headers: Headers, wanted: Readonly<Record<string, string>>): void {
  for (const name in wanted) if (!headers.has(name)) headers.set(name, wanted[name]!);
}

// The outermost middleware: sets the request id, the default response headers and the limits of the process, gives back the
// capacity that the request took, and writes the access log.

import type { MiddlewareHandler } from 'hono';
import type { AnswerVariables } from '../answer.ts';
import type { HttpPorts } from '../ports.ts';
import { accessLogEntry } from './access-log.ts';
import type { BodyVariables } from './body.ts';

/**
 * Default security headers. The page at / sets its own Content-Security-Policy, and the files of the widget set their own
 * Cross-Origin-Resource-Policy.
 */
const forBrowsers = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
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
    serverLimits,
    inRequest,
  }: Pick<HttpPorts, 'now' | 'logAccess' | 'serverLimits' | 'inRequest'>): MiddlewareHandler<{
    Variables: AnswerVariables & BodyVariables;
  }> =>
  async (c, next) => {
    const started = now();
    const requestId = requestIdOf(c.req.header('x-request-id'));
    const headers = { ...forBrowsers, 'x-request-id': requestId };
    const releases: BodyVariables['releases'] = [];
    c.set('requestId', requestId);
    c.set('headers', headers);
    c.set('limits', serverLimits);
    c.set('releases', releases);
    try {
      await inRequest(requestId, next);
    } finally {
      for (const release of releases) release();
    }
    if (c.res !== c.get('complete')) setMissing(c.res.headers, headers);
    logAccess(accessLogEntry(c, started, now()));
  };

/** Returns the caller's X-Request-Id if its characters rule out an e-mail address, else a new id. */
const requestIdOf = (given: string | undefined): string =>
  given !== undefined && /^[\w=-]{1,255}$/.test(given) ? given : crypto.randomUUID();

function setMissing(headers: Headers, wanted: Readonly<Record<string, string>>): void {
  for (const name in wanted) if (!headers.has(name)) headers.set(name, wanted[name]!);
}

// CORS (Fetch standard). It is for publishable keys only.

import type { Context } from 'hono';
import type { AnswerVariables } from '../answer.ts';

/** The path of the only route that a publishable key may call. */
const publishablePath = '/v1/validate';
export const publishableRoute = `POST ${publishablePath}`;

/** Seconds for which a browser may cache the response to a preflight. */
const preflightSeconds = 7200;

/** Whether the request is a CORS preflight. */
export const isPreflight = (c: Context): boolean =>
  c.req.method === 'OPTIONS' &&
  c.req.path === publishablePath &&
  c.req.header('access-control-request-method') !== undefined;

/** A preflight has no key, so it is allowed from every origin. For the request that follows, the key's origins are checked. */
export const answerPreflight = (c: Context): Response =>
  c.body(null, 204, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': String(preflightSeconds),
  });

/**
 * Lets the page that sent a publishable key read the response. It can read errors, too, because it must distinguish an invalid
 * key from a rate limit. Credentials (cookies) are never allowed.
 */
export function allowPageToRead(c: Context): void {
  const headers: AnswerVariables['headers'] = c.get('headers');
  headers['vary'] = 'Origin';
  const origin = c.req.header('origin');
  if (origin === undefined) return;
  headers['access-control-allow-origin'] = origin;
  headers['access-control-expose-headers'] = 'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';
}

// Cross-origin use from a page (the Fetch standard's CORS): for publishable keys, and for nothing else.

import type { Context } from 'hono';
import type { AnswerVariables } from '../answer.ts';

/** The only route that a publishable key opens. */
const publishablePath = '/v1/validate';
export const publishableRoute = `POST ${publishablePath}`;

const preflightSeconds = 7200;

/** Whether a browser asks what it may send from a page. */
export const isPreflight = (c: Context): boolean =>
  c.req.method === 'OPTIONS' &&
  c.req.path === publishablePath &&
  c.req.header('access-control-request-method') !== undefined;

/** The question carries no key, so that any origin may go on; the request itself is held against the key's origins. */
export const answerPreflight = (c: Context): Response =>
  c.body(null, 204, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': String(preflightSeconds),
  });

/**
 * Lets the page that sent a publishable key read the answer, whatever it is: a page must be able to tell a wrong key
 * from a limit. Whether it gets a verdict is decided elsewhere. No cookies are ever meant.
 */
export function letPageRead(c: Context): void {
  const headers: AnswerVariables['headers'] = c.get('headers');
  headers['vary'] = 'Origin';
  const origin = c.req.header('origin');
  if (origin === undefined) return;
  headers['access-control-allow-origin'] = origin;
  headers['access-control-expose-headers'] = 'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';
}

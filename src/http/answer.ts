// The headers that every answer carries, and answers that are made with all of them at once.

import type { Context, MiddlewareHandler, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import { accessLogEntry } from './access-log.ts';
import type { HttpPorts } from './ports.ts';

export interface AnswerVariables {
  requestId: string;
  /** What the answer will carry, whichever it is, unless it says otherwise itself. Whoever knows more adds to it. */
  headers: Record<string, string>;
  /** The answer that carries all of it already. */
  complete: Response | undefined;
}

/** A page says itself what it may load, and the widget who may load it. */
const forBrowsers = {
  'content-security-policy': "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=15552000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** What every request passes through first: it gets its id, its answer all headers, and the log a line. */
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

function setMissing(headers: Headers, wanted: Readonly<Record<string, string>>): void {
  for (const name in wanted) if (!headers.has(name)) headers.set(name, wanted[name]!);
}

/** The caller's own where it can hold no address, else one of ours. */
const requestIdOf = (given: string | undefined): string =>
  given !== undefined && /^[\w=-]{1,255}$/.test(given) ? given : crypto.randomUUID();

/**
 * An answer with all its headers from the start. On Node that costs half as much as `c.body`, since headers that are
 * set on an answer one by one are checked and sorted one by one.
 */
export function completeAnswer(
  c: Context,
  body: string,
  status: ContentfulStatusCode,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const all: AnswerVariables['headers'] = { ...c.get('headers'), 'content-type': contentType };
  for (const name in headers) all[name] = headers[name]!;
  const response = new Response(body, { status, headers: all });
  c.set('complete', response);
  return response;
}

/** An answer 200 whose `body` is the JSON of a `T`. */
export const completeJson = <T>(
  c: Context,
  body: string,
  headers: Readonly<Record<string, string>>,
): Response & TypedResponse<JSONParsed<T>, 200, 'json'> =>
  completeAnswer(c, body, 200, 'application/json', headers) as never;

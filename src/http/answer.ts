// Creates responses with all their headers at once.

import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';

export interface AnswerVariables {
  requestId: string;
  /** Headers that are added to every response that does not set them itself. Middleware may add more. */
  headers: Record<string, string>;
  /** The response that `completeAnswer` created, which already has these headers. Undefined if it was not called. */
  complete: Response | undefined;
}

/**
 * Creates a response with all its headers at once. On Node this takes half the time of `c.body`, which sets headers one by one.
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

/** Creates a 200 response. `body` must be the JSON text of a `T`. */
export const completeJson = <T>(
  c: Context,
  body: string,
  headers: Readonly<Record<string, string>>,
): Response & TypedResponse<JSONParsed<T>, 200, 'json'> =>
  completeAnswer(c, body, 200, 'application/json', headers) as never;

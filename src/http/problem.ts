// Problem details (RFC 9457): what a wrong request is answered with.

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { completeAnswer } from './answer.ts';

export interface FieldError {
  /** A JSON Pointer (RFC 6901) into the request's body. */
  readonly pointer: string;
  /** What is wrong there. Never repeats the value, which may be an address. */
  readonly detail: string;
}

export interface Problem {
  /** A stable name; `urn:presend:problem:` stands before it on the wire. */
  readonly type: string;
  readonly title: string;
  readonly status: ContentfulStatusCode;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
}

export function problem(
  c: Context,
  { type, ...rest }: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { type: `urn:presend:problem:${type}`, ...rest, request_id: c.get('requestId') as string };
  return completeAnswer(c, JSON.stringify(body), rest.status, 'application/problem+json', headers);
}

export const malformedJson: Problem = {
  type: 'malformed-json',
  title: 'The body is not JSON',
  status: 400,
  detail: 'Send a JSON object in UTF-8.',
};

export const unsupportedMediaType: Problem = {
  type: 'unsupported-media-type',
  title: 'The body must be JSON',
  status: 415,
  detail: 'Send it with the header "content-type: application/json".',
};

export const brokenOff: Problem = {
  type: 'broken-off',
  title: 'The body did not come to its end',
  status: 400,
};

export const tooLarge = (maxBytes: number): Problem => ({
  type: 'too-large',
  title: 'The body is too large',
  status: 413,
  detail: `At most ${maxBytes} bytes are read here.`,
});

export const invalidRequest = (errors: readonly FieldError[]): Problem => ({
  type: 'invalid-request',
  title: 'The request does not have the form that is asked for',
  status: 422,
  errors,
});

export const invalidQuery = (parameter: string, detail: string): Problem => ({
  type: 'invalid-request',
  title: `The query parameter "${parameter}" is not of the form that is asked for`,
  status: 422,
  detail,
});

export const invalidHeader = (header: string, detail: string): Problem => ({
  type: 'invalid-request',
  title: `The header "${header}" is not of the form that is asked for`,
  status: 422,
  detail,
});

export const notFound: Problem = {
  type: 'not-found',
  title: 'There is nothing here',
  status: 404,
  detail: 'GET /docs lists all routes.',
};

export const methodNotAllowed = (methods: readonly string[]): Problem => ({
  type: 'method-not-allowed',
  title: 'This route does not take that method',
  status: 405,
  detail: `It takes ${methods.join(', ')}. Addresses travel in bodies, never in URLs.`,
});

export const webhookNotConfigured: Problem = {
  type: 'not-configured',
  title: 'Webhook not configured',
  status: 503,
  detail: 'Its secret is not set.',
};

export const webhookRefused: Problem = {
  type: 'webhook-refused',
  title: 'Signature verification failed',
  status: 401,
  detail: 'The signature or secret is missing or wrong.',
};

export const webhookMalformed: Problem = {
  type: 'webhook-malformed',
  title: 'Malformed webhook',
  status: 400,
};

export const internalError: Problem = {
  type: 'internal-error',
  title: 'Something went wrong on our side',
  status: 500,
};

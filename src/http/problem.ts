// Problem details (RFC 9457): the error responses of the API.

import type { Context } from 'hono';
import { completeAnswer } from './answer.ts';
import { type ProblemType, type problemTypes, problemUri } from './problem-types.ts';

export interface FieldError {
  /** Which field is wrong: a JSON Pointer (RFC 6901) into the request body. */
  readonly pointer: string;
  /** What is wrong, such as "email is required". Never repeats the value, which may be an address. */
  readonly detail: string;
}

interface ProblemOf<Type extends ProblemType> {
  /** A name for this kind of problem, which never changes. In the response, `urn:presend:problem:` precedes it. */
  readonly type: Type;
  readonly title: string;
  readonly status: (typeof problemTypes)[Type]['status'];
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
}

/** A problem of one of the known types, with the status of its type. */
export type Problem = { [Type in ProblemType]: ProblemOf<Type> }[ProblemType];

export function problem(
  c: Context,
  { type, ...rest }: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { type: problemUri(type), ...rest, request_id: c.get('requestId') as string };
  return completeAnswer(c, JSON.stringify(body), rest.status, 'application/problem+json', headers);
}

export const malformedJson: Problem = {
  type: 'malformed-json',
  title: 'Malformed JSON',
  status: 400,
  detail: 'The body is not valid JSON, nests too deeply or has too many values.',
};

export const notUtf8: Problem = {
  ...malformedJson,
  detail: 'The body is not valid UTF-8.',
};

export const unsupportedMediaType: Problem = {
  type: 'unsupported-media-type',
  title: 'Unsupported media type',
  status: 415,
  detail: 'Send JSON with the header "Content-Type: application/json".',
};

export const malformedForm: Problem = {
  type: 'malformed-form',
  title: 'Malformed form data',
  status: 400,
  detail:
    'The body is not valid multipart/form-data (RFC 7578). Send the file with an HTML form or "curl -F file=@list.csv".',
};

export const requestAborted: Problem = {
  type: 'broken-off',
  title: 'Incomplete body',
  status: 400,
  detail: 'The connection closed before the end of the body. Send the request again.',
};

export const bodyTooSlow: Problem = {
  type: 'body-timeout',
  title: 'Request timeout',
  status: 408,
  detail: 'The body did not arrive within 10 seconds. Send the request again.',
};

export const uploadTooSlow: Problem = {
  type: 'body-timeout',
  title: 'Request timeout',
  status: 408,
  detail:
    'The body of the request arrived too slowly. Send the request again over a faster connection, or split the list.',
};

/** The response if the requests in progress have used up a limit of the process, such as the memory for bodies. */
export const overloaded: Problem = {
  type: 'overloaded',
  title: 'Service unavailable',
  status: 503,
  detail: 'The service is overloaded. Nothing was done. Retry after the number of seconds in Retry-After.',
};

export const storageUnavailable: Problem = {
  type: 'storage-unavailable',
  title: 'Service unavailable',
  status: 503,
  detail: 'Storage is unavailable. Retry after the number of seconds in Retry-After.',
};

export const storageFull: Problem = {
  type: 'storage-full',
  title: 'Insufficient storage',
  status: 507,
  detail: 'The storage of the service is full. Retry when the operator has freed space.',
};

export const tooLarge = (maxBytes: number): Problem => ({
  type: 'too-large',
  title: 'Content too large',
  status: 413,
  detail: `The body is larger than the limit of ${maxBytes} bytes.`,
});

export const invalidRequest = (errors: readonly FieldError[]): Problem => ({
  type: 'invalid-request',
  title: 'Validation failed',
  status: 422,
  errors,
});

export const invalidQuery = (parameter: string, detail: string): Problem => ({
  type: 'invalid-request',
  title: 'Validation failed',
  status: 422,
  detail: `Query parameter "${parameter}" ${detail}`,
});

export const invalidHeader = (header: string, detail: string): Problem => ({
  type: 'invalid-request',
  title: 'Validation failed',
  status: 422,
  detail: `Header "${header}" ${detail}`,
});

export const notFound: Problem = {
  type: 'not-found',
  title: 'Not found',
  status: 404,
  detail: 'There is no such route. GET /docs lists all routes.',
};

export const methodNotAllowed = (methods: readonly string[]): Problem => ({
  type: 'method-not-allowed',
  title: 'Method not allowed',
  status: 405,
  detail: `This route accepts only ${methods.join(', ')}. If you send an address, put it in the body of the request, never in the URL.`,
});

export const webhookNotConfigured: Problem = {
  type: 'not-configured',
  title: 'Webhook not configured',
  status: 503,
  detail: 'The settings of this webhook are incomplete. GET /v1/hooks names those that are missing.',
};

export const webhookRefused: Problem = {
  type: 'webhook-refused',
  title: 'Signature verification failed',
  status: 401,
  detail:
    'The signature or secret is missing or wrong, or the time or topic of the request is not accepted. "last_refusal" in GET /v1/hooks says why.',
};

export const webhookMalformed: Problem = {
  type: 'webhook-malformed',
  title: 'Malformed webhook',
  status: 400,
  detail: 'The body does not have the format of this vendor. Check that the URL names the right vendor.',
};

export const internalError: Problem = {
  type: 'internal-error',
  title: 'Internal server error',
  status: 500,
};

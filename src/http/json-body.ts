// A JSON body, read up to a limit and checked against a schema.

import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { validator } from 'hono/validator';
import * as v from 'valibot';
import { type FieldError, invalidRequest, problem, tooLarge, unsupportedMediaType } from './problem.ts';

const jsonMediaType = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Refuses a body of more than `maxBytes` with 413. The rest of it is not read, so that the connection cannot carry
 * another request, and the client should know (RFC 9110 section 15.5.14).
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  const refuse = (c: Context): Response => problem(c, tooLarge(maxBytes), { connection: 'close' });
  const count = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return async (c, next) => {
    const length = c.req.header('content-length');
    // Counting touches the body as a stream, which on Node costs more than all the rest of a request.
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) return count(c, next);
    return Number(length) > maxBytes ? refuse(c) : next();
  };
}

/** Validates the body; the handler finds it under `c.req.valid('json')`. 415, 400 and 422 are answered here. */
export const jsonBody = <Schema extends v.GenericSchema>(schema: Schema) =>
  validator('json', (value: unknown, c) => {
    if (!jsonMediaType.test(c.req.header('content-type') ?? '')) return problem(c, unsupportedMediaType);
    const parsed = v.safeParse(schema, value);
    if (!parsed.success) return problem(c, invalidRequest(parsed.issues.map(fieldError)));
    return parsed.output as v.InferOutput<Schema>;
  });

/** Valibot's own sentences repeat what was received; these only say what was expected. */
function fieldError(issue: v.BaseIssue<unknown>): FieldError {
  const pointer = (issue.path ?? [])
    .map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
  return { pointer, detail: ownMessage(issue) ?? `Expected ${issue.expected}.` };
}

/** A message set in a schema. Valibot's defaults all begin with "Invalid ". */
const ownMessage = ({ message }: v.BaseIssue<unknown>): string | null =>
  message.startsWith('Invalid ') ? null : message;

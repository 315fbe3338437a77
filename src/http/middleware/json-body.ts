// A JSON body, read up to a limit and checked against a schema.

import type { Context, Env, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';
import {
  type FieldError,
  invalidRequest,
  malformedJson,
  problem,
  tooLarge,
  unsupportedMediaType,
} from '../problem.ts';

const jsonMediaType = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Refuses a body of more than `maxBytes` with 413. The rest of it is not read, so that the connection cannot carry
 * another request, and the client should know (RFC 9110 section 15.5.14).
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  const refusal = lengthCheck(maxBytes);
  return async (c, next) => (await refusal(c)) ?? next();
}

/** Gives the refusal of a body that is too long, else nothing. */
function lengthCheck(maxBytes: number): (c: Context) => Response | undefined | Promise<Response | undefined> {
  const refuse = (c: Context): Response => problem(c, tooLarge(maxBytes), { connection: 'close' });
  const count = bodyLimit({ maxSize: maxBytes, onError: refuse });
  const refusalOfCounted = async (c: Context) => (await count(c, async () => {})) ?? undefined;
  return (c) => {
    const length = c.req.header('content-length');
    // Counting touches the body as a stream, which on Node costs more than all the rest of a request.
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) return refusalOfCounted(c);
    return Number(length) > maxBytes ? refuse(c) : undefined;
  };
}

/**
 * Reads a body of at most `maxBytes` and validates it; the handler finds it under `c.req.valid('json')`.
 * 413, 415, 400 and 422 are answered here.
 */
export function jsonBody<Schema extends v.GenericSchema>(
  maxBytes: number,
  schema: Schema,
): MiddlewareHandler<
  Env,
  string,
  { in: { json: v.InferInput<Schema> }; out: { json: v.InferOutput<Schema> } }
> {
  const refusal = lengthCheck(maxBytes);
  return async (c, next) => {
    const tooLong = refusal(c);
    const refused = tooLong instanceof Promise ? await tooLong : tooLong;
    if (refused !== undefined) return refused;
    if (!jsonMediaType.test(c.req.header('content-type') ?? '')) return problem(c, unsupportedMediaType);
    let value: unknown;
    try {
      value = JSON.parse(await c.req.text());
    } catch {
      return problem(c, malformedJson);
    }
    const parsed = v.safeParse(schema, value);
    if (!parsed.success) return problem(c, invalidRequest(parsed.issues.map(fieldError)));
    c.req.addValidatedData('json', parsed.output as object);
    await next();
  };
}

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

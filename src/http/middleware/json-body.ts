// JSON bodies: size limit, UTF-8, parsing and validation against a schema.

import type { Context, Env, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';
import {
  type FieldError,
  invalidRequest,
  malformedJson,
  notUtf8,
  problem,
  tooLarge,
  unsupportedMediaType,
} from '../problem.ts';

const jsonMediaType = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Refuses a body of more than `maxBytes` with 413. The rest of the body is not read, so the connection is closed (RFC
 * 9110 section 15.5.14).
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  const refusal = lengthCheck(maxBytes);
  return async (c, next) => (await refusal(c)) ?? next();
}

/** Returns the 413 response for a body that is too long, else undefined. */
function lengthCheck(maxBytes: number): (c: Context) => Response | undefined | Promise<Response | undefined> {
  const refuse = (c: Context): Response => problem(c, tooLarge(maxBytes), { connection: 'close' });
  const count = bodyLimit({ maxSize: maxBytes, onError: refuse });
  const refusalOfCounted = async (c: Context) => (await count(c, async () => {})) ?? undefined;
  return (c) => {
    const length = c.req.header('content-length');
    // Trust Content-Length where it is present: counting a stream on Node costs more than the rest of a request.
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) return refusalOfCounted(c);
    return Number(length) > maxBytes ? refuse(c) : undefined;
  };
}

/**
 * Reads and validates a JSON body of at most `maxBytes`. Handlers get it from `c.req.valid('json')`. Responds with 413,
 * 415, 400 or 422 itself.
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
    const text = await bodyText(c);
    if (text === null) return problem(c, notUtf8);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return problem(c, malformedJson);
    }
    const parsed = v.safeParse(schema, value);
    if (!parsed.success) return problem(c, invalidRequest(parsed.issues.map(fieldError)));
    c.req.addValidatedData('json', parsed.output as object);
    await next();
  };
}

/** Unlike Valibot's messages, the detail never repeats the received value. */
function fieldError(issue: v.BaseIssue<unknown>): FieldError {
  const keys = (issue.path ?? []).map(({ key }) => key as string | number);
  const pointer = keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { pointer, detail: `${fieldName(keys)} ${requirement(issue)}` };
}

/** `items[3].email`, or "the body". */
const fieldName = (keys: readonly (string | number)[]): string =>
  keys.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? key : `${name}.${key}`),
    '',
  ) || 'the body';

/** What a schema says itself is a predicate, such as "must be at least 0". Valibot's defaults all begin with "Invalid ". */
function requirement({ message, received, expected, kind }: v.BaseIssue<unknown>): string {
  if (!message.startsWith('Invalid ')) return message;
  if (received === 'undefined' && kind === 'schema') return 'is required';
  return `must be ${typeNames[expected ?? ''] ?? alternatives(expected)}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  Array: 'an array',
  Object: 'an object',
};

/** Valibot writes a picklist as `("a" | "b")`. */
const alternatives = (expected: string | null): string =>
  (expected ?? 'valid').replace(/^\((.*)\)$/, 'one of $1').replaceAll(' | ', ', ');

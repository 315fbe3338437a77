// Reads JSON bodies: limits their size, checks the encoding (UTF-8), parses them, and validates them against a schema.

import type { MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import { parseJson } from '../../webhooks/json.ts';
import { type FieldError, invalidRequest, malformedJson, problem, unsupportedMediaType } from '../problem.ts';
import { type BodyVariables, readText } from './body.ts';

/**
 * Minimum average length of the JSON values in a body, in bytes. A body may contain at most `maxBytes` / 8 commas, which
 * separate values. Without this limit, a body full of tiny values would take many times its size in memory. The values in real
 * requests are longer.
 */
const leastBytesOfValue = 8;

const jsonMediaType = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Reads and validates a JSON body of at most `maxBytes` bytes. Handlers get it from `c.req.valid('json')`. If the body cannot
 * be read or is invalid, the middleware responds with 400, 408, 413, 415, 422 or 503, and the handler is not called.
 */
export function jsonBody<Schema extends v.GenericSchema>(
  maxBytes: number,
  schema: Schema,
): MiddlewareHandler<
  { Variables: BodyVariables },
  string,
  { in: { json: v.InferInput<Schema> }; out: { json: v.InferOutput<Schema> } }
> {
  return async (c, next) => {
    if (!jsonMediaType.test(c.req.header('content-type') ?? '')) return problem(c, unsupportedMediaType);
    const text = await readText(c, maxBytes);
    if (text instanceof Response) return text;
    const value = parseJson(text, maxBytes / leastBytesOfValue);
    if (value === undefined) return problem(c, malformedJson);
    const parsed = v.safeParse(schema, value);
    if (!parsed.success) return problem(c, invalidRequest(parsed.issues.map(fieldError)));
    c.req.addValidatedData('json', parsed.output as object);
    await next();
  };
}

/** Describes a field that failed validation. Unlike Valibot's messages, the detail never repeats the received value. */
export function fieldError(issue: v.BaseIssue<unknown>): FieldError {
  const keys = (issue.path ?? []).map(({ key }) => key as string | number);
  const pointer = keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { pointer, detail: `${fieldName(keys)} ${requirement(issue)}` };
}

/** The name of a field in messages, such as `items[3].email`; "the body" for the body as a whole. */
const fieldName = (keys: readonly (string | number)[]): string =>
  keys.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? key : `${name}.${key}`),
    '',
  ) || 'the body';

/**
 * Returns what is required of a field, such as "must be at least 0". Our schemas contain such messages. If a schema has none,
 * Valibot's default message is replaced, which begins with "Invalid ".
 */
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

/** Lists the allowed values: turns `("a" | "b")`, which Valibot writes for a picklist, into `one of "a", "b"`. */
const alternatives = (expected: string | null): string =>
  (expected ?? 'valid').replace(/^\((.*)\)$/, 'one of $1').replaceAll(' | ', ', ');

// How a resource of the API is described: its schemas, which also validate requests, and its operations.

import * as v from 'valibot';
import type { Scope } from '../keys/key.ts';

/**
 * Who may call a route: keys with this scope, senders whose webhook signature the route verifies itself, or everyone.
 */
export type RouteScope = Scope | 'sender' | 'public';

/** `METHOD /pattern` to the route's scope. A route that is missing here is closed to every caller. */
export type RouteScopes = Readonly<Record<string, RouteScope>>;

export interface Operation {
  readonly scope: RouteScope;
  /** The name of the call in generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly request?: v.GenericSchema;
  /** A request that works as it stands. */
  readonly example?: unknown;
  /** Media type of a request that is not JSON, and what it is. */
  readonly requestMediaTypes?: Readonly<Record<string, string>>;
  /** Query parameter → what it does. */
  readonly query?: Readonly<Record<string, string>>;
  /** Request header → what it does. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Media types of the answer 200 other than JSON, and what each is. */
  readonly answerMediaTypes?: Readonly<Record<string, string>>;
  /** Status → what it means, and the answer's shape; problem details where it names none. Those of `keyAnswers` come besides. */
  readonly answers: Readonly<Record<number, readonly [string, v.GenericSchema?]>>;
}

export interface Resource {
  readonly tag: string;
  /** The schemas that stand under their names among the document's components. */
  readonly schemas: Readonly<Record<string, v.GenericSchema>>;
  /** `METHOD /path` → operation. Path parameters as in OpenAPI: `/v1/jobs/{id}`. */
  readonly operations: Readonly<Record<string, Operation>>;
}

export const ProblemAnswer = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string()),
  errors: v.optional(v.array(v.object({ pointer: v.string(), detail: v.string() }))),
  request_id: v.string(),
});

/** What every route that a key opens may answer before it is reached. */
export const keyAnswers: Operation['answers'] = {
  401: ['A key is needed, or the key is not valid.'],
  403: ['The key does not open this route, or is not for this page.'],
  429: ['The limit is exceeded; `Retry-After` says for how many seconds.'],
  503: ['The key could not be looked up. Nothing was done: send it again after `Retry-After` seconds.'],
};

/** What every route that reads a JSON body may answer. */
export const badBody = {
  400: ['The body is not JSON.'],
  413: ['The body is too large.'],
  415: ['The body is of another media type.'],
  422: ['The body does not have the form asked for; `errors` says where.'],
} as const;

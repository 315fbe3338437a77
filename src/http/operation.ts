// The types that describe a resource of the API: its operations, and the schemas of their request and response bodies.

import * as v from 'valibot';
import type { Scope } from '../keys/key.ts';

/**
 * Who may call a route. A `Scope`: callers whose key has it. `sender`: the senders of a webhook, whose signature the route
 * verifies itself. `public`: everyone.
 */
export type RouteScope = Scope | 'sender' | 'public';

/** The scope of each route, by `METHOD /pattern`. A route under /v1 that is missing here is closed to every caller. */
export type RouteScopes = Readonly<Record<string, RouteScope>>;

export interface Operation {
  readonly scope: RouteScope;
  /** The `operationId` of the OpenAPI document, which is the name of the method in generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly request?: v.GenericSchema;
  /** An example of a valid request body. */
  readonly example?: unknown;
  /** Media types of request bodies other than JSON, with descriptions. */
  readonly requestMediaTypes?: Readonly<Record<string, string>>;
  /** Query parameters with descriptions. */
  readonly query?: Readonly<Record<string, string>>;
  /** Request headers with descriptions. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Media types of the 200 response other than JSON, with descriptions. */
  readonly answerMediaTypes?: Readonly<Record<string, string>>;
  /**
   * The description and the schema of each response, by status. The body of an error without a schema is problem details. The
   * OpenAPI document adds `keyAnswers` to every operation that needs a key.
   */
  readonly answers: Readonly<Record<number, readonly [string, v.GenericSchema?]>>;
}

export interface Resource {
  readonly tag: string;
  /** The schemas of the bodies, by their names in the OpenAPI document. */
  readonly schemas: Readonly<Record<string, v.GenericSchema>>;
  /** The operations by `METHOD /path`. Path parameters are written as in OpenAPI: `/v1/jobs/{id}`. */
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

/** Error responses of every route that needs a key. They come from authentication, rate limits, overload or failing storage. */
export const keyAnswers: Operation['answers'] = {
  401: ['The API key is missing or invalid.'],
  403: ['The API key lacks the scope that this route requires, or does not allow the origin of the page.'],
  429: ['Too many requests. Retry after the number of seconds in `Retry-After`.'],
  503: [
    'The service is overloaded or storage is unavailable. Retry after the number of seconds in `Retry-After`.',
  ],
};

/** The response to a streamed body that arrives too slowly. */
export const slowUpload = [
  'The body arrived more slowly than `MIN_UPLOAD_KB_PER_SECOND`, or stopped for 30 seconds.',
] as const;

/** Error responses of every route that reads a JSON body. */
export const badBody = {
  400: ['The body is not valid JSON in UTF-8.'],
  413: ['The body is too large.'],
  415: ['The media type of the body is not supported.'],
  422: ['A field is missing or invalid. `errors` says which one and what is accepted.'],
} as const;

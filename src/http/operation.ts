// The types that describe a resource of the API: its operations, and the schemas of their request and response bodies.

import * as v from 'valibot';
import type { Scope } from '../keys/key.ts';
import { type ProblemType, problemTypeNames, problemUri } from './problem-types.ts';

/**
 * Who may call a route. A `Scope`: callers whose key has it. `sender`: the senders of a webhook, whose signature the route
 * verifies itself. `public`: everyone.
 */
export type RouteScope = Scope | 'sender' | 'public';

/** The scope of each route, by `METHOD /pattern`. A route under /v1 that is missing here is closed to every caller. */
export type RouteScopes = Readonly<Record<string, RouteScope>>;

/** A path parameter, a query parameter or a header. */
export interface Parameter {
  readonly description: string;
  /** A valid value. Snippets and tests send it only if `isSent` is true. */
  readonly example: string | number | boolean;
  /** JSON Schema of the value. Default: any string. */
  readonly schema?: object;
  /** Whether the examples of the operation contain this parameter. */
  readonly isSent?: boolean;
}

/** A body other than JSON. */
export interface MediaType {
  readonly description: string;
  /** A valid body: a text, or the files of a form by the names of their fields. */
  readonly example?: string | Readonly<Record<string, FileExample>>;
}

export interface FileExample {
  readonly fileName: string;
  readonly mediaType: string;
  readonly text: string;
}

/** An error response, whose body is problem details. */
export interface RefusalAnswer {
  readonly description: string;
  readonly problems: readonly ProblemType[];
}

/**
 * The description of a response and the schema of its body, if it is JSON. A refusal describes the body itself.
 */
export type DocumentedAnswer = readonly [description: string, schema?: v.GenericSchema] | RefusalAnswer;

export interface Operation {
  readonly scope: RouteScope;
  /** Whether a publishable key may call the route too. */
  readonly allowsPublishableKeys?: boolean;
  /** The `operationId` of the OpenAPI document, which is the name of the method in generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly request?: v.GenericSchema;
  /** An example of a valid request body. */
  readonly example?: unknown;
  /** Media types of request bodies other than JSON. */
  readonly requestMediaTypes?: Readonly<Record<string, MediaType>>;
  /** Path parameters by their names in the path. */
  readonly path?: Readonly<Record<string, Parameter>>;
  readonly query?: Readonly<Record<string, Parameter>>;
  /** Request headers. */
  readonly headers?: Readonly<Record<string, Parameter>>;
  /** Media types of the 200 response other than JSON, with descriptions. */
  readonly answerMediaTypes?: Readonly<Record<string, string>>;
  /** Response headers of successful responses, with descriptions. Those of every response are not listed. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** Each response by status. The OpenAPI document adds `keyAnswers` to every operation that needs a key. */
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
  /** The webhook that presend sends later because of this call, and the expression of its URL (OpenAPI "callbacks"). */
  readonly callback?: { readonly webhooks: readonly string[]; readonly url: string };
}

export interface Resource {
  readonly tag: string;
  /** What the operations of the resource are for, in one or two sentences. */
  readonly about: string;
  /** The schemas of the bodies, by their names in the OpenAPI document. */
  readonly schemas: Readonly<Record<string, v.GenericSchema>>;
  /** The operations by `METHOD /path`. Path parameters are written as in OpenAPI: `/v1/jobs/{id}`. */
  readonly operations: Readonly<Record<string, Operation>>;
}

/** An error response with problem details of the given types. */
export const refusal = (description: string, ...problems: readonly ProblemType[]): RefusalAnswer => ({
  description,
  problems,
});

export const isRefusal = (answer: DocumentedAnswer): answer is RefusalAnswer => 'problems' in answer;

const FieldErrorAnswer = v.object({
  pointer: v.pipe(
    v.string(),
    v.description('The invalid field: a JSON Pointer (RFC 6901) into the request body.'),
  ),
  detail: v.pipe(
    v.string(),
    v.description('What is wrong with the field. It never repeats the value that was sent.'),
  ),
});

export const ProblemAnswer = v.pipe(
  v.object({
    type: v.pipe(
      v.picklist(problemTypeNames.map(problemUri)),
      v.description('The kind of problem. New kinds may be added: treat an unknown one by its status.'),
    ),
    title: v.pipe(v.string(), v.description('The kind of problem in a few words, for display.')),
    status: v.pipe(
      v.number(),
      v.integer(),
      v.minValue(400),
      v.maxValue(599),
      v.description('The HTTP status.'),
    ),
    detail: v.optional(v.pipe(v.string(), v.description('What is wrong and what to do, for display.'))),
    errors: v.optional(v.pipe(v.array(FieldErrorAnswer), v.description('The invalid fields of the body.'))),
    request_id: v.pipe(
      v.string(),
      v.description(
        'The id of the request, which the log of the service has too. Also in the header `X-Request-Id`.',
      ),
    ),
  }),
  v.description('Problem details (RFC 9457): the body of every error response.'),
);

/** Error responses of every route that needs a key. They come from authentication, rate limits, overload or failing storage. */
export const keyAnswers: Operation['answers'] = {
  401: refusal('The API key is missing or invalid.', 'unauthorized'),
  403: refusal(
    'One of: the API key lacks the scope that this route requires; the key does not allow the origin of the page; the request has no key and came through a proxy or from a page of another origin.',
    'forbidden:scope',
    'forbidden:origin',
    'forbidden:proxied',
  ),
  429: refusal('Too many requests. Retry after the number of seconds in `Retry-After`.', 'too-many-requests'),
  503: refusal(
    'The service is overloaded or storage is unavailable. Retry after the number of seconds in `Retry-After`.',
    'overloaded',
    'storage-unavailable',
  ),
};

/** Problems of any route, which the operations do not list. */
export const anyRouteProblems: readonly ProblemType[] = [
  'not-found',
  'method-not-allowed',
  'misdirected-request',
  'internal-error',
  'storage-full',
];

/** The response to a streamed body that arrives too slowly. */
export const slowUpload = refusal(
  'The body arrived more slowly than the setting MIN_UPLOAD_KB_PER_SECOND requires, or nothing arrived for 30 seconds.',
  'body-timeout',
);

/** Error responses of every route that reads a JSON body. */
export const badBody = {
  400: refusal(
    'The body is not valid JSON in UTF-8, nests too deeply, has too many values or is incomplete.',
    'malformed-json',
    'broken-off',
  ),
  408: refusal('The body did not arrive within 10 seconds.', 'body-timeout'),
  413: refusal('The body is too large.', 'too-large'),
  415: refusal('The media type of the body is not supported.', 'unsupported-media-type'),
  422: refusal(
    'A field is missing or invalid. `errors` says which one and what is accepted.',
    'invalid-request',
  ),
} as const;

/** The path parameter `id` of a job or a key. */
export const idParameter = (description: string, example: string): Readonly<Record<string, Parameter>> => ({
  id: { description, example },
});

/** The query parameter `cursor` of a list that has pages. */
export const cursorParameter = (example: string): Parameter => ({
  description: 'The `next_cursor` of the previous page.',
  example,
});

/** JSON Schema of a whole number. */
export const integerSchema = (minimum: number, maximum: number, byDefault?: number): object => ({
  type: 'integer',
  minimum,
  maximum,
  ...(byDefault !== undefined && { default: byDefault }),
});

/** JSON Schema of a text that is one of `values`. */
export const oneOfSchema = (values: readonly string[], byDefault?: string): object => ({
  type: 'string',
  enum: values,
  ...(byDefault !== undefined && { default: byDefault }),
});

/** JSON Schema of a day such as 2026-11-20. */
export const daySchema: object = { type: 'string', format: 'date' };

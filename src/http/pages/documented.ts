// The parts of the OpenAPI document that the page /docs shows, and a request that is made from the examples of an operation.

import type { FileExample } from '../operation.ts';

export interface DocumentedSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, DocumentedSchema>>;
  readonly additionalProperties?: DocumentedSchema | boolean;
  readonly required?: readonly string[];
  readonly items?: DocumentedSchema;
  readonly anyOf?: readonly DocumentedSchema[];
  readonly oneOf?: readonly DocumentedSchema[];
  readonly allOf?: readonly DocumentedSchema[];
}

export interface DocumentedBody {
  readonly schema: DocumentedSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
  /** The files of a form by the names of their fields. */
  readonly 'x-files'?: Readonly<Record<string, FileExample>>;
}

export type DocumentedContent = Readonly<Record<string, DocumentedBody>>;

export interface DocumentedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly required?: boolean;
  readonly schema: DocumentedSchema;
  readonly example: string | number | boolean;
  readonly 'x-sent-in-examples'?: boolean;
}

export interface DocumentedResponse {
  readonly description: string;
  /** Absent if the response has no body. */
  readonly content?: DocumentedContent;
  readonly 'x-problem-types'?: readonly string[];
}

export interface DocumentedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly DocumentedParameter[];
  readonly requestBody?: { readonly content: DocumentedContent };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

export type DocumentedSchemas = Readonly<Record<string, DocumentedSchema>>;

export interface ApiDocument {
  readonly info: { readonly summary: string; readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly webhooks: Readonly<Record<string, { readonly post: DocumentedOperation }>>;
  readonly components: { readonly schemas: DocumentedSchemas };
}

/** An operation with its place. */
export interface PlacedOperation extends DocumentedOperation {
  readonly path: string;
  /** Upper case. */
  readonly method: string;
}

export const operationsOf = ({ paths }: ApiDocument): PlacedOperation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
  );

export type ExampleBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly mediaType: string; readonly text: string }
  | { readonly kind: 'form'; readonly files: Readonly<Record<string, FileExample>> };

/** A request that an operation accepts. */
export interface ExampleRequest {
  readonly method: string;
  /** The path with the query, such as `/v1/jobs?limit=10`. */
  readonly target: string;
  /** Headers other than Authorization and Content-Type. */
  readonly headers: Readonly<Record<string, string>>;
  readonly needsKey: boolean;
  readonly body: ExampleBody | null;
  /** What a successful response has: JSON, text or no body. */
  readonly answer: 'json' | 'text' | 'none';
}

/**
 * Makes a request from the examples of an operation. Null if its body has none, such as that of a webhook of a vendor. A body
 * can have several media types; the request has that of `mediaType`, by default the first one with an example.
 */
export function exampleRequest(operation: PlacedOperation, mediaType?: string): ExampleRequest | null {
  const { method, path, parameters = [], requestBody, security, responses } = operation;
  const body = requestBody === undefined ? null : exampleBody(requestBody.content, mediaType);
  if (requestBody !== undefined && body === null) return null;
  const sent = parameters.filter((parameter) => parameter['x-sent-in-examples']);
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(String(parameters.find((parameter) => parameter.name === name)!.example)),
  );
  const query = sent
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`);
  const headers = sent
    .filter((parameter) => parameter.in === 'header')
    .map(({ name, example }) => [name, String(example)] as const);
  return {
    method,
    target: query.length === 0 ? target : `${target}?${query.join('&')}`,
    headers: Object.fromEntries(headers),
    needsKey: security.length > 0,
    body,
    answer: answerKind(responses),
  };
}

function exampleBody(content: DocumentedContent, mediaType?: string): ExampleBody | null {
  const usable = Object.entries(content).filter(
    ([type, body]) =>
      (mediaType === undefined || type === mediaType) &&
      (body.example !== undefined || body['x-files'] !== undefined),
  );
  if (usable.length === 0) return null;
  const [type, body] = usable[0]!;
  if (body['x-files'] !== undefined) return { kind: 'form', files: body['x-files'] };
  if (type === 'application/json') return { kind: 'json', value: body.example };
  const text = String(body.example);
  return { kind: 'text', mediaType: type === '*/*' ? guessedType(text) : type, text };
}

/** Guesses the media type of a sample webhook, because vendors use different ones. */
const guessedType = (text: string): string =>
  text.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded';

function answerKind(responses: DocumentedOperation['responses']): ExampleRequest['answer'] {
  const [, first] = Object.entries(responses).find(([status]) => status.startsWith('2'))!;
  if (first.content === undefined) return 'none';
  return 'application/json' in first.content ? 'json' : 'text';
}

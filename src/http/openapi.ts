// The OpenAPI 3.1 document, made of the schemas that validate the requests.

import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import * as schemas from './schemas.ts';

interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'Verdicts' | 'Suppression list' | 'Service';
  readonly request?: keyof typeof schemas;
  readonly query?: Readonly<Record<string, string>>;
  /** Status → what it means, and the answer's shape; problem details where it names none. */
  readonly answers: Readonly<Record<number, readonly [string, (keyof typeof schemas)?]>>;
}

const bad = {
  400: ['The body is not JSON.'],
  401: ['A key is needed.'],
  413: ['The body is too large.'],
  415: ['The body is of another media type.'],
  422: ['The body does not have the form asked for; `errors` says where.'],
} as const;

/** Every route of the API; a test compares them with those that the application serves. */
export const operations: Readonly<Record<string, Operation>> = {
  'POST /v1/validate': {
    id: 'validate',
    summary: 'The verdict on one address',
    description:
      'An address that would bounce is no error: the answer is 200 with `result: "undeliverable"`. Addresses under ' +
      '`presend.test` answer documented outcomes without DNS or storage, such as `null-mx@presend.test`.',
    tag: 'Verdicts',
    request: 'ValidateRequest',
    answers: { 200: ['The verdict.', 'VerdictAnswer'], ...bad },
  },
  'POST /v1/validate/batch': {
    id: 'validateBatch',
    summary: 'Verdicts on up to 1,000 addresses, in order',
    tag: 'Verdicts',
    request: 'BatchRequest',
    answers: { 200: ['The verdicts.', 'BatchAnswer'], ...bad },
  },
  'POST /v1/suppressions': {
    id: 'suppress',
    summary: 'Put an address on the list',
    tag: 'Suppression list',
    request: 'SuppressionRequest',
    answers: {
      200: ['It was on the list already.', 'SuppressionAnswer'],
      201: ['It is on the list.', 'SuppressionAnswer'],
      ...bad,
    },
  },
  'GET /v1/suppressions': {
    id: 'listSuppressions',
    summary: 'The list, page by page, without addresses',
    tag: 'Suppression list',
    query: {
      cursor: 'The `next_cursor` of the page before.',
      limit: 'Entries a page, 1 to 1,000; 100 by default.',
    },
    answers: {
      200: ['One page.', 'SuppressionListAnswer'],
      401: bad[401],
      422: ['The cursor is not one of ours.'],
    },
  },
  'POST /v1/suppressions/check': {
    id: 'checkSuppressions',
    summary: 'Which of up to 1,000 addresses are on the list',
    tag: 'Suppression list',
    request: 'SuppressionCheckRequest',
    answers: { 200: ['One result for each address, in order.', 'SuppressionCheckAnswer'], ...bad },
  },
  'POST /v1/suppressions/remove': {
    id: 'liftSuppression',
    summary: 'Lift an entry, on fresh consent',
    description: 'Every removal is recorded. A complaint cannot be lifted.',
    tag: 'Suppression list',
    request: 'SuppressionRemovalRequest',
    answers: {
      200: ['`removed` is false where the address was not on the list.', 'SuppressionRemovalAnswer'],
      ...bad,
      409: ['The entry stands: the person complained.'],
    },
  },
  'GET /healthz': {
    id: 'healthz',
    summary: 'The process lives',
    tag: 'Service',
    answers: { 200: ['It does.', 'HealthAnswer'] },
  },
  'GET /readyz': {
    id: 'readyz',
    summary: 'Storage answers and a resolver is in service',
    tag: 'Service',
    answers: {
      200: ['Ready.', 'ReadinessAnswer'],
      503: ['Not ready; `checks` says what is missing.', 'ReadinessAnswer'],
    },
  },
};

/** The document as an object, ready to be written as JSON. */
export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [route, operation] of Object.entries(operations)) {
    const [method, path] = route.split(' ') as [string, string];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(path, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'presend',
      version,
      summary: 'Tells, before an address enters a list, whether mail to it will bounce.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [{ name: 'Verdicts' }, { name: 'Suppression list' }, { name: 'Service' }],
    paths,
    components: {
      schemas: Object.fromEntries(namedSchemas().map(([name, schema]) => [name, jsonSchema(schema)])),
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
  };
}

const operationObject = (path: string, operation: Operation): object => ({
  operationId: operation.id,
  summary: operation.summary,
  ...(operation.description && { description: operation.description }),
  tags: [operation.tag],
  ...(path.startsWith('/v1/') && { security: [{ key: [] }] }),
  ...(operation.query && {
    parameters: Object.entries(operation.query).map(([name, description]) => ({
      name,
      in: 'query',
      description,
      schema: { type: 'string' },
    })),
  }),
  ...(operation.request && {
    requestBody: {
      required: true,
      content: { 'application/json': { schema: reference(operation.request) } },
    },
  }),
  responses: Object.fromEntries(
    Object.entries(operation.answers).map(([status, [description, schema]]) => [
      status,
      {
        description,
        content: schema
          ? { 'application/json': { schema: reference(schema) } }
          : { 'application/problem+json': { schema: reference('ProblemAnswer') } },
      },
    ]),
  ),
});

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const namedSchemas = (): [string, GenericSchema][] =>
  Object.entries<unknown>(schemas).filter((entry): entry is [string, GenericSchema] => isSchema(entry[1]));

const isSchema = (value: unknown): value is GenericSchema =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';

/** A check that JSON Schema cannot say, such as "a date that exists", is left out. */
function jsonSchema(schema: GenericSchema): object {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' });
  return rest;
}

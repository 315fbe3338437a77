// The OpenAPI 3.1 document, made of the schemas that validate the requests.

import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { areas } from './api/areas.ts';
import { keyAnswers, type Operation, ProblemAnswer } from './api/operation.ts';

const schemas: readonly (readonly [string, GenericSchema])[] = [
  ...areas.flatMap((area) => Object.entries(area.schemas)),
  ['ProblemAnswer', ProblemAnswer],
];

/** The document as an object, ready to be written as JSON. */
export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { tag, operations } of areas)
    for (const [route, operation] of Object.entries(operations)) {
      const [method, path] = route.split(' ') as [string, string];
      paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(tag, path, operation) };
    }
  return {
    openapi: '3.1.0',
    info: {
      title: 'presend',
      version,
      summary: 'Tells, before an address enters a list, whether mail to it will bounce.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: areas.map(({ tag }) => ({ name: tag })),
    paths,
    components: {
      schemas: Object.fromEntries(schemas.map(([name, schema]) => [name, jsonSchema(schema)])),
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operationObject(tag: string, path: string, operation: Operation): object {
  const needsKey = path.startsWith('/v1/') && !operation.keyless;
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const queryParameters = Object.entries(operation.query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }));
  const headerParameters = Object.entries(operation.headers ?? {}).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }));
  const parameters = [...pathParameters, ...queryParameters, ...headerParameters];
  const content = {
    ...(operation.request && {
      'application/json': {
        schema: reference(operation.request),
        ...(operation.example !== undefined && { example: operation.example }),
      },
    }),
    ...textContent(operation.requestMediaTypes),
  };
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.description && { description: operation.description }),
    tags: [tag],
    ...(needsKey && { security: [{ key: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(Object.keys(content).length > 0 && { requestBody: { required: true, content } }),
    responses: Object.fromEntries(
      Object.entries(needsKey ? { ...keyAnswers, ...operation.answers } : operation.answers).map(
        ([status, [description, schema]]) => [
          status,
          {
            description,
            ...answerContent(operation, status, schema),
          },
        ],
      ),
    ),
  };
}

/** An answer without a shape has no body, or problem details. */
function answerContent({ answerMediaTypes }: Operation, status: string, schema?: GenericSchema): object {
  const content = {
    ...(schema && { 'application/json': { schema: reference(schema) } }),
    ...(!schema &&
      Number(status) >= 400 && { 'application/problem+json': { schema: reference(ProblemAnswer) } }),
    ...(status === '200' && textContent(answerMediaTypes)),
  };
  return Object.keys(content).length > 0 ? { content } : {};
}

const textContent = (mediaTypes: Readonly<Record<string, string>> = {}): object =>
  Object.fromEntries(
    Object.entries(mediaTypes).map(([type, description]) => [
      type,
      { schema: { type: 'string', description } },
    ]),
  );

function reference(schema: GenericSchema): object {
  const name = schemas.find(([, named]) => named === schema)?.[0];
  if (name === undefined) throw new Error('an operation refers to a schema that its area does not name');
  return { $ref: `#/components/schemas/${name}` };
}

/** A check that JSON Schema cannot say, such as "a date that exists", is left out. */
function jsonSchema(schema: GenericSchema): object {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' });
  return rest;
}

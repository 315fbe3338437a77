// Generates the OpenAPI 3.1 document from the descriptions of the resources. Their schemas also validate requests.

import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { keyAnswers, type Operation, ProblemAnswer, type Resource } from './operation.ts';

/** The name of each schema under `components.schemas` of the document. */
type SchemaNames = ReadonlyMap<GenericSchema, string>;

/** Returns the OpenAPI document as a JSON value. */
export function openApiDocument(resources: readonly Resource[], version: string): object {
  const names: SchemaNames = new Map([
    ...resources.flatMap(({ schemas }) =>
      Object.entries(schemas).map(([name, schema]) => [schema, name] as const),
    ),
    [ProblemAnswer, 'ProblemAnswer'],
  ]);
  const paths: Record<string, Record<string, object>> = {};
  for (const { tag, operations } of resources)
    for (const [route, operation] of Object.entries(operations)) {
      const [method, path] = route.split(' ') as [string, string];
      paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(tag, path, operation, names) };
    }
  return {
    openapi: '3.1.0',
    info: {
      title: 'presend',
      version,
      summary: 'Predicts whether mail to an address will bounce, before you send it.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: resources.map(({ tag }) => ({ name: tag })),
    paths,
    components: {
      schemas: Object.fromEntries([...names].map(([schema, name]) => [name, jsonSchema(schema)])),
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operationObject(tag: string, path: string, operation: Operation, names: SchemaNames): object {
  const needsKey = operation.scope !== 'sender' && operation.scope !== 'public';
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
        schema: reference(operation.request, names),
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
            ...answerContent(operation, status, schema, names),
          },
        ],
      ),
    ),
  };
}

/**
 * Returns the `content` of a response: JSON if it has a schema, and problem details if it is an error without one. A 200
 * response also has the `answerMediaTypes` of the operation. If none of these apply, the response has no documented body.
 */
function answerContent(
  { answerMediaTypes }: Operation,
  status: string,
  schema: GenericSchema | undefined,
  names: SchemaNames,
): object {
  const content = {
    ...(schema && { 'application/json': { schema: reference(schema, names) } }),
    ...(!schema &&
      Number(status) >= 400 && { 'application/problem+json': { schema: reference(ProblemAnswer, names) } }),
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

function reference(schema: GenericSchema, names: SchemaNames): object {
  const name = names.get(schema);
  if (name === undefined)
    throw new Error('a schema of an operation is missing in the `schemas` of its resource');
  return { $ref: `#/components/schemas/${name}` };
}

/** Converts a schema to JSON Schema. Omits checks that JSON Schema cannot express, such as that a date exists. */
function jsonSchema(schema: GenericSchema): object {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' });
  return rest;
}

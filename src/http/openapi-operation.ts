// The operations and the webhooks of the OpenAPI document.

import type { GenericSchema } from 'valibot';
import { answerExamples, problemExamples, webhookExamples } from './api-examples.ts';
import { headersOfAnswer } from './openapi-headers.ts';
import {
  type DocumentedAnswer,
  type FileExample,
  isRefusal,
  keyAnswers,
  type MediaType,
  type Operation,
  type Parameter,
  ProblemAnswer,
  type RefusalAnswer,
} from './operation.ts';
import type { ProblemType } from './problem-types.ts';
import { type SentWebhook, sentWebhooks } from './sent-webhooks.ts';

/** The name of each schema under `components.schemas` of the document. */
export type SchemaNames = ReadonlyMap<GenericSchema, string>;

export const referTo = (name: string): string => `#/components/schemas/${name}`;

/** Returns the operation object of OpenAPI. */
export function operationObject(tag: string, path: string, operation: Operation, names: SchemaNames): object {
  const { id, summary, description, scope, callback } = operation;
  const needsKey = scope !== 'sender' && scope !== 'public';
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) =>
    parameterObject('path', name!, operation.path![name!]!),
  );
  const parameters = [
    ...pathParameters,
    ...parameterObjects('query', operation.query),
    ...parameterObjects('header', operation.headers),
  ];
  const content = requestContent(operation, names);
  const answers = needsKey ? { ...keyAnswers, ...operation.answers } : operation.answers;
  return {
    operationId: id,
    summary,
    description: `${description}${scopeSentence(operation)}`,
    tags: [tag],
    security: securityOf(operation),
    ...(needsKey && { 'x-scope': scope }),
    ...(parameters.length > 0 && { parameters }),
    ...(Object.keys(content).length > 0 && { requestBody: { required: true, content } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [
        status,
        responseObject(operation, Number(status), answer, names),
      ]),
    ),
    ...(callback && { callbacks: callbackObjects(`${id}Callback`, tag, callback, names) }),
  };
}

/** The scope is not in `security`, because only OAuth 2.0 has scopes there. An empty list: no key is needed. */
const securityOf = ({ scope, allowsPublishableKeys }: Operation): object[] =>
  scope === 'sender' || scope === 'public'
    ? []
    : [{ key: [] }, ...(allowsPublishableKeys ? [{ publishableKey: [] }] : [])];

/** A paragraph that says what a key must have. */
function scopeSentence({ scope, allowsPublishableKeys }: Operation): string {
  if (scope === 'sender') return '\n\nNeeds no key: the vendor signs its requests.';
  if (scope === 'public') return '\n\nNeeds no key.';
  return `\n\nNeeds a key with the scope \`${scope}\`${allowsPublishableKeys ? ', or a publishable key' : ''}.`;
}

const parameterObjects = (place: string, parameters: Operation['query'] = {}): object[] =>
  Object.entries(parameters).map(([name, parameter]) => parameterObject(place, name, parameter));

const parameterObject = (
  place: string,
  name: string,
  { description, schema = { type: 'string' }, example, isSent = place === 'path' }: Parameter,
): object => ({
  name,
  in: place,
  description,
  ...(place === 'path' && { required: true }),
  schema,
  example,
  ...(isSent && place !== 'path' && { 'x-sent-in-examples': true }),
});

const requestContent = (operation: Operation, names: SchemaNames): object => ({
  ...(operation.request && {
    'application/json': {
      schema: reference(operation.request, names),
      ...(operation.example !== undefined && { example: operation.example }),
    },
  }),
  ...Object.fromEntries(
    Object.entries(operation.requestMediaTypes ?? {}).map(([type, body]) => [
      type,
      mediaTypeObject(type, body),
    ]),
  ),
});

function mediaTypeObject(type: string, { description, example }: MediaType): object {
  if (typeof example === 'object') {
    const texts = Object.entries(example).map(([name, { text }]) => [name, text]);
    return {
      schema: formSchema(description, example),
      example: Object.fromEntries(texts),
      'x-files': example,
    };
  }
  const isText = /^(text|message)\/|json$|urlencoded$/.test(type);
  return {
    schema: isText ? { type: 'string', description } : { description, contentMediaType: type },
    ...(example !== undefined && { example }),
  };
}

/** The schema of a form (OpenAPI 3.1, section 4.8.15.1.2): each file is described by its media type. */
const formSchema = (description: string, files: Readonly<Record<string, FileExample>>): object => ({
  type: 'object',
  description,
  properties: Object.fromEntries(
    Object.entries(files).map(([name]) => [
      name,
      { description: 'A file.', contentMediaType: 'application/octet-stream' },
    ]),
  ),
  required: Object.keys(files).slice(0, 1),
  additionalProperties: true,
});

function responseObject(
  operation: Operation,
  status: number,
  answer: DocumentedAnswer,
  names: SchemaNames,
): object {
  const needsKey = operation.scope !== 'sender' && operation.scope !== 'public';
  const shared = headersOfAnswer(status, needsKey, isRefusal(answer)).map((name) => [
    name,
    { $ref: `#/components/headers/${name}` },
  ]);
  const own = Object.entries(status < 300 ? (operation.answerHeaders ?? {}) : {}).map(
    ([name, description]) => [name, { description, schema: { type: 'string' } }],
  );
  const headers = Object.fromEntries([...shared, ...own]);
  if (isRefusal(answer)) return { ...refusalObject(answer, names), headers };
  const [description, schema] = answer;
  const recorded = answerExamples[operation.id]?.[status] ?? {};
  const content = {
    ...(schema && jsonContent(reference(schema, names), recorded['application/json'])),
    ...(status === 200 && textContent(operation.answerMediaTypes, recorded)),
  };
  return { description, headers, ...(Object.keys(content).length > 0 && { content }) };
}

const jsonContent = (schema: object, example: unknown): object => ({
  'application/json': { schema, ...(example !== undefined && { example }) },
});

const textContent = (
  mediaTypes: Operation['answerMediaTypes'] = {},
  recorded: Readonly<Record<string, unknown>>,
): object =>
  Object.fromEntries(
    Object.entries(mediaTypes).map(([type, description]) => [
      type,
      {
        schema: { type: 'string', description },
        ...(recorded[type] !== undefined && { example: recorded[type] }),
      },
    ]),
  );

function refusalObject({ description, problems }: RefusalAnswer, names: SchemaNames): object {
  const examples = problems.filter((type) => problemExamples[type] !== undefined);
  return {
    description,
    content: {
      'application/problem+json': {
        schema: reference(ProblemAnswer, names),
        ...(examples.length > 0 && {
          examples: Object.fromEntries(
            examples.map((type) => [exampleName(type), { value: problemExamples[type] }]),
          ),
        }),
      },
    },
    'x-problem-types': problems,
  };
}

/** The name of an example, which must match `[a-zA-Z0-9._-]+`. */
const exampleName = (type: ProblemType): string => type.replace(':', '.');

function reference(schema: GenericSchema, names: SchemaNames): object {
  const name = names.get(schema);
  if (name === undefined)
    throw new Error('a schema of an operation is missing in the `schemas` of its resource');
  return { $ref: referTo(name) };
}

const webhookHeaderParameters = [
  {
    name: 'webhook-id',
    in: 'header',
    required: true,
    description: 'The id of the message. It is the same on every attempt: process each id once.',
    schema: { type: 'string' },
    example: 'msg_job_kC5iGm0Jq8Yw2Zx7Vb3N4A',
  },
  {
    name: 'webhook-timestamp',
    in: 'header',
    required: true,
    description:
      'The time of this attempt in seconds since 1970. Reject a message that is more than five minutes old.',
    schema: { type: 'integer' },
    example: 1795176000,
  },
  {
    name: 'webhook-signature',
    in: 'header',
    required: true,
    description:
      '`v1,` and the base64 of HMAC-SHA-256 over `{webhook-id}.{webhook-timestamp}.{body}`, with the key that CALLBACK_SECRET contains after `whsec_` in base64.',
    schema: { type: 'string', pattern: '^v1,[A-Za-z0-9+/]{43}=$' },
    example: 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  },
] as const;

const webhookResponses = {
  '2XX': { description: 'The message was accepted.' },
  410: { description: 'The receiver wants no more attempts to send this message.' },
  default: { description: 'Not accepted. presend sends the message again, over about three days.' },
} as const;

/** Returns the operation object of a webhook that presend sends. */
export const webhookObject = (webhook: SentWebhook, example: unknown, names: SchemaNames): object => ({
  operationId: webhook.id,
  summary: webhook.summary,
  description: webhook.description,
  tags: [webhook.tag],
  security: [],
  parameters: webhookHeaderParameters,
  requestBody: { required: true, content: jsonContent(reference(webhook.body, names), example) },
  responses: webhookResponses,
});

/** Returns the `callbacks` of an operation: the webhooks that presend sends because of a call, under an id of their own. */
function callbackObjects(
  id: string,
  tag: string,
  { url, webhooks }: NonNullable<Operation['callback']>,
  names: SchemaNames,
): object {
  const bodies = webhooks.map((type) => [type, reference(sentWebhooks[type]!.body, names)] as const);
  const mapping = Object.fromEntries(
    bodies.map(([type, schema]) => [type, (schema as { $ref: string }).$ref]),
  );
  const schema = { oneOf: bodies.map(([, one]) => one), discriminator: { propertyName: 'type', mapping } };
  const post = {
    operationId: id,
    summary: webhooks.map((type) => `\`${type}\``).join(', '),
    description: 'One of the webhooks with these types, which this document describes under `webhooks`.',
    tags: [tag],
    security: [],
    parameters: webhookHeaderParameters,
    requestBody: { required: true, content: jsonContent(schema, webhookExamples[webhooks[0]!]) },
    responses: webhookResponses,
  };
  return { [id]: { [url]: { post } } };
}

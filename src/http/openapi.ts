// Generates the OpenAPI 3.1 document from the descriptions of the resources. Their schemas also validate requests.

import { toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { scopes } from '../keys/key.ts';
import { webhookExamples } from './api-examples.ts';
import { sharedHeaders } from './openapi-headers.ts';
import { operationObject, referTo, type SchemaNames, webhookObject } from './openapi-operation.ts';
import { ProblemAnswer, type Resource } from './operation.ts';
import { problemTypeNames, problemTypes } from './problem-types.ts';
import { sentWebhooks, webhookSchemas } from './sent-webhooks.ts';

type Json = Readonly<Record<string, unknown>>;

/** Returns the OpenAPI document as a JSON value. */
export function openApiDocument(resources: readonly Resource[], version: string): object {
  const schemas: Record<string, GenericSchema> = Object.assign(
    {},
    ...resources.map((resource) => resource.schemas),
    webhookSchemas,
    { ProblemAnswer },
  );
  const names: SchemaNames = new Map(Object.entries(schemas).map(([name, schema]) => [schema, name]));
  const paths: Record<string, Record<string, object>> = {};
  for (const { tag, operations } of resources)
    for (const [route, operation] of Object.entries(operations)) {
      const [method, path] = route.split(' ') as [string, string];
      paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(tag, path, operation, names) };
    }
  const webhooks = Object.fromEntries(
    Object.entries(sentWebhooks).map(([type, webhook]) => [
      type,
      { post: webhookObject(webhook, webhookExamples[type], names) },
    ]),
  );
  const definitions = jsonSchemas(schemas);
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'presend',
      version,
      summary: 'Predicts whether mail to an address will bounce, before you send it.',
      description,
      contact: { name: 'presend', url: 'https://github.com/presend/presend' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The service that serves this document.' }],
    tags: resources.map(({ tag, about }) => ({ name: tag, description: about })),
    paths,
    webhooks,
    components: { schemas: definitions, headers: sharedHeaders, securitySchemes },
  };
  return withNamedEnums(document, definitions);
}

const securitySchemes = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description: `A secret key (\`sk_…\`) that has the scope, or ADMIN_KEY. The scopes are ${scopes.map((scope) => `\`${scope}\``).join(', ')}. A service on loopback needs no key until the first one is created.`,
  },
  publishableKey: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A publishable key (`pk_…`), sent from a page of one of its origins. It may be visible to anyone.',
  },
} as const;

const problemTable = problemTypeNames
  .map((type) => `| ${problemTypes[type].status} | \`${type}\` | ${problemTypes[type].when} |`)
  .join('\n');

const description = `Send a key as \`Authorization: Bearer KEY\`. Each operation names the scope that the key needs.

## Errors

The body of an error is problem details (RFC 9457) with the media type \`application/problem+json\`. Its \`type\` is
\`urn:presend:problem:\` and one of these names. New ones may be added.

| status | type | when |
| --- | --- | --- |
${problemTable}

## Rate limits

Answers to a key carry \`RateLimit-Policy\` and \`RateLimit\`. Above a limit the answer is 429 with \`Retry-After\` in seconds. In
batches, each address counts as one call.

## Webhooks

presend signs what it sends as Standard Webhooks (https://www.standardwebhooks.com) specifies, with CALLBACK_SECRET. The
signature in \`webhook-signature\` is \`v1,\` and the base64 of HMAC-SHA-256 over \`{webhook-id}.{webhook-timestamp}.{body}\`. Reject
a message whose timestamp is more than five minutes old, and process each \`webhook-id\` once. Any 2xx acknowledges a message.
Otherwise it is repeated over about three days; 410 stops that.`;

/** Converts schemas to JSON Schema. Omits checks that JSON Schema cannot express, such as that a date exists. */
function jsonSchemas(schemas: Readonly<Record<string, GenericSchema>>): Record<string, Json> {
  return toJsonSchemaDefs(schemas as Parameters<typeof toJsonSchemaDefs>[0], {
    errorMode: 'ignore',
    typeMode: 'input',
    target: 'draft-2020-12',
    overrideRef: ({ referenceId }) => referTo(referenceId),
  }) as Record<string, Json>;
}

/**
 * Replaces each list of allowed values that a schema of the document names, such as the reasons of verdicts, by a reference to
 * that schema. So generated clients have one type for it.
 */
function withNamedEnums(document: object, definitions: Readonly<Record<string, Json>>): object {
  const nameOf = new Map(
    Object.entries(definitions).flatMap(([name, schema]) =>
      schema['enum'] === undefined ? [] : [[JSON.stringify(schema['enum']), name]],
    ),
  );
  const replaced = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== 'object' || value === null) return value;
    const name = 'enum' in value ? nameOf.get(JSON.stringify(value.enum)) : undefined;
    if (name === undefined || value === definitions[name])
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner)]));
    const { enum: _, type: __, ...rest } = value as Record<string, unknown>;
    return { $ref: referTo(name), ...rest };
  };
  return replaced(document) as object;
}

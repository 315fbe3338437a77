// Writes src/client/routes.ts, the types of the client, from the OpenAPI document: `npm run client-types`.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '../src/http/openapi.ts';
import { resources } from '../src/http/resources.ts';

const root = join(import.meta.dirname, '..');
const file = join(root, 'src/client/routes.ts');

/** The part of JSON Schema (2020-12) that the document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface OperationObject {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Returns the TypeScript of a schema. */
function typeOf(schema: Schema): string {
  const { $ref, anyOf, oneOf, allOf, type } = schema;
  if ($ref !== undefined) return `Schemas['${$ref.split('/').at(-1)}']`;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  if (anyOf ?? oneOf) return union((anyOf ?? oneOf)!.map(typeOf));
  if (allOf !== undefined) {
    const parts = allOf.map(typeOf).filter((part) => part !== 'unknown');
    return parts.length === 0 ? 'unknown' : parts.map((part) => `(${part})`).join(' & ');
  }
  if (Array.isArray(type)) return union(type.map((one: string) => typeOf({ ...schema, type: one })));
  switch (type) {
    case 'object':
      return objectType(schema);
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return type;
    default:
      return 'unknown';
  }
}

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ');

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const members = Object.entries(properties).map(([name, schema]) =>
    member(name, typeOf(schema), { isOptional: !required.includes(name), comment: schema.description }),
  );
  if (!additionalProperties) return `{\n${members.join('\n')}\n}`;
  const values = additionalProperties === true ? 'unknown' : typeOf(additionalProperties);
  return members.length === 0
    ? `Record<string, ${values}>`
    : `{\n${members.join('\n')}\n[more: string]: unknown }`;
}

interface MemberOptions {
  readonly isOptional?: boolean;
  readonly comment?: string | undefined;
}

function member(name: string, type: string, { isOptional = false, comment }: MemberOptions = {}): string {
  const mark = isOptional ? '?' : '';
  return `${jsDoc(comment)}'${name}'${mark}: ${type}${isOptional ? ' | undefined' : ''};`;
}

/** Returns a comment in lines of at most 120 characters; empty without a text. */
function jsDoc(text: string | undefined): string {
  if (!text) return '';
  const safe = text.replaceAll('*/', '*\\/');
  if (safe.length <= 100) return `/** ${safe} */\n`;
  const lines = [''];
  for (const word of safe.split(' ')) {
    if (lines.at(-1)!.length + word.length > 110) lines.push('');
    lines.push(`${lines.pop()} ${word}`.trim());
  }
  return `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n`;
}

/** Returns the type of a query parameter. Its value is text in the URL, so numbers and booleans are accepted too. */
const queryType = (schema: Schema): string => {
  const type = typeOf(schema);
  return type === 'string' ? 'QueryValue' : type;
};

const isJson = (mediaType: string): boolean => mediaType === 'application/json';

/** The members `body` and `contentType` of a route. */
function bodyMembers({ requestBody }: OperationObject): string[] {
  if (requestBody === undefined) return [];
  const mediaTypes = Object.keys(requestBody.content);
  const json = mediaTypes.filter(isJson).map((type) => typeOf(requestBody.content[type]!.schema!));
  const raw = mediaTypes.filter((type) => !isJson(type));
  const named = raw.filter((type) => !type.startsWith('multipart/'));
  const contentType = named.includes('*/*') ? 'string' : union(named.map((type) => JSON.stringify(type)));
  return [
    member('body', union([...json, ...(raw.length > 0 ? ['RawBody'] : [])])),
    ...(named.length > 0
      ? [
          member('contentType', contentType, {
            isOptional: true,
            comment: 'The media type of a raw body, unless it is a `Blob` with a type.',
          }),
        ]
      : []),
  ];
}

/** The types of the successful responses: JSON, `Response` for a file, undefined without content. */
function answerTypes({ responses }: OperationObject): string[] {
  const types = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, { content }]) => {
      if (status === '204') return ['undefined'];
      // The response of a webhook is for its vendor, and not described.
      if (content === undefined) return ['unknown'];
      return Object.entries(content).map(([type, { schema }]) =>
        isJson(type) && schema ? typeOf(schema) : 'Response',
      );
    });
  return types.includes('unknown') ? ['unknown'] : [...new Set(types)];
}

function routeType(operation: OperationObject): string {
  const { parameters = [] } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const members = [
    ...(inPath.length > 0
      ? [member('params', `{ ${inPath.map(({ name }) => member(name, 'string')).join('\n')} }`)]
      : []),
    ...(inQuery.length > 0
      ? [
          member(
            'query',
            `{ ${inQuery
              .map(({ name, description, required, schema }) =>
                member(name, queryType(schema), { isOptional: required !== true, comment: description }),
              )
              .join('\n')} }`,
            { isOptional: inQuery.every(({ required }) => required !== true) },
          ),
        ]
      : []),
    ...bodyMembers(operation),
    member('answer', union(answerTypes(operation))),
  ];
  return `{\n${members.join('\n')}\n}`;
}

/** Returns the text of src/client/routes.ts for a document. */
export function clientTypes(document: object): string {
  const { paths, components } = document as OpenApi;
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
  const files = routes
    .filter(([, operation]) =>
      answerTypes(operation).some((type) => type === 'Response' || type === 'unknown'),
    )
    .map(([name]) => `'${name}',`);
  const text = `// The routes of the API and their types. Generated by tools/client-types.ts from the OpenAPI document.

import type { QueryValue, RawBody } from './raw-body.ts';

/** The JSON bodies of requests and responses, by their names in the OpenAPI document. */
export interface Schemas {
${Object.entries(components.schemas)
  .map(([name, schema]) => member(name, typeOf(schema), { comment: schema.description }))
  .join('\n')}
}

/** Every route: what a call takes, and what it resolves to. */
export interface Routes {
${routes
  .map(([name, operation]) => {
    const comment = [operation.summary, operation.description].filter(Boolean).join('. ');
    return member(name, routeType(operation), { comment });
  })
  .join('\n')}
}

/** The routes whose successful response may be something other than JSON. */
export const fileRoutes: ReadonlySet<string> = new Set([
${files.join('\n')}
]);
`;
  const biome = join(root, 'node_modules/.bin/biome');
  return execFileSync(
    process.execPath,
    [biome, 'format', '--vcs-enabled=false', `--stdin-file-path=${file}`],
    { cwd: root, input: text, encoding: 'utf8' },
  );
}

/** Returns what src/client/routes.ts must contain. */
export const currentClientTypes = (): string => clientTypes(openApiDocument(resources, '0'));

if (import.meta.main) writeFileSync(file, currentClientTypes());

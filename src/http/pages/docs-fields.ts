// The fields of a JSON schema as a table, for the page /docs.

import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { DocumentedSchema, DocumentedSchemas } from './documented.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Renders text. The parts between backticks become code. */
export const prose = (text = ''): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;

type Field = readonly [name: string, type: string, description: string];

/** Renders the fields of a schema. A schema with alternatives (`anyOf`, `oneOf`) gets a table for each of them. */
export function fieldTables(schema: DocumentedSchema, schemas: DocumentedSchemas): Html {
  const resolved = resolve(schema, schemas);
  const alternatives = resolved.anyOf ?? resolved.oneOf ?? [resolved];
  const tables = alternatives
    .map((one) => fieldsOf(objectIn(one, schemas) ?? itemsIn(one, schemas) ?? {}, '', schemas))
    .filter((fields) => fields.length > 0);
  return html`${tables.map((fields) => fieldTable(fields))}`;
}

export const fieldTable = (fields: readonly Field[], head = 'Field'): Html =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="${head}s"><table><thead><tr><th scope="col">${head}</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${fields.map(
    ([name, type, description]) =>
      html`<tr><td><code>${name}</code></td><td><code>${type}</code></td><td>${prose(description)}</td></tr>`,
  )}</tbody></table></div>`;

/** Returns the fields of an object. Fields of nested objects have dotted names, such as `bounce.status` or `results[].email`. */
function fieldsOf(schema: DocumentedSchema, prefix: string, schemas: DocumentedSchemas): Field[] {
  const own = [...(schema.allOf ?? []).map((one) => resolve(one, schemas)), schema];
  return own.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).flatMap(([name, field]): Field[] => {
      const optional = required.includes(name) ? '' : '?';
      const object = objectIn(field, schemas);
      const items = itemsIn(field, schemas);
      return [
        [prefix + name + optional, typeName(field, schemas), descriptionOf(field, schemas)],
        ...(object === undefined ? [] : fieldsOf(object, `${prefix}${name}.`, schemas)),
        ...(items === undefined ? [] : fieldsOf(items, `${prefix}${name}[].`, schemas)),
      ];
    }),
  );
}

const resolve = (schema: DocumentedSchema, schemas: DocumentedSchemas): DocumentedSchema =>
  schema.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1)!]!;

function descriptionOf(schema: DocumentedSchema, schemas: DocumentedSchemas): string {
  const inner = [schema, resolve(schema, schemas), ...(schema.anyOf ?? [])];
  return inner.find(({ description }) => description !== undefined)?.description ?? '';
}

/** Returns the object with fields that a schema is or may be. */
function objectIn(schema: DocumentedSchema, schemas: DocumentedSchemas): DocumentedSchema | undefined {
  const resolved = resolve(schema, schemas);
  if (resolved.properties || resolved.allOf) return resolved;
  return resolved.anyOf?.map((one) => resolve(one, schemas)).find((one) => one.properties);
}

/** Returns the object with fields of which a schema is or may be an array. */
function itemsIn(schema: DocumentedSchema, schemas: DocumentedSchemas): DocumentedSchema | undefined {
  const resolved = resolve(schema, schemas);
  const array = [resolved, ...(resolved.anyOf ?? [])].find((one) => one.items !== undefined);
  return array && objectIn(array.items!, schemas);
}

/** The type of a value in words, such as `integer | null` or `"accept" | "confirm"`. */
export function typeName(schema: DocumentedSchema, schemas: DocumentedSchemas): string {
  if (schema.$ref !== undefined) {
    const named = resolve(schema, schemas);
    return named.enum && named.enum.length > 8 ? schema.$ref.split('/').at(-1)! : typeName(named, schemas);
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.items) return `list of ${typeName(schema.items, schemas)}`;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return [...new Set(alternatives.map((one) => typeName(one, schemas)))].join(' | ');
  if (schema.format === 'date-time') return 'time';
  if (schema.format === 'date') return 'day';
  return schema.type ?? 'any';
}

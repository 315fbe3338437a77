// The API reference at /docs: shows the OpenAPI document as a page without scripts or external resources.

import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { openApiDocument } from '../openapi.ts';
import type { Resource } from '../operation.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Answer {
  readonly description: string;
  /** Absent if the response has no documented body. */
  readonly content?: Content;
}

type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Document {
  readonly info: { readonly summary: string; readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Renders text. The parts between backticks become code. */
const prose = (text = ''): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** The whole page as HTML. */
export function docsPage(resources: readonly Resource[], version: string): Html {
  const document = openApiDocument(resources, version) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      ...operation,
    })),
  );
  const { schemas } = document.components;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>presend API</title>
<style>${raw(style)}</style>
</head>
<body>
<header>
<h1>presend <small>${document.info.version}</small></h1>
<p>${document.info.summary} Machine-readable: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
</header>
<div class="columns">
<nav aria-label="Routes">
${document.tags.map(
  ({ name }) =>
    html`<h2>${name}</h2><ul>${operations
      .filter(({ tags }) => tags.includes(name))
      .map(
        ({ operationId, method, path }) =>
          html`<li><a href="#${operationId}"><b>${method}</b> ${path}</a></li>`,
      )}</ul>`,
)}
</nav>
<main>
${operations.map(
  (operation) => html`<section id="${operation.operationId}">
<h2><b class="${operation.method}">${operation.method}</b> <code>${operation.path}</code></h2>
<p><strong>${operation.summary}.</strong> ${prose(operation.description)}</p>
${operation.parameters ? html`<h3>Parameters</h3>${fieldTable(operation.parameters.map((p) => [p.name, p.in, p.description ?? '']))}` : ''}
${operation.requestBody ? html`<h3>Request</h3>${example(operation)}${shapes(schemaOf(operation.requestBody.content), schemas)}` : ''}
<h3>Responses</h3>
<dl>${Object.entries(operation.responses).map(
    ([status, answer]) =>
      html`<dt><code>${status}</code></dt><dd>${prose(answer.description)}${
        status.startsWith('2') && answer.content ? shapes(schemaOf(answer.content), schemas) : ''
      }</dd>`,
  )}</dl>
</section>`,
)}
</main>
</div>
</body>
</html>`;
}

const example = ({ requestBody }: Operation): Html => {
  const value = Object.values(requestBody!.content)[0]!.example;
  return value === undefined ? html`` : html`<pre><code>${JSON.stringify(value, null, 2)}</code></pre>`;
};

const schemaOf = (content: Content): Schema => Object.values(content)[0]!.schema;

const resolve = (schema: Schema, schemas: Document['components']['schemas']): Schema =>
  schema.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1)!]!;

/** Renders the fields of a schema as a table. A schema with alternatives (`anyOf`, `oneOf`) gets a table for each of them. */
function shapes(schema: Schema, schemas: Document['components']['schemas']): Html {
  const resolved = resolve(schema, schemas);
  const alternatives = resolved.anyOf ?? resolved.oneOf ?? [resolved];
  return html`${alternatives.map((one) => fieldTable(fieldsOf(resolve(one, schemas), '')))}`;
}

type Field = readonly [name: string, type: string, description: string];

/** Returns the fields of a schema. Fields of nested objects have dotted names, such as `bounce.status` or `results[].email`. */
function fieldsOf(schema: Schema, prefix: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]): Field[] => {
    const optional = schema.required?.includes(name) === false ? '?' : '';
    const object = objectIn(field);
    const list = field.items === undefined ? undefined : objectIn(field.items);
    return [
      [prefix + name + optional, typeName(field), descriptionOf(field)],
      ...(object === undefined ? [] : fieldsOf(object, `${prefix}${name}.`)),
      ...(list === undefined ? [] : fieldsOf(list, `${prefix}${name}[].`)),
    ];
  });
}

const descriptionOf = ({ description, anyOf = [] }: Schema): string =>
  description ?? anyOf.find((one) => one.description !== undefined)?.description ?? '';

const objectIn = (schema: Schema): Schema | undefined =>
  schema.properties ? schema : schema.anyOf?.find((one) => one.properties);

function typeName(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.items) return `list of ${typeName(schema.items)}`;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return [...new Set(alternatives.map(typeName))].join(' | ');
  return schema.type ?? 'any';
}

const fieldTable = (fields: readonly Field[]): Html =>
  fields.length === 0
    ? html``
    : html`<div class="scroll"><table><thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${fields.map(
        ([name, type, description]) =>
          html`<tr><td><code>${name}</code></td><td><code>${type}</code></td><td>${prose(description)}</td></tr>`,
      )}</tbody></table></div>`;

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: light-dark(#0a58ca, #7db2ff); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem; }
a { color: var(--accent); }
small { font-weight: normal; opacity: .7; }
code { font: .875em ui-monospace, monospace; }
pre { background: var(--soft); border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto; }
td:first-child code { white-space: nowrap; } td:nth-child(2) code { overflow-wrap: anywhere; } td:nth-child(3) { min-width: 16rem; }
nav ul { list-style: none; padding: 0; margin: 0; }
nav h2 { font-size: 1rem; margin: 1rem 0 .25rem; }
nav a { display: block; padding: .15rem 0; font: .8125rem/1.5 ui-monospace, monospace; text-decoration: none; }
section { border-top: 1px solid var(--line); padding: .5rem 0 1.5rem; }
section h2 { font-size: 1.15rem; }
section h2 b { background: var(--soft); border-radius: .25rem; padding: .1rem .4rem; font-size: .875rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--soft); }
dt { float: left; clear: left; } dd { margin: 0 0 .5rem 3.5rem; }
@media (min-width: 56rem) { .columns { display: grid; grid-template-columns: 17rem 1fr; gap: 2rem; }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; } }
`;

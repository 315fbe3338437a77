// The API reference at /docs: shows the OpenAPI document as a page. Its script and style are separate files, so the
// Content-Security-Policy can forbid inline ones. Without the script, the page still shows everything but "Try it".

import { html } from 'hono/html';
import { openApiDocument } from '../openapi.ts';
import { badBody, isRefusal, keyAnswers, type Resource } from '../operation.ts';
import { problemTypeNames, problemTypes } from '../problem-types.ts';
import { fieldTable, fieldTables, type Html, prose, typeName } from './docs-fields.ts';
import { tryForm } from './docs-try.ts';
import {
  type ApiDocument,
  type DocumentedBody,
  type DocumentedOperation,
  type DocumentedSchemas,
  exampleRequest,
  operationsOf,
  type PlacedOperation,
} from './documented.ts';
import { type SnippetLanguage, snippetLanguages, snippetOf } from './snippets.ts';

/** The whole page as HTML. */
export function docsPage(resources: readonly Resource[], version: string): Html {
  const document = openApiDocument(resources, version) as ApiDocument;
  const operations = operationsOf(document);
  const { schemas } = document.components;
  const tags = document.tags.map(({ name, description }) => ({
    name,
    description,
    id: `tag-${name.toLowerCase().replaceAll(/\W+/g, '-')}`,
    operations: operations.filter((operation) => operation.tags.includes(name)),
  }));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>presend API</title>
<meta name="description" content="Every route of the presend API, with examples that you can run.">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs.css">
<script src="/docs.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the operations</a>
<header class="top">
<a class="brand" href="/">presend <small>${document.info.version}</small></a>
<p><a href="/">Try an address</a> <a href="/openapi.json">OpenAPI 3.1</a></p>
</header>
<div class="columns">
<nav aria-label="Operations"><details open><summary>Operations</summary>
<ul class="guides"><li><a href="#main">Overview</a></li><li><a href="#errors">Errors</a></li><li><a href="#limits">Rate limits</a></li><li><a href="#webhooks">Webhooks</a></li></ul>
${tags.map(
  ({ name, id, operations: own }) =>
    html`<h2><a href="#${id}">${name}</a></h2><ul>${own.map(
      ({ operationId, method, path, summary }) =>
        html`<li><a href="#${operationId}" title="${summary}"><b class="${method}">${shortMethod(method)}</b> <span>${breakable(path)}</span></a></li>`,
    )}</ul>`,
)}
</details></nav>
<main id="main" tabindex="-1">
${intro(document)}
${tags.map(
  ({ name, description, id, operations: own }) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${name}</h2><p class="about">${prose(description)}</p>
${own.map((operation) => operationArticle(operation, schemas))}
</section>`,
)}
${errorsSection}
${limitsSection}
${webhooksSection(document)}
</main>
</div>
<p id="spoken" class="unseen" role="status"></p>
</body>
</html>`;
}

const shortMethod = (method: string): string => (method === 'DELETE' ? 'DEL' : method);

/** Lets a long path break after each slash. */
const breakable = (path: string): Html =>
  html`${path.split(/(?<=.\/)/).map((part, index) => (index === 0 ? part : html`<wbr>${part}`))}`;

const intro = ({ info }: ApiDocument): Html => html`<section class="intro" aria-labelledby="title">
<h1 id="title">API reference</h1>
<p class="lead">${info.summary} Send a key as <code>Authorization: Bearer KEY</code>. A service on loopback needs no key until you create one.</p>
<div class="tools">
<fieldset class="languages"><legend>Examples in</legend>${Object.entries(snippetLanguages).map(
  ([id, name]) =>
    html`<label><input type="radio" name="language" value="${id}"${id === 'curl' ? html` checked` : ''}> <span>${name}</span></label>`,
)}</fieldset>
<div class="key"><label for="key">API key for “Try it”</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" autocapitalize="none" aria-describedby="key-hint">
<p class="hint" id="key-hint">Kept in the memory of this page only, and sent to this service only.</p></div>
</div>
</section>`;

function operationArticle(operation: PlacedOperation, schemas: DocumentedSchemas): Html {
  const {
    operationId,
    method,
    path,
    summary,
    description,
    parameters = [],
    requestBody,
    responses,
  } = operation;
  const request = exampleRequest(operation);
  const body = requestBody && Object.values(requestBody.content)[0]!;
  return html`<article id="${operationId}" aria-labelledby="${operationId}-title">
<div class="text">
<h3 id="${operationId}-title">${summary} <a class="anchor" href="#${operationId}" aria-label="Link to ${summary}">#</a></h3>
<p class="route"><b class="${method}">${method}</b> <code>${breakable(path)}</code></p>
${description.split('\n\n').map((paragraph) => html`<p>${prose(paragraph)}</p>`)}
${
  parameters.length > 0
    ? html`<h4>Parameters</h4>${fieldTable(
        parameters.map((p) => [
          p.name + (p.required ? '' : '?'),
          `${typeName(p.schema, schemas)} (${p.in})`,
          p.description,
        ]),
        'Parameter',
      )}`
    : ''
}
${body ? html`<h4>Request body</h4>${mediaTypeList(requestBody.content)}${fieldTables(body.schema, schemas)}` : ''}
<h4>Responses</h4>
<dl>${ownResponses(responses).map(
    ([status, answer]) =>
      html`<div><dt><code>${status}</code></dt><dd>${prose(answer.description)}${problemLinks(answer['x-problem-types'])}${
        status.startsWith('2') && answer.content
          ? responseFields(Object.values(answer.content)[0]!, schemas)
          : ''
      }</dd></div>`,
  )}</dl>
${Object.keys(responses).some((status) => Number(status) >= 400) ? html`<p class="hint"><a href="#errors">Shared errors</a></p>` : ''}
</div>
<div class="code">
${
  request === null
    ? html`<p class="hint">The vendor sends this request, with its own body and signature.</p>`
    : Object.keys(snippetLanguages).map((language) =>
        snippet(language as SnippetLanguage, snippetOf[language as SnippetLanguage](request), summary),
      )
}
${responseExample(operation)}
${request === null || (operation.path.startsWith('/v1/hooks/crm/{vendor}') && operation.method === 'GET') ? '' : tryForm(operation, schemas)}
</div>
</article>`;
}

/** Errors that many operations share. The page describes them once, in the table of all errors. */
const sharedErrors = new Set(
  Object.values({ ...keyAnswers, ...badBody }).flatMap((answer) =>
    isRefusal(answer) ? [answer.description] : [],
  ),
);

/** The responses of an operation without the errors that many operations share. */
const ownResponses = (responses: DocumentedOperation['responses']) =>
  Object.entries(responses).filter(([, { description }]) => !sharedErrors.has(description));

const mediaTypeList = (content: Readonly<Record<string, DocumentedBody>>): Html =>
  html`<ul class="types">${Object.entries(content).map(
    ([type, { schema }]) =>
      html`<li><code>${type}</code>${schema.$ref === undefined && schema.description ? html`: ${prose(schema.description)}` : ''}</li>`,
  )}</ul>`;

const responseFields = ({ schema }: DocumentedBody, schemas: DocumentedSchemas): Html =>
  schema.type === 'string'
    ? html` ${prose(schema.description)}`
    : html`<details class="fields"><summary>Fields</summary>${fieldTables(schema, schemas)}</details>`;

const problemLinks = (types: readonly string[] = []): Html =>
  types.length === 0
    ? html``
    : html` <span class="problems">${types.map((type) => html` <a href="#problem-${anchorOf(type)}">${type}</a>`)}</span>`;

const anchorOf = (type: string): string => type.replaceAll(/\W/g, '-');

const snippet = (language: SnippetLanguage, code: string, summary: string): Html =>
  html`<figure class="snippet" data-language="${language}"><figcaption>${snippetLanguages[language]}<button type="button" class="copy" aria-label="Copy ${snippetLanguages[language]}: ${summary}">Copy</button></figcaption>
<pre tabindex="0" aria-label="${snippetLanguages[language]}: ${summary}"><code>${code}</code></pre></figure>`;

/** The example of the first successful response that has one. */
function responseExample({ responses, summary }: DocumentedOperation): Html {
  for (const [status, { content = {} }] of Object.entries(responses))
    for (const { example } of Object.values(content))
      if (example !== undefined && status.startsWith('2'))
        return html`<figure class="answer"><figcaption>Response ${status}</figcaption>
<pre tabindex="0" aria-label="Response ${status}: ${summary}"><code>${typeof example === 'string' ? example : JSON.stringify(example, null, 2)}</code></pre></figure>`;
  return html``;
}

const errorsSection = html`<section aria-labelledby="errors"><h2 id="errors">Errors</h2>
<p>The body of an error is problem details (RFC 9457) with the media type <code>application/problem+json</code>. Its <code>type</code> is <code>urn:presend:problem:</code> and one of these names. New ones may be added: treat an unknown one by its status.</p>
<p>Every operation that needs a key may answer 401, 403, 429 or 503. Every operation with a body may also answer 400, 408, 413, 415 or 422.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Errors"><table><thead><tr><th scope="col">Status</th><th scope="col">Type</th><th scope="col">When</th></tr></thead>
<tbody>${problemTypeNames.map(
  (type) =>
    html`<tr id="problem-${anchorOf(type)}"><td>${problemTypes[type].status}</td><td><code>${type}</code></td><td>${prose(problemTypes[type].when)}</td></tr>`,
)}</tbody></table></div></section>`;

const limitsSection = html`<section aria-labelledby="limits"><h2 id="limits">Rate limits</h2>
<p>Answers to a key carry <code>RateLimit-Policy</code> and <code>RateLimit</code>: <code>"secret_key";r=59999;t=1</code> means that 59,999 calls are left, and that the quota is full again in one second. In batches, each address counts as one call. Above a limit the answer is 429 with <code>Retry-After</code> in seconds.</p></section>`;

const webhooksSection = ({
  webhooks,
  components,
}: ApiDocument): Html => html`<section aria-labelledby="webhooks"><h2 id="webhooks">Webhooks</h2>
<p class="about">presend signs what it sends as Standard Webhooks (standardwebhooks.com) specifies, with CALLBACK_SECRET. Reject a message whose timestamp is more than five minutes old, and process each <code>webhook-id</code> once.</p>
${Object.entries(webhooks).map(([type, { post }]) => {
  const [body] = Object.values(post.requestBody!.content);
  return html`<article id="${post.operationId}" aria-labelledby="${post.operationId}-title"><div class="text">
<h3 id="${post.operationId}-title">${post.summary}</h3><p class="route"><b class="POST">POST</b> <code>${type}</code></p><p>${prose(post.description)}</p>
<h4>Headers</h4>${fieldTable(
    post.parameters!.map((p) => [p.name, p.schema.type ?? '', p.description]),
    'Header',
  )}
<h4>Body</h4>${fieldTables(body!.schema, components.schemas)}</div>
<div class="code">${
    body!.example === undefined
      ? ''
      : html`<figure class="answer"><figcaption>Body</figcaption><pre tabindex="0" aria-label="Body of ${type}"><code>${JSON.stringify(body!.example, null, 2)}</code></pre></figure>`
  }</div></article>`;
})}</section>`;

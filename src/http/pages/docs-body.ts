// The inputs for the body of a request in the form "Try it" on the page /docs: one text area for each media type or file.

import { html } from 'hono/html';
import type { Html } from './docs-fields.ts';
import { type ExampleBody, exampleRequest, type PlacedOperation } from './documented.ts';

export function fieldsetOf(operation: PlacedOperation): Html {
  const types = Object.keys(operation.requestBody?.content ?? {});
  const bodies = types.flatMap((type) => {
    const body = exampleRequest(operation, type)?.body;
    return body ? [{ type, body }] : [];
  });
  const id = `${operation.operationId}-type`;
  return html`${
    bodies.length < 2
      ? ''
      : html`<div class="field"><label for="${id}"><code>Content-Type</code></label>
<select id="${id}" class="type">${bodies.map(({ type }) => html`<option>${type}</option>`)}</select></div>`
  }${bodies.map(({ type, body }, index) => areas(operation.operationId, type, body, index > 0))}`;
}

const areas = (operationId: string, type: string, body: ExampleBody, isHidden: boolean): Html =>
  html`<div class="body" data-type="${type}" data-kind="${body.kind}"${body.kind === 'text' ? html` data-sent-as="${body.mediaType}"` : ''}${isHidden ? html` hidden` : ''}>${
    body.kind === 'form'
      ? Object.entries(body.files).map(([name, { fileName, mediaType, text }]) =>
          area(
            `${operationId}-${name}`,
            html`File <code>${name}</code>`,
            text,
            html` data-name="${name}" data-file="${fileName}" data-sent-as="${mediaType}"`,
          ),
        )
      : area(
          `${operationId}-${type.replaceAll(/\W/g, '-')}`,
          html`Body <small>${type === '*/*' ? 'as the vendor sends it' : type}</small>`,
          body.kind === 'json' ? JSON.stringify(body.value, null, 2) : body.text,
          html``,
        )
  }</div>`;

const area = (id: string, label: Html, text: string, attributes: Html): Html =>
  html`<label for="${id}">${label}</label>
<textarea id="${id}" rows="${Math.min(12, text.split('\n').length + 1)}" spellcheck="false" autocomplete="off"${attributes}>
${text}</textarea>`;

// The form "Try it" of an operation on the page /docs. The script of the page sends it; without the script it is not shown.

import { html } from 'hono/html';
import { fieldsetOf } from './docs-body.ts';
import { type Html, prose } from './docs-fields.ts';
import type { DocumentedParameter, DocumentedSchemas, PlacedOperation } from './documented.ts';

/** Operations that change nothing although their method is not GET. */
const readOnly = new Set([
  'validate',
  'validateBatch',
  'annotate',
  'confirmToken',
  'backtest',
  'checkSuppressions',
  'testEspHook',
  'testCrmHook',
]);

export function tryForm(operation: PlacedOperation, schemas: DocumentedSchemas): Html {
  const { operationId, method, path, parameters = [] } = operation;
  const changes = method !== 'GET' && !readOnly.has(operationId);
  return html`<details class="try"><summary>Try it</summary>
<form data-method="${method}" data-path="${path}" aria-label="Try ${operation.summary.toLowerCase()}" novalidate>
${changes ? html`<p class="warning">This sends a real request to this service, and changes its data.</p>` : ''}
${parameters.map((parameter) => parameterInput(operationId, parameter, schemas))}
${fieldsetOf(operation)}
<p class="buttons"><button type="submit" class="${changes ? 'careful' : ''}">Send ${method}</button> <button type="button" class="stop" hidden>Stop</button></p>
<div class="outcome" hidden><p class="status" role="status"></p><pre tabindex="0" aria-label="Response"></pre></div>
</form></details>`;
}

function parameterInput(
  operationId: string,
  { name, in: place, description, required = false, schema, example, ...rest }: DocumentedParameter,
  schemas: DocumentedSchemas,
): Html {
  const id = `${operationId}-${name}`;
  const named = schema.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1)!]!;
  const values = named.enum?.map(String) ?? (named.type === 'boolean' ? ['true', 'false'] : null);
  // A header such as Idempotency-Key is for one request only, so the form must not send it again unnoticed with a second request.
  const isFilled = rest['x-sent-in-examples'] && place === 'query';
  const value = isFilled ? String(example) : '';
  const attributes = html`id="${id}" name="${name}" data-in="${place}" aria-describedby="${id}-hint"`;
  return html`<div class="field"><label for="${id}"><code>${name}</code> <small>${place}${required ? ', required' : ''}</small></label>
${
  values === null
    ? html`<input ${attributes} value="${value}" placeholder="${String(example)}" autocomplete="off" spellcheck="false"${required ? html` required` : ''}>`
    : html`<select ${attributes}>${required ? '' : html`<option value="">not sent</option>`}${values.map(
        (one) =>
          html`<option${one === (value || (required ? String(example) : '')) ? html` selected` : ''}>${one}</option>`,
      )}</select>`
}
<p class="hint" id="${id}-hint">${prose(description)}</p></div>`;
}

// The first page of the console: what is left to set up, and where to go.

import { html } from 'hono/html';
import type { Html } from '../docs-fields.ts';
import { consolePage, type Viewer } from './layout.ts';
import { consolePages } from './pages.ts';

export interface SetupStep {
  readonly isDone: boolean;
  readonly title: string;
  /** What to do, or what was found. */
  readonly text: Html | string;
  /** Where to do it; null if the viewer's key does not open that page. */
  readonly link: { readonly path: string; readonly name: string } | null;
}

export function startPage(viewer: Viewer, steps: readonly SetupStep[]): Html {
  const done = steps.filter(({ isDone }) => isDone).length;
  const isReady = done === steps.length;
  return consolePage({
    title: 'Start',
    viewer,
    at: '/console',
    body: html`<h1>${isReady ? 'Everything is set up' : 'Set up presend'}</h1>
<section aria-labelledby="setup" class="card"><h2 id="setup">${done} of ${steps.length} steps done</h2>
<ol class="checks">${steps.map(
      ({ isDone, title, text, link }) =>
        html`<li class="${isDone ? 'done' : 'open'}"><b>${title}</b> <span class="unseen">${isDone ? '(done)' : '(to do)'}</span>${isDone ? '' : html`<br><span class="quiet">${text}</span>${link === null ? '' : html` <a href="${link.path}">${link.name}</a>`}`}</li>`,
    )}</ol></section>
<section aria-labelledby="go"><h2 id="go">Go to</h2>
<ul class="tiles">${consolePages
      .filter(({ path, scopes }) => path !== '/console' && scopes.some(viewer.may))
      .map(
        ({ path, name, about }) =>
          html`<li><a href="${path}">${name}</a><br><span class="quiet">${about}</span></li>`,
      )}
<li><a href="/">Try</a><br><span class="quiet">Check single addresses, and see the form widget</span></li></ul></section>`,
  });
}

// The first page of the console: what is left to set up, and where to go.

import { html } from 'hono/html';
import type { Job } from '../../../jobs/job.ts';
import type { ShownState } from '../../../jobs/progress.ts';
import { counted, groupedCount } from '../../../number-text.ts';
import type { StoredIncident } from '../../../reports/incidents/incident.ts';
import type { Html } from '../docs-fields.ts';
import { consolePage, dataTable, minute, type Viewer } from './layout.ts';
import { listName, stateText } from './list-words.ts';
import { consolePages } from './pages.ts';

export interface SetupStep {
  readonly isDone: boolean;
  readonly title: string;
  /** What to do, or what was found. */
  readonly text: Html | string;
  /** Where to do it; null if the viewer's key does not open that page. */
  readonly link: { readonly path: string; readonly name: string } | null;
}

/** What a person should know first. A part is null if the viewer's key does not open its page. */
export interface StartNews {
  /** The open incidents, latest first. */
  readonly incidents: readonly StoredIncident[] | null;
  /** The latest lists. */
  readonly lists: readonly { readonly job: Job; readonly state: ShownState }[] | null;
}

export function startPage(viewer: Viewer, steps: readonly SetupStep[], news: StartNews): Html {
  const done = steps.filter(({ isDone }) => isDone).length;
  const isReady = done === steps.length;
  const progress = `${done} of ${steps.length} steps done`;
  const checklist = html`<ol class="checks">${steps.map(step)}</ol>`;
  return consolePage({
    title: 'Start',
    viewer,
    at: '/console',
    body: html`<h1>${isReady ? 'Start' : 'Set up presend'}</h1>
${isReady ? '' : html`<section aria-labelledby="setup" class="card"><h2 id="setup">${progress}</h2>${checklist}</section>`}
${news.incidents === null ? '' : openIncidents(news.incidents, isReady)}
${news.lists === null || news.lists.length === 0 ? '' : latestLists(news.lists)}
${isReady ? html`<details class="card"><summary>Everything is set up: ${progress}</summary>${checklist}</details>` : ''}
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

const step = ({ isDone, title, text, link }: SetupStep): Html =>
  html`<li class="${isDone ? 'done' : 'open'}"><b>${title}</b> <span class="unseen">${isDone ? '(done)' : '(to do)'}</span>${isDone ? '' : html`<br><span class="quiet">${text}</span>${link === null ? '' : html` <a href="${link.path}">${link.name}</a>`}`}</li>`;

/** Without an incident, a service that is still being set up says nothing: it may have no events yet. */
const openIncidents = (incidents: readonly StoredIncident[], isReady: boolean): Html | string =>
  incidents.length === 0
    ? isReady
      ? html`<section aria-labelledby="needs"><h2 id="needs">Your mail</h2><p>Nothing stands out: no incident is open.</p></section>`
      : ''
    : html`<section aria-labelledby="needs"><h2 id="needs">${counted(incidents.length, 'incident')} open</h2>
<ul class="findings">${incidents
        .slice(0, shownIncidents)
        .map(
          ({ severity, explanation, openedAt }) =>
            html`<li class="${severity === 'critical' ? 'stop' : 'concerning'}"><p><b>${explanation}</b></p><p class="quiet">Since ${minute(openedAt)} UTC</p></li>`,
        )}</ul>
<p><a href="/console/bounces/incidents">What to do about ${incidents.length === 1 ? 'it' : 'them'}</a></p></section>`;

const shownIncidents = 3;

const latestLists = (lists: NonNullable<StartNews['lists']>): Html =>
  html`<section><h2>Latest lists</h2>${dataTable(
    'Latest lists',
    ['List', 'State', { number: 'Rows' }],
    lists.map(
      ({ job, state }) =>
        html`<tr><th scope="row"><a href="/console/lists/${job.id}">${listName(job)}</a></th><td><span class="state ${state}">${stateText(job, state)}</span></td><td class="number">${job.rows === null ? '–' : groupedCount(job.rows)}</td></tr>`,
    ),
  )}</section>`;

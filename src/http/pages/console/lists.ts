// The pages of the console for lists: all lists, with a form to upload one, and one list.

import { html } from 'hono/html';
import { minuteName } from '../../../calendar.ts';
import { hasEnded, type Job } from '../../../jobs/job.ts';
import type { JobProgress } from '../../../jobs/progress.ts';
import type { ListSummary } from '../../../lists/summary.ts';
import { percent } from '../../../reports/spikes.ts';
import type { Html } from '../docs-fields.ts';
import { consolePage, notice, type Viewer } from './layout.ts';

type State = JobProgress['state'];

/** What a state means for the owner of the list. */
const states: Readonly<Record<State, string>> = {
  queued: 'Waiting for its turn',
  verifying: 'Being verified',
  paused: 'Paused',
  waiting: 'Waiting for DNS: continues automatically',
  completed: 'Verified',
  failed: 'Cannot be read',
  cancelled: 'Cancelled',
};

const count = (amount: number): string => amount.toLocaleString('en-US');

interface Listed {
  readonly job: Job;
  readonly state: State;
}

export const listsPage = (
  viewer: Viewer,
  {
    jobs,
    next,
    maxBytes,
    problem = null,
  }: {
    readonly jobs: readonly Listed[];
    /** The cursor of the next page; null on the last one. */
    readonly next: string | null;
    readonly maxBytes: number;
    readonly problem?: string | null;
  },
): Html =>
  consolePage({
    title: 'Lists',
    viewer,
    at: '/console/lists',
    body: html`<h1>Lists</h1>
${problem === null ? '' : notice(problem)}
${uploadForm(maxBytes)}
<section aria-labelledby="all"><h2 id="all">Your lists</h2>
${
  jobs.length === 0
    ? html`<p class="empty">No list yet. Upload the export of your CRM or e-mail provider above: presend finds the column with the addresses by itself.</p>`
    : html`<div class="scroll"><table>
<thead><tr><th scope="col">List</th><th scope="col">State</th><th scope="col" class="number">Rows</th><th scope="col">Uploaded (UTC)</th></tr></thead>
<tbody>${jobs.map(row)}</tbody>
</table></div>`
}
${next === null ? '' : html`<p><a href="/console/lists?cursor=${next}">Older lists</a></p>`}
</section>`,
  });

const nameOf = ({ name, createdAt }: Job): string => name ?? `List of ${minuteName(createdAt)}`;

const row = ({ job, state }: Listed): Html => html`<tr>
<th scope="row"><a href="/console/lists/${job.id}">${nameOf(job)}</a></th>
<td><span class="state ${state}">${states[state]}</span></td>
<td class="number">${job.rows === null ? '–' : count(job.rows)}</td>
<td>${minuteName(job.createdAt)}</td>
</tr>`;

/** The file is the last field: the fields before it are then known when the file arrives. */
const uploadForm = (maxBytes: number): Html => html`<section class="card" aria-labelledby="upload">
<h2 id="upload">Check a list</h2>
<form class="stack" method="post" action="/console/lists" enctype="multipart/form-data">
<div class="fields">
<div><label for="name">Name</label><input id="name" name="name" maxlength="100" pattern="[^@]*" placeholder="Newsletter" autocomplete="off"></div>
<div><label for="goal">Bounces allowed</label><select id="goal" name="goal">
<option value="">Keep every row</option><option value="1%">Under 1%</option><option value="2%">Under 2%</option><option value="5%">Under 5%</option>
</select></div>
<div><label for="purpose">You will send</label><select id="purpose" name="purpose">
<option value="marketing">Newsletters and offers</option><option value="transactional">Receipts and notices</option>
</select></div>
<div><label for="profile">To</label><select id="profile" name="profile">
<option value="">Not sure</option><option value="b2c">Consumers</option><option value="b2b">Companies</option><option value="cold">People who never wrote to you</option>
</select></div>
</div>
<fieldset><legend>Also</legend>
<label><input type="checkbox" name="repair" value="safe"> Clean cells such as “Jane &lt;jane@…&gt;”</label>
<label><input type="checkbox" name="drop_duplicates" value="true"> Keep one row for each mailbox</label>
</fieldset>
<label for="file">File: CSV, Excel (XLSX), NDJSON or text, up to ${count(Math.floor(maxBytes / 1e6))} MB</label>
<input id="file" name="file" type="file" required accept=".csv,.tsv,.txt,.xlsx,.ndjson,.jsonl">
<button>Upload and check</button>
</form>
</section>`;

export const listPage = (
  viewer: Viewer,
  {
    job,
    progress,
    summary,
    problem = null,
  }: {
    readonly job: Job;
    readonly progress: JobProgress;
    readonly summary: ListSummary | null;
    readonly problem?: string | null;
  },
): Html => {
  const { state } = progress;
  const isMoving = !hasEnded(job) && state !== 'paused';
  return consolePage({
    title: nameOf(job),
    viewer,
    at: '/console/lists',
    isWatching: isMoving,
    body: html`<p class="trail"><a href="/console/lists">Lists</a></p>
<h1>${nameOf(job)}</h1>
${problem === null ? '' : notice(problem)}
<p><span class="state ${state}">${states[state]}</span> ${uploaded(job)}</p>
${job.error === null ? '' : failure(job)}
${isMoving || state === 'paused' ? moving(job, progress) : ''}
${summary === null ? '' : verified(job, summary)}
${job.layout === null ? '' : downloads(job, summary)}
${steering(job, state)}`,
  });
};

const uploaded = ({ createdAt, bytes }: Job): string =>
  `Uploaded ${minuteName(createdAt)} UTC, ${bytes < 1e5 ? `${count(Math.ceil(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`}.`;

const failure = ({
  error,
}: Job): Html => html`<div class="notice error" role="alert"><p><b>The file cannot be read as a list.</b> ${error!.message}</p>
<p><a href="/console/lists">Upload another file</a></p></div>`;

const moving = (
  { id, rows, rowsDone }: Job,
  { state }: JobProgress,
): Html => html`<section aria-label="Progress" class="card" data-events="/v1/jobs/${id}/events" data-state="${state}">
<progress max="${rows || 1}"${rows === null ? '' : html` value="${rowsDone}"`} aria-label="Rows verified"></progress>
<p role="status">${count(rowsDone)}${rows === null ? '' : ` of ${count(rows)}`} rows verified.</p>
<noscript><p><a href="/console/lists/${id}">Show the progress</a></p></noscript>
</section>`;

function verified({ id }: Job, { forecast, actions, goal }: ListSummary): Html {
  const { rate, low, high } = forecast;
  const isHigh = low > 0.02;
  return html`<section class="card" aria-labelledby="forecast">
<h2 id="forecast">${isHigh ? 'Not ready to send' : high > 0.02 ? 'May bounce too much' : 'Ready to send'}</h2>
<p class="big">${percent(rate)} <span class="quiet">expected to bounce if you mail every address, between ${percent(low)} and ${percent(high)}</span></p>
${
  goal == null
    ? ''
    : html`<p>With your limit of ${percent(goal.below)}, ${count(goal.keep)} rows stay and ${count(goal.remove)} are left out: ${percent(goal.rate)} of the rest would bounce.</p>`
}
<ul class="facts">
${actions.accept === 0 ? '' : html`<li><b>${count(actions.accept)}</b> to mail</li>`}
${actions.confirm === 0 ? '' : html`<li><b>${count(actions.confirm)}</b> to confirm first, such as misspelled addresses</li>`}
${actions.reject === 0 ? '' : html`<li><b>${count(actions.reject)}</b> to remove</li>`}
${actions.retry === 0 ? '' : html`<li><b>${count(actions.retry)}</b> to check again, because DNS did not answer</li>`}
</ul>
<p><a href="/v1/jobs/${id}/report">The whole report</a></p>
</section>`;
}

function downloads({ id }: Job, summary: ListSummary | null): Html {
  const file = (action: string | null, format: string): string =>
    `/v1/jobs/${id}/result?format=${format}${action === null ? '' : `&action=${action}`}`;
  const line = (name: string, action: string | null): Html =>
    html`<li>${name}: <a href="${file(action, 'csv')}" download aria-label="${name}, CSV">CSV</a> <a href="${file(action, 'xlsx')}" download aria-label="${name}, Excel">Excel</a></li>`;
  const isSetAside = (summary?.set_aside ?? 0) > 0;
  return html`<section aria-labelledby="download"><h2 id="download">Download</h2>
${summary === null ? html`<p class="quiet">The files have the rows that are finished so far.</p>` : ''}
<ul class="files">
${line('Rows to mail', 'accept')}
${line('Rows to confirm', 'confirm')}
${line('Rows to remove', 'reject')}
${line('Rows to check again', 'retry')}
${line('All rows with their verdicts', null)}
${isSetAside ? html`<li>Records that cannot be read: <a href="/v1/jobs/${id}/rejects" download>CSV</a></li>` : ''}
</ul></section>`;
}

function steering(job: Job, state: State): Html {
  const button = (what: string, name: string, look = ''): Html =>
    html`<form method="post" action="/console/lists/${job.id}/${what}"><button class="${look}">${name}</button></form>`;
  return html`<section aria-label="Actions" class="actions">
${hasEnded(job) ? '' : state === 'paused' ? button('resume', 'Continue') : button('pause', 'Pause')}
${hasEnded(job) ? '' : button('cancel', 'Cancel')}
<details><summary>Delete</summary><p>Deletes the uploaded file, the verdicts and the report. This cannot be undone.</p>${button('delete', 'Delete the list and its files', 'danger')}</details>
</section>`;
}

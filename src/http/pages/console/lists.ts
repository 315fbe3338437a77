// The page of the console with all lists, where a person drops a file.

import { html } from 'hono/html';
import { minuteName } from '../../../calendar.ts';
import type { Job } from '../../../jobs/job.ts';
import type { ShownState } from '../../../jobs/progress.ts';
import { groupedCount } from '../../../number-text.ts';
import type { Html } from '../docs-fields.ts';
import { consolePage, notice, type Viewer } from './layout.ts';
import { listName, stateText } from './list-words.ts';

interface Listed {
  readonly job: Job;
  readonly state: ShownState;
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
<form class="drop" method="post" action="/console/lists" enctype="multipart/form-data" data-drop data-most="${maxBytes}">
<h2><label for="file">Drop a list here, or choose a file</label></h2>
<input id="file" name="file" type="file" required aria-describedby="file-hint">
<p id="file-hint" class="quiet">CSV, Excel (XLSX), NDJSON or text, up to ${sizeText(maxBytes)}: the export of your mail tool or CRM as it is. The upload starts at once. Next you see the first rows; nothing is checked before you say so.</p>
<button>Upload</button>
<progress hidden aria-label="Upload"></progress>
<p role="status" class="quiet"></p>
</form>
<section aria-labelledby="all"><h2 id="all">Your lists</h2>
${
  jobs.length === 0
    ? html`<p class="empty">No list yet.</p>`
    : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="all"><table>
<thead><tr><th scope="col">List</th><th scope="col">State</th><th scope="col" class="number">Rows</th><th scope="col">Uploaded (UTC)</th></tr></thead>
<tbody>${jobs.map(row)}</tbody>
</table></div>`
}
${next === null ? '' : html`<p><a href="/console/lists?cursor=${next}">Older lists</a></p>`}
</section>`,
  });

const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${Math.floor(bytes / 1e6)} MB` : `${Math.floor(bytes / 1e8) / 10} GB`;

const row = ({ job, state }: Listed): Html => html`<tr>
<th scope="row"><a href="/console/lists/${job.id}">${listName(job)}</a></th>
<td><span class="state ${state}">${stateText(job, state)}</span></td>
<td class="number">${job.rows === null ? '–' : groupedCount(job.rows)}</td>
<td>${minuteName(job.createdAt)}</td>
</tr>`;

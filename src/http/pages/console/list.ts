// The page of the console with one list: its progress, its forecast, its files, and what to do with it.

import { html, raw } from 'hono/html';
import { dayName, minuteName } from '../../../calendar.ts';
import { jobEventsPath, jobResultPath, progressText } from '../../../console/page-data.ts';
import { hasEnded, isDraft, type Job } from '../../../jobs/job.ts';
import type { JobProgress } from '../../../jobs/progress.ts';
import type { GoalOutcome } from '../../../lists/goal.ts';
import { forecastChart } from '../../../lists/report.ts';
import type { ListSummary } from '../../../lists/summary.ts';
import { counted, groupedCount } from '../../../number-text.ts';
import { percent } from '../../../reports/spikes.ts';
import type { Html } from '../docs-fields.ts';
import { consolePage, notice, type Viewer } from './layout.ts';
import { backtestForm } from './list-backtest.ts';
import { goalCard } from './list-goal.ts';
import { type PastCheck, pastChecks } from './list-history.ts';
import { listName, refusalText, stateText } from './list-words.ts';

type State = JobProgress['state'];

export interface ShownList {
  readonly job: Job;
  readonly progress: JobProgress;
  /** Null until the list is verified, like `goals`. */
  readonly summary: ListSummary | null;
  readonly goals: readonly GoalOutcome[] | null;
  /** The first people whose address is probably misspelled. */
  readonly suggestions: readonly { readonly email: string; readonly suggestion: string }[];
  /** This and the earlier verifications of a kept list, latest first. */
  readonly past: readonly PastCheck[];
  /** The later ones, latest first. */
  readonly later: readonly PastCheck[];
  /** The list from which a sample was drawn; null if there is none any longer. */
  readonly whole: Job | null;
}

export const listPage = (viewer: Viewer, list: ShownList, problem: string | null = null): Html => {
  const { job, progress, summary } = list;
  const { state } = progress;
  const isMoving = !hasEnded(job) && state !== 'paused';
  const isSample = job.options.sample !== undefined;
  return consolePage({
    title: listName(job),
    viewer,
    at: '/console/lists',
    body: html`<p class="trail"><a href="/console/lists">Lists</a></p>
<h1>${listName(job)}</h1>
${problem === null ? '' : notice(problem)}
<p><span class="state ${state}">${stateText(job, state)}</span> ${uploaded(job)}</p>
${list.later.length === 0 ? '' : laterCheck(list.later[0]!.job)}
${job.error === null ? '' : failure(job)}
${isMoving || state === 'paused' ? moving(job, progress) : ''}
${summary === null ? '' : verified(job, summary)}
${isSample ? continued(list) : ''}
${summary === null || isSample || list.goals === null ? '' : goalCard(job, list.goals)}
${job.layout === null || isSample ? '' : downloads(job, summary)}
${isSample ? '' : rescue(list)}
${pastChecks(list.job, list)}
${summary === null || isSample ? '' : backtestForm(job)}
${steering(job, state)}`,
  });
};

const uploaded = ({ createdAt, bytes, follows, options }: Job): string =>
  options.sampleOf !== undefined
    ? `Drawn at random, ${minuteName(createdAt)} UTC.`
    : follows !== null
      ? `Checked again on ${dayName(createdAt)}.`
      : `Uploaded ${minuteName(createdAt)} UTC, ${bytes < 1e5 ? `${groupedCount(Math.ceil(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`}.`;

const laterCheck = ({ id, createdAt }: Job): Html =>
  html`<p class="notice done" role="status">This is an earlier check. The list was checked again on ${dayName(createdAt)}: <a href="/console/lists/${id}">see the latest check</a>.</p>`;

const failure = ({
  error,
}: Job): Html => html`<div class="notice error" role="alert"><p><b>The file cannot be read as a list.</b> ${refusalText(error!)}</p>
<p><a href="/console/lists">Upload another file</a></p></div>`;

const moving = (
  { id, rows, rowsDone }: Job,
  { state, secondsLeft }: JobProgress,
): Html => html`<section aria-label="Progress" class="card" data-events="${jobEventsPath(id)}" data-state="${state}">
<progress max="${rows || 1}"${rows === null ? '' : html` value="${rowsDone}"`} aria-label="Rows checked"></progress>
<p role="status">${progressText({ rows, rows_done: rowsDone, seconds_left: secondsLeft, proof: null })}</p>
<noscript><p><a href="/console/lists/${id}">Show the progress</a></p></noscript>
</section>`;

function verified({ id }: Job, { forecast, actions, sample, duplicates }: ListSummary): Html {
  const { rate, low, high } = forecast;
  const [verdict, tone] =
    low > 0.02
      ? ['Not ready to send as it is', 'bad']
      : high > 0.02
        ? ['May bounce too much', 'warn']
        : ['Ready to send', 'good'];
  return html`<section class="card verdict ${tone}" aria-labelledby="forecast">
<h2 id="forecast">${verdict}</h2>
<p class="big">${percent(rate)} <span class="quiet">expected to bounce if you mail every address, between ${percent(low)} and ${percent(high)}${sample === undefined ? '' : `, by a sample of ${groupedCount(sample.rows)} of ${counted(sample.of, 'row')}`}</span></p>
${raw(forecastChart(forecast))}
<p class="quiet">Mailbox providers slow down or block senders from about 2%.${forecast.needs === null ? '' : ` ${needs[forecast.needs]}`}</p>
<ul class="facts">
${fact(actions.accept, 'to mail')}
${fact(actions.confirm, 'to fix or confirm first, such as misspelled addresses')}
${fact(actions.reject, 'to remove')}
${fact(actions.retry, 'to check again, because DNS did not answer')}
${fact(duplicates, 'that repeat an address: mail each address once')}
</ul>
<p><a href="/v1/jobs/${id}/report">The whole report, to print or to send</a></p>
</section>`;
}

/** What would make the forecast narrower. */
const needs: Readonly<Record<'dates' | 'sample', string>> = {
  dates:
    'The range is wide, because for most addresses it is unknown when mail last arrived. Export the list with a column such as last opened, last clicked or last sent.',
  sample: 'The range is wide. Send to some 1,000 random addresses first, and look how many bounce.',
};

const fact = (amount: number, text: string): Html | string =>
  amount === 0 ? '' : html`<li><b>${groupedCount(amount)}</b> ${text}</li>`;

/** What follows a sample: the check of the whole list. */
function continued({ job, whole }: ShownList): Html | string {
  if (whole === null) return '';
  if (!isDraft(whole)) return html`<p><a href="/console/lists/${whole.id}">The whole list</a></p>`;
  return html`<div class="buttons">
<form method="post" action="/console/lists/${whole.id}/start"><button>Check the whole list</button></form>
<a class="button second" href="/console/lists/${whole.id}">${hasEnded(job) ? 'Change columns or options' : 'Back to the first rows'}</a>
</div>`;
}

function downloads({ id }: Job, summary: ListSummary | null): Html {
  const file = (query: string, format: string): string => `${jobResultPath(id)}?format=${format}${query}`;
  const { accept, confirm, reject, retry } = summary?.actions ?? {};
  const line = (name: string, query: string, amount: number | undefined, hint: string): Html | string =>
    amount === 0
      ? ''
      : html`<li><b>${name}</b> <span class="number">${amount === undefined ? '' : groupedCount(amount)}</span> <a href="${file(query, 'csv')}" download aria-label="${name}, CSV">CSV</a> <a href="${file(query, 'xlsx')}" download aria-label="${name}, Excel">Excel</a><span class="quiet">${hint}</span></li>`;
  const isSetAside = (summary?.set_aside ?? 0) > 0;
  return html`<section aria-labelledby="download"><h2 id="download">Files</h2>
<p class="quiet">${summary === null ? 'The files have the rows that are finished so far. ' : ''}Each file has your own columns, and those of presend at the end (<code>ps_…</code>).</p>
<ul class="files">
${line('Rows to mail', '&action=accept', accept, 'Keep these.')}
${line('Rows to fix', '&action=confirm', confirm, 'Ask the person, or correct the address.')}
${line('Rows to remove', '&action=reject', reject, 'Do not mail these.')}
${line('Rows to check again', '&action=retry', retry, 'DNS did not answer; check them later.')}
${line('All rows', '', undefined, 'With the verdict on each row.')}
${isSetAside ? html`<li><b>Records that cannot be read</b> <span class="number">${groupedCount(summary!.set_aside)}</span> <a href="/v1/jobs/${id}/rejects" download>CSV</a><span></span><span class="quiet">Such as a row with an open quotation mark.</span></li>` : ''}
</ul></section>`;
}

function rescue({ job, suggestions }: ShownList): Html | string {
  if (suggestions.length === 0) return '';
  return html`<section aria-labelledby="rescue"><h2 id="rescue">People to rescue</h2>
<p>Their address is probably misspelled. The suggestion may be somebody else’s mailbox: ask the person another way, such as by phone, before you mail it.</p>
<div class="scroll" tabindex="0" role="group" aria-labelledby="rescue"><table>
<thead><tr><th scope="col">In your list</th><th scope="col">Probably meant</th></tr></thead>
<tbody>${suggestions.map(({ email, suggestion }) => html`<tr><td class="mailbox">${email}</td><td class="mailbox">${suggestion}</td></tr>`)}</tbody>
</table></div>
<p><a href="/v1/jobs/${job.id}/result?format=csv&suggested=true" download>All rows with a suggestion, CSV</a></p>
</section>`;
}

function steering(job: Job, state: State): Html {
  const button = (what: string, name: string, look = ''): Html =>
    html`<form method="post" action="/console/lists/${job.id}/${what}"><button class="${look}">${name}</button></form>`;
  const isOpen = !hasEnded(job);
  return html`<section aria-label="Actions" class="actions">
${isOpen ? (state === 'paused' ? button('resume', 'Continue', 'second') : button('pause', 'Pause', 'second')) : ''}
${isOpen ? button('cancel', 'Cancel', 'second') : ''}
<details><summary>Delete</summary><p>Deletes the uploaded file, the verdicts and the report. This cannot be undone.</p>${button('delete', 'Delete the list and its files', 'danger')}</details>
</section>`;
}

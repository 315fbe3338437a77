// The pages of the console about the whole suppression list: import and export, its entries, and lifting an incident.

import { html } from 'hono/html';
import { counted, groupedCount } from '../../../number-text.ts';
import type { ImportReport } from '../../../suppression/import.ts';
import { suppressionReasons } from '../../../suppression/scope.ts';
import type { SuppressionEntry } from '../../../suppression/suppressions.ts';
import type { Html } from '../docs-fields.ts';
import { dataTable, minute, options, type Viewer } from './layout.ts';
import { type Outcome, scopeName, suppressionsPage, why } from './suppressions.ts';

export interface ImportFields {
  readonly source: string;
  readonly reason: string;
}

/** `report`: of the file that was imported. `otherSheets`: the sheets of the workbook that were not. */
export const filesPage = (
  viewer: Viewer,
  {
    fields = { source: '', reason: '' },
    report = null,
    otherSheets = [],
    outcome = null,
  }: {
    readonly fields?: ImportFields;
    readonly report?: ImportReport | null;
    readonly otherSheets?: readonly string[];
    readonly outcome?: Outcome | null;
  } = {},
): Html =>
  suppressionsPage(
    viewer,
    '/console/suppressions/files',
    outcome,
    html`${report === null ? '' : importReport(report, otherSheets)}
${viewer.may('suppressions:write') ? importForm(fields) : ''}
${
  viewer.may('suppressions:read')
    ? html`<section aria-labelledby="export"><h2 id="export">Export</h2>
<p>All entries, with hashes instead of addresses. Another presend with the same ADDRESS_HASH_KEY can import the file.</p>
<p class="files"><a href="/v1/suppressions/export?format=csv" download>Export as CSV</a> <a href="/v1/suppressions/export?format=ndjson" download>Export as NDJSON</a></p></section>`
    : ''
}`,
  );

const importForm = ({
  source,
  reason,
}: ImportFields): Html => html`<section class="card" aria-labelledby="import">
<h2 id="import">Import</h2>
<p class="quiet">The suppression list or the bounces that your e-mail provider exports. Rows that are on the list already change nothing, so you can import a file again.</p>
<form class="stack" method="post" action="/console/suppressions/import" enctype="multipart/form-data">
<div class="fields">
<div><label for="source">The file is from</label><input id="source" name="source" maxlength="100" pattern="[^@]*" title="No e-mail address" placeholder="mailgun" autocomplete="off" value="${source}"></div>
<div><label for="reason">Rows without a reason are</label><select id="reason" name="reason">${options(
  [
    ['', 'mistakes, to be reported'],
    ['bounce', 'bounces'],
    ['unsubscribe', 'unsubscribes'],
    ['complaint', 'complaints (cannot be lifted)'],
    ['manual', 'my own decision'],
  ],
  reason,
)}</select></div>
</div>
<label for="file">File: CSV or JSON of any size, or Excel (XLSX) up to 16 MiB</label>
<input id="file" name="file" type="file" required accept=".csv,.txt,.tsv,.json,.ndjson,.jsonl,.xlsx,text/csv,text/plain,application/json">
<button data-busy="Importing…">Import</button>
</form></section>`;

const importReport = (
  { added, updated, unchanged, rejected, errors }: ImportReport,
  otherSheets: readonly string[],
): Html =>
  html`<section class="card" aria-labelledby="report" role="status">
<h2 id="report">${added + updated + unchanged === 0 ? 'Nothing was imported' : 'Imported'}</h2>
<ul class="facts">
<li><b>${groupedCount(added)}</b> added</li>
<li><b>${groupedCount(updated)}</b> were on the list and changed</li>
<li><b>${groupedCount(unchanged)}</b> were on the list already</li>
<li><b>${groupedCount(rejected)}</b> rejected${rejected === 0 ? '' : errors.length < rejected ? `; the first ${groupedCount(errors.length)} are below` : ', see below'}</li>
${otherSheets.length === 0 ? '' : html`<li>Sheets that were not imported: ${otherSheets.join(', ')}. Save each as a file of its own, and import it.</li>`}
</ul>
${
  errors.length === 0
    ? ''
    : html`<details${errors.length <= 20 ? html` open` : ''}><summary>Rejected rows</summary>${dataTable(
        'Rejected rows',
        [{ number: 'Row' }, 'Column', 'What is wrong'],
        errors.map(
          ({ row, column, message }) =>
            html`<tr><th scope="row" class="number">${groupedCount(row)}</th><td>${column ?? 'the whole row'}</td><td>${message}</td></tr>`,
        ),
      )}</details>`
}
</section>`;

export const importReasons: readonly string[] = suppressionReasons;

export const entriesPage = (
  viewer: Viewer,
  {
    entries,
    next,
    isFirst,
  }: {
    readonly entries: readonly SuppressionEntry[];
    readonly next: string | null;
    readonly isFirst: boolean;
  },
): Html =>
  suppressionsPage(
    viewer,
    '/console/suppressions/entries',
    null,
    html`<p class="quiet">In the order of their hashes: presend keeps no addresses.</p>
${
  entries.length === 0
    ? html`<p class="empty">${isFirst ? 'No entry yet. Import the list of your e-mail provider, or connect the provider: bounces then come by themselves.' : 'No more entries.'}</p>`
    : dataTable(
        'Entries',
        ['Address (hash)', 'Stops', 'Why', 'Since (UTC)', 'From'],
        entries.map(
          (entry) =>
            html`<tr><th scope="row"><code title="${entry.addressHash}">${entry.addressHash.slice(0, 12)}</code></th><td>${scopeName(entry.scope)}</td><td>${why(entry)}</td><td>${minute(entry.since)}</td><td>${entry.source ?? 'not recorded'}</td></tr>`,
        ),
      )
}
<p class="paging">${isFirst ? '' : html`<a href="/console/suppressions/entries">First page</a> `}${next === null ? '' : html`<a href="/console/suppressions/entries?cursor=${next}">Next page</a>`}</p>`,
  );

/** With it, a field for a time has years of four digits, after which the browser goes on to the hour. */
const latestMinute = '9999-12-31T23:59';

/** The fields of the form, as texts. */
export type IncidentFields = Readonly<
  Record<'from' | 'to' | 'provider' | 'mail_host' | 'source' | 'campaign' | 'status', string>
>;

export const incidentPage = (
  viewer: Viewer,
  fields: IncidentFields,
  outcome: Outcome | null,
  /** The number of entries that match; null if they were not counted. */
  matched: number | null,
): Html => {
  const text = (
    name: Exclude<keyof IncidentFields, 'from' | 'to'>,
    label: string,
    placeholder: string,
  ): Html =>
    html`<div><label for="${name}">${label}</label><input id="${name}" name="${name}" maxlength="200" pattern="[^@]*" title="No e-mail address" placeholder="${placeholder}" autocomplete="off" value="${fields[name]}"></div>`;
  return suppressionsPage(
    viewer,
    '/console/suppressions/incident',
    outcome,
    html`${matched === null || matched === 0 ? '' : confirmation(fields, matched)}
<section class="card" aria-labelledby="which"><h2 id="which">Which entries?</h2>
<p class="quiet">For a time in which a mailbox provider refused mail to mailboxes that work. Only bounces are lifted, never a complaint or an unsubscribe. Counting changes nothing.</p>
<form class="stack" method="post" action="/console/suppressions/incident" autocomplete="off">
<div class="fields">
<div><label for="from">From (UTC)</label><input id="from" name="from" type="datetime-local" required max="${latestMinute}" value="${fields.from}"></div>
<div><label for="to">To (UTC)</label><input id="to" name="to" type="datetime-local" required max="${latestMinute}" value="${fields.to}"></div>
${text('provider', 'Mailbox provider', 'gmail')}
${text('mail_host', 'Mail host', 'google.com')}
${text('campaign', 'Campaign', 'spring')}
${text('source', 'Source of the addresses', 'footer-form')}
${text('status', 'Status code', '5.1.1')}
</div>
<button name="step" value="count">Count the entries</button>
</form></section>`,
  );
};

const confirmation = (fields: IncidentFields, matched: number): Html =>
  html`<section class="card" aria-labelledby="confirm"><h2 id="confirm">${counted(matched, 'entry matches', 'entries match')}</h2>
<p>Mail to ${matched === 1 ? 'this address goes' : 'these addresses goes'} out again when you lift them. The lift is recorded.</p>
<form method="post" action="/console/suppressions/incident">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button name="step" value="lift">Lift ${matched === 1 ? 'the entry' : `the ${groupedCount(matched)} entries`}</button>
</form></section>`;

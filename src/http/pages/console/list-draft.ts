// The page of the console with the first rows of an uploaded list, where a person checks the columns, chooses options, and starts.

import { html } from 'hono/html';
import type { Job } from '../../../jobs/job.ts';
import { messageLanguages } from '../../../lists/messages.ts';
import type { ColumnRole, ListPreview, PreviewColumn } from '../../../lists/preview.ts';
import { noColumn } from '../../../lists/record-format.ts';
import type { Html } from '../docs-fields.ts';
import { consolePage, notice, type Viewer } from './layout.ts';
import { listName } from './list-words.ts';

/** Number of rows of which a sample consists. */
export const sampleRows = 400;

const roles: Readonly<Record<ColumnRole, string>> = {
  address: 'Address',
  date: 'Last sign of life',
  since: 'Known since',
  rating: 'Rating',
  source: 'Source',
};

export const draftPage = (
  viewer: Viewer,
  {
    job,
    preview,
    isColumnMissing,
    problem = null,
  }: {
    readonly job: Job;
    readonly preview: ListPreview;
    /** Whether a person has to say which column has the addresses. */
    readonly isColumnMissing: boolean;
    readonly problem?: string | null;
  },
): Html => {
  const path = `/console/lists/${job.id}`;
  return consolePage({
    title: listName(job),
    viewer,
    at: '/console/lists',
    body: html`<p class="trail"><a href="/console/lists">Lists</a></p>
<h1>${listName(job)}</h1>
${problem === null ? '' : notice(problem)}
${isColumnMissing && problem === null ? notice('Which column has the addresses? None of them has mostly e-mail addresses. Choose it below.') : ''}
<form class="stack" method="post" action="${path}/start">
<input type="hidden" name="options" value="yes">
<section class="card" aria-labelledby="rows">
<h2 id="rows">The first rows: is each column right?</h2>
<p class="quiet">The columns that presend uses come first, with a mark. Your file stays as it is.</p>
${table(preview)}
<div class="fields">
${columnChoice('email_column', 'Addresses are in', preview, { role: 'address', chosen: job.options.emailColumn })}
${columnChoice('last_verified_column', 'Last opened, clicked or delivered', preview, { role: 'date', chosen: job.options.lastVerifiedColumn })}
${columnChoice('source_column', 'Where you got the address', preview, { role: 'source', chosen: job.options.sourceColumn })}
${sheetChoice(preview)}
</div>
<p><button class="quiet-button" formaction="${path}/columns">Show the rows again with these columns</button></p>
</section>
${options(job)}
<div class="actions">
<button>Check the whole list</button>
<button class="second" formaction="${path}/sample">Forecast from a sample first</button>
</div>
<p class="quiet">The sample has ${sampleRows} random rows and takes seconds. It tells how many of all addresses would bounce; after it you can still check the whole list.</p>
</form>
<form method="post" action="${path}/delete"><button class="plain">Use another file instead</button></form>`,
  });
};

/** The words for each use of a column, and what this use leads to. */
const tag = ({ role }: PreviewColumn): Html | string =>
  role === null ? '' : html`<span class="tag ${role}">${roles[role]}</span>`;

const columnName = ({ name, place }: PreviewColumn): string => name || `Column ${place}`;

const table = ({
  columns,
  rows,
}: ListPreview): Html => html`<div class="scroll preview" tabindex="0" role="group" aria-labelledby="rows"><table>
<thead><tr>${columns.map((column) => html`<th scope="col">${tag(column)}${columnName(column)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, index) => html`<td class="${columns[index]!.role === null ? '' : 'used'}">${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;

function columnChoice(
  field: string,
  label: string,
  { columns }: ListPreview,
  { role, chosen }: { readonly role: ColumnRole; readonly chosen: string | null | undefined },
): Html {
  const found = columns.filter((column) => column.role === role);
  const names = found.map(columnName).join(', ');
  const byItself =
    chosen == null && found.length > 0
      ? `${names} (found)`
      : chosen == null
        ? 'no column'
        : 'find it by itself';
  const isRequired = role === 'address' && found.length === 0;
  // A found date or source may be wrong, such as a date of birth.
  const isNone = chosen === noColumn && columns.every(({ place }) => place !== noColumn);
  const mayBeNone = role !== 'address' && (found.length > 0 || chosen != null);
  return html`<div><label for="${field}">${label}</label><select id="${field}" name="${field}"${isRequired ? html` required` : ''}>
<option value="">${isRequired ? 'choose the column' : byItself}</option>
${mayBeNone ? html`<option value="${noColumn}"${isNone ? html` selected` : ''}>no column has it</option>` : ''}
${columns.map((column) => html`<option value="${column.place}"${chosen === column.place ? html` selected` : ''}>${columnName(column)}</option>`)}
</select></div>`;
}

const sheetChoice = ({ sheets }: ListPreview): Html | string =>
  sheets.length < 2
    ? ''
    : html`<div><label for="sheet">Sheet</label><select id="sheet" name="sheet">${sheets.map((sheet, index) => html`<option${index === 0 ? html` selected` : ''}>${sheet}</option>`)}</select></div>`;

const languageNames = new Intl.DisplayNames('en', { type: 'language' });

function options({ name, options, keptUntil }: Job): Html {
  const { purpose } = options.question ?? {};
  const { repair, dropDuplicates, profile, language } = options.writing ?? {};
  const choice = (value: string, text: string, chosen: string | undefined): Html =>
    html`<option value="${value}"${value === (chosen ?? '') ? html` selected` : ''}>${text}</option>`;
  const check = (field: string, value: string, isOn: boolean | undefined, text: string): Html =>
    html`<label><input type="checkbox" name="${field}" value="${value}"${isOn ? html` checked` : ''}> ${text}</label>`;
  return html`<section class="card" aria-labelledby="options">
<h2 id="options">What you plan</h2>
<div class="fields">
<div><label for="name">Name of the list</label><input id="name" name="name" value="${name ?? ''}" maxlength="100" pattern="[^@]*" autocomplete="off"></div>
<div><label for="purpose">You will send</label><select id="purpose" name="purpose">
${choice('marketing', 'Newsletters and offers', purpose ?? 'marketing')}${choice('transactional', 'Receipts and notices', purpose)}
</select></div>
<div><label for="profile">To</label><select id="profile" name="profile">
${choice('', 'Not sure', profile)}${choice('b2c', 'Consumers', profile)}${choice('b2b', 'Companies', profile)}${choice('cold', 'People who never wrote to you', profile)}
</select></div>
<div><label for="language">Explain each row in</label><select id="language" name="language">
${messageLanguages.map((code) => choice(code, languageNames.of(code)!, language ?? 'en'))}
</select></div>
</div>
<fieldset><legend>Also</legend>
${check('repair', 'safe', repair, 'Clean cells such as “Jane <jane@…>”')}
${check('split', 'true', options.split, 'A contact with several addresses becomes one row for each address')}
${check('drop_duplicates', 'true', dropDuplicates, 'Keep one row for each mailbox')}
${check('keep', 'true', keptUntil !== null, 'Keep the list and check it again every 90 days; every row stays then')}
</fieldset>
</section>`;
}

// The page of the console for the audit.

import { html } from 'hono/html';
import {
  type Actor,
  type AuditAction,
  type AuditEntry,
  actorKinds,
  auditActions,
} from '../../../audit/audit.ts';
import { groupedCount } from '../../../number-text.ts';
import type { Html } from '../docs-fields.ts';
import { consolePage, dataTable, minute, notice, options, type Viewer } from './layout.ts';
import { pageLinks } from './paging.ts';

const at = '/console/audit';

const actions: Readonly<Record<AuditAction, string>> = {
  key_created: 'Made a key',
  key_rotated: 'Rotated a key',
  key_revoked: 'Revoked a key',
  override_set: 'Allowed or denied a domain',
  override_removed: 'Removed an override',
  suppression_lifted: 'Lifted a suppression',
  incident_lifted: 'Lifted an incident',
  suppressions_imported: 'Imported suppressions',
  suppressions_exported: 'Exported the suppression list',
  events_exported: 'Exported events',
  list_exported: 'Downloaded a list',
  person_erased: 'Erased a person',
};

const actors: Readonly<Record<Actor['kind'], string>> = {
  key: 'An API key',
  admin_key: 'ADMIN_KEY',
  no_key: 'A caller without a key',
  command_line: 'The command line',
};

export interface AuditView {
  readonly entries: readonly AuditEntry[];
  readonly next: string | null;
  readonly isFirst: boolean;
  /** The filter, as in the URL. */
  readonly query: Readonly<Record<string, string>>;
  /** The names of keys by their ids. */
  readonly keyNames: ReadonlyMap<string, string>;
  readonly problem: string | null;
}

export function auditPageOf(
  viewer: Viewer,
  { entries, next, isFirst, query, keyNames, problem }: AuditView,
): Html {
  const who = ({ kind, keyId }: Actor): Html =>
    keyId === null ? html`${actors[kind]}` : html`${keyNames.get(keyId) ?? 'A key'} <code>${keyId}</code>`;
  const what = ({ subject }: AuditEntry): Html => {
    if (subject === null) return html`–`;
    // The hash of an address is long, and its start tells two of them apart.
    const isHash = /^[0-9a-f]{64}$/.test(subject);
    const text = isHash ? `${subject.slice(0, 12)}…` : subject;
    const name = keyNames.get(subject);
    return html`${name === undefined ? '' : html`${name} `}<code title="${subject}">${text}</code>`;
  };
  const isFiltered = Object.values(query).some((value) => value !== '');
  return consolePage({
    title: 'Audit',
    viewer,
    at,
    body: html`<h1>Audit</h1>
<p>Who lifted suppressions, exported, imported or erased data, or changed domains or keys. Entries cannot be changed, and contain no address.</p>
${problem === null ? '' : notice(problem)}
<form class="inline" method="get" action="${at}">
<div><label for="action">What</label><select id="action" name="action"><option value="">Everything</option>${options(
      auditActions.map((action) => [action, actions[action]]),
      query['action'] ?? '',
    )}</select></div>
<div><label for="actor">Who</label><select id="actor" name="actor"><option value="">Everybody</option>${options(
      actorKinds.map((kind) => [kind, actors[kind]]),
      query['actor'] ?? '',
    )}</select></div>
<div><label for="from">From (UTC)</label><input id="from" name="from" type="date" value="${query['from'] ?? ''}"></div>
<div><label for="to">Until (UTC)</label><input id="to" name="to" type="date" value="${query['to'] ?? ''}"></div>
<button class="plain">Show</button>
</form>
${
  entries.length === 0
    ? html`<p class="empty">${isFiltered ? 'Nothing matches.' : 'No entry yet.'}</p>`
    : dataTable(
        'Audit',
        ['When (UTC)', 'What', 'To what', 'Who', { number: 'How many' }],
        entries.map(
          (entry) => html`<tr>
<td>${minute(entry.at)}</td><td>${actions[entry.action]}</td><td>${what(entry)}</td><td>${who(entry.actor)}</td><td class="number">${entry.amount === null ? '–' : groupedCount(entry.amount)}</td>
</tr>`,
        ),
      )
}
${pageLinks(at, { next, isFirst, query }, { first: 'Latest entries', next: 'Earlier entries' })}`,
  });
}

// The page of the console with the event log, its filters, and the events of one address.

import { html } from 'hono/html';
import {
  bounceClassNames,
  bounceReasonNames,
  type EventFilterName,
  eventFilterNames,
  eventKindNames,
} from '../../../events/event-filter.ts';
import type { StoredEvent } from '../../../events/event-repository.ts';
import type { Html } from '../docs-fields.ts';
import { bouncesPage } from './bounces.ts';
import { eventTable, words } from './event-table.ts';
import { minute, options, type Viewer } from './layout.ts';

const path = '/console/bounces/events';

/** The filters as they were entered. An empty text does not filter. */
export type EventFilterTexts = Readonly<Partial<Record<EventFilterName, string>>>;

export interface ShownEvents {
  readonly events: readonly StoredEvent[];
  readonly next: string | null;
  /** The log has the events since this time, in epoch milliseconds. */
  readonly hotSince: number;
}

export const eventsPage = (
  viewer: Viewer,
  {
    filter,
    shown,
    isFirst,
    problem = null,
  }: {
    readonly filter: EventFilterTexts;
    /** Null if the filter is invalid. */
    readonly shown: ShownEvents | null;
    readonly isFirst: boolean;
    readonly problem?: string | null;
  },
): Html => {
  const query = new URLSearchParams(
    eventFilterNames.flatMap((name): [string, string][] => (filter[name] ? [[name, filter[name]]] : [])),
  ).toString();
  const link = (more: string) => `${path}?${[query, more].filter(Boolean).join('&')}`;
  return bouncesPage(
    viewer,
    path,
    problem,
    html`${filterForm(filter)}
${
  shown === null
    ? ''
    : html`<section aria-labelledby="log"><h2 id="log">Events, the latest first</h2>
${
  shown.events.length === 0
    ? html`<p class="empty">${emptyText(query !== '', isFirst, shown.next !== null)}</p>`
    : eventTable('Events', shown.events)
}
<p class="paging">${isFirst ? '' : html`<a href="${link('')}">Latest events</a>`}
${shown.next === null ? '' : html`<a href="${link(`cursor=${shown.next}`)}">${shown.events.length === 0 ? 'Search further back' : 'Older events'}</a>`}
<a href="/v1/events?${[query, 'format=csv'].filter(Boolean).join('&')}" download>All of them as CSV</a></p>
<p class="quiet">The log has the events since ${minute(shown.hotSince)} UTC.</p></section>`
}
${findForm('')}`,
  );
};

function emptyText(isFiltered: boolean, isFirst: boolean, goesOn: boolean): string {
  if (goesOn) return 'Not found so far. Older events are not searched yet.';
  if (isFiltered) return 'No event matches.';
  return isFirst
    ? 'No event yet. Connect your e-mail provider, and what it reports appears here.'
    : 'No older events.';
}

const choice = (name: EventFilterName, label: string, names: readonly string[], value = ''): Html =>
  html`<div><label for="${name}">${label}</label><select id="${name}" name="${name}">${options(
    [['', 'All'], ...names.map((one) => [one, words(one)] as const)],
    value,
  )}</select></div>`;

const text = (name: EventFilterName, label: string, value = ''): Html =>
  html`<div><label for="${name}">${label}</label><input id="${name}" name="${name}" maxlength="200" pattern="[^@]*" title="No e-mail address: use the form below" autocomplete="off" value="${value}"></div>`;

const moreFilters = ['reason', 'status', 'list', 'source', 'mail_host', 'reported_by'] as const;

function filterForm(filter: EventFilterTexts): Html {
  const day = (name: 'from' | 'to', label: string) =>
    html`<div><label for="${name}">${label}</label><input id="${name}" name="${name}" type="date" value="${/^\d{4}-\d\d-\d\d$/.test(filter[name] ?? '') ? filter[name]! : ''}"></div>`;
  return html`<form class="card stack" action="${path}" aria-label="Filter">
<div class="fields narrow-fields">
${day('from', 'From (UTC)')}
${day('to', 'To (UTC)')}
${choice('kind', 'Event', eventKindNames, filter.kind)}
${choice('class', 'Class', bounceClassNames, filter.class)}
${text('campaign', 'Campaign', filter.campaign)}
${text('provider', 'Mailbox provider', filter.provider)}
</div>
<details${moreFilters.some((name) => filter[name]) ? html` open` : ''}><summary>More filters</summary><div class="fields narrow-fields">
${choice('reason', 'Reason', bounceReasonNames, filter.reason)}
${text('status', 'Status code', filter.status)}
${text('list', 'List', filter.list)}
${text('source', 'Source', filter.source)}
${text('mail_host', 'Mail host', filter.mail_host)}
${text('reported_by', 'Reported by', filter.reported_by)}
</div></details>
<button>Filter</button>
</form>`;
}

const findForm = (
  email: string,
): Html => html`<form class="card stack" method="post" action="${path}/find" autocomplete="off">
<label for="email">Events of one address</label><input id="email" name="email" inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="1024" value="${email}">
<button>Find</button>
</form>`;

/** The events of one address. The address is in the body of the request, and so is the cursor. */
export const addressEventsPage = (
  viewer: Viewer,
  {
    email,
    shown,
    problem = null,
  }: {
    readonly email: string;
    readonly shown: ShownEvents | null;
    readonly problem?: string | null;
  },
): Html =>
  bouncesPage(
    viewer,
    path,
    problem,
    html`${findForm(email)}
${
  shown === null
    ? ''
    : html`<section aria-labelledby="log"><h2 id="log">Events of ${email}</h2>
${shown.events.length === 0 ? html`<p class="empty">No event about this address since ${minute(shown.hotSince)} UTC.</p>` : eventTable('Events', shown.events)}
${
  shown.next === null
    ? ''
    : html`<form method="post" action="${path}/find"><input type="hidden" name="email" value="${email}"><input type="hidden" name="cursor" value="${shown.next}"><button class="plain">Older events</button></form>`
}</section>`
}
<p><a href="${path}">All events</a></p>`,
  );

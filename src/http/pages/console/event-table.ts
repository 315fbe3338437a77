// Delivery events as a table of the console.

import { html } from 'hono/html';
import type { StoredEvent } from '../../../events/event-repository.ts';
import type { Html } from '../docs-fields.ts';
import { dataTable, minute } from './layout.ts';

/** An underscored name as words: `mailbox_unknown` as `mailbox unknown`. */
export const words = (name: string): string => name.replaceAll('_', ' ');

/** What the state of a bounce looks like. */
const looks: Readonly<Record<string, string>> = {
  hard: 'failed',
  complaint: 'failed',
  soft: 'waiting',
  policy: 'waiting',
};

/** `label` names the table. */
export const eventTable = (label: string, events: readonly StoredEvent[]): Html =>
  dataTable(
    label,
    [
      'Time (UTC)',
      'Event',
      'Reason',
      'Status',
      'Provider',
      'Campaign',
      'Source',
      'Reported by',
      'Address (hash)',
    ],
    events.map(
      (event) => html`<tr>
<th scope="row">${minute(event.at)}</th>
<td><span class="state ${looks[event.class] ?? ''}">${what(event)}</span></td>
<td>${event.reason === 'delivered' || event.reason === 'unknown' ? '–' : words(event.reason)}</td><td>${event.status ?? '–'}</td><td>${event.mailboxProvider ?? '–'}</td>
<td>${event.campaign ?? '–'}</td><td>${event.source ?? '–'}</td><td>${event.reportedBy}</td>
<td>${event.addressHash === null ? '–' : html`<code title="${event.addressHash}">${event.addressHash.slice(0, 12)}</code>`}</td>
</tr>`,
    ),
  );

const what = ({ kind, class: bounceClass, echo }: StoredEvent): string =>
  `${kind === 'bounce' ? `${bounceClass} bounce` : words(kind)}${echo ? ' (not sent by the provider)' : ''}`;

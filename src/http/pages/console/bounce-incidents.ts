// The page of the console about incidents: what stands out in the mail, its cause, and what to do about it.

import { html } from 'hono/html';
import { groupedCount } from '../../../number-text.ts';
import type { DnsChangeRecord } from '../../../reports/incidents/diagnosis-record.ts';
import {
  type IncidentKind,
  incidentCauses,
  incidentKinds,
  type StoredIncident,
} from '../../../reports/incidents/incident.ts';
import type { Html } from '../docs-fields.ts';
import { recordName } from '../report-incidents.ts';
import { bouncesPage, share } from './bounces.ts';
import { words } from './event-table.ts';
import { dataTable, minute, options, type Viewer } from './layout.ts';

const path = '/console/bounces/incidents';

const kindNames: Readonly<Record<IncidentKind, string>> = {
  provider_block: 'A provider refuses you',
  sender_block: 'Many providers refuse you',
  authentication: 'Authentication fails',
  soft_rise: 'Temporary failures rise',
  provider_outage: 'A provider is down',
  rate_limited: 'Providers limit your rate',
  sending_bursts: 'Mail is sent in bursts',
  mailboxes_full: 'More mailboxes are full',
  bad_import: 'A bad import',
  list_decay: 'The list decays',
  provider_fault: 'A provider refuses mailboxes that work',
  complaints: 'Complaints rise',
  sender_dns: 'Your DNS changed',
};

const causes = {
  sender: 'You or your mail server',
  list: 'The list',
  provider: 'The provider',
  unknown: 'Not known',
} as const;

export interface IncidentChoice {
  readonly status: string;
  readonly kind: string;
}

export const incidentsPage = (
  viewer: Viewer,
  {
    incidents,
    next,
    choice,
    problem = null,
  }: {
    readonly incidents: readonly StoredIncident[];
    /** The cursor of the next page; null on the last one. */
    readonly next: string | null;
    readonly choice: IncidentChoice;
    readonly problem?: string | null;
  },
): Html =>
  bouncesPage(
    viewer,
    path,
    problem,
    html`<form class="inline" action="${path}">
<div><label for="status">Show</label><select id="status" name="status">${options(
      [
        ['open', 'Open'],
        ['closed', 'Closed'],
        ['all', 'All'],
      ],
      choice.status,
    )}</select></div>
<div><label for="kind">What</label><select id="kind" name="kind">${options(
      [['', 'Everything'], ...incidentKinds.map((kind) => [kind, kindNames[kind]] as const)],
      choice.kind,
    )}</select></div>
<button class="plain">Show</button>
</form>
${
  incidents.length === 0
    ? html`<p class="empty">${choice.status === 'open' && choice.kind === '' ? 'No open incident: nothing stands out in your mail. presend looks every five minutes.' : 'No such incident.'}</p>`
    : html`<ul class="findings">${incidents.map((incident) => card(viewer, incident))}</ul>`
}
${next === null ? '' : html`<p><a href="${path}?status=${choice.status}&amp;kind=${choice.kind}&amp;cursor=${next}">Older incidents</a></p>`}`,
  );

function card(viewer: Viewer, incident: StoredIncident): Html {
  const { kind, severity, openedAt, closedAt, explanation, advice, diagnosis, change } = incident;
  const blame = diagnosis?.blame ?? incidentCauses[kind];
  return html`<li class="${severity === 'critical' ? 'stop' : 'concerning'}">
<p><span class="state ${closedAt === null ? (severity === 'critical' ? 'failed' : 'waiting') : ''}">${closedAt === null ? 'Open' : 'Closed'}</span>
<span class="quiet">${kindNames[kind]}, since ${minute(openedAt)}${closedAt === null ? '' : html` until ${minute(closedAt)}`} UTC</span></p>
<p><b>${explanation}</b></p>
<p>${advice}</p>
<dl class="pairs"><div><dt>Who has to act</dt><dd>${causes[blame]}</dd></div>
${diagnosis === undefined ? '' : html`<div class="wide"><dt>Diagnosis, ${diagnosis.certainty}</dt><dd>${diagnosis.sentence}${diagnosis.domain === null || !viewer.may('preflight') ? '' : html` <a href="/console/domains">Sending domains</a>`}</dd></div>`}</dl>
${change === undefined ? evidence(incident) : bothStates(change)}
${viewer.may('suppressions:write') && kind === 'provider_fault' ? lift(incident) : ''}
</li>`;
}

function evidence({
  evidence: { messages, sent, rate, rateBefore, providers, statuses, reasons },
}: StoredIncident): Html {
  return html`<details><summary>Evidence</summary>
<p>${groupedCount(messages)} failures${sent === null ? '' : ` of ${groupedCount(sent)} messages`}${rate === null ? '' : `: ${share(rate)}`}${rateBefore === null ? '' : `, usually ${share(rateBefore)}`}.</p>
${
  providers.length === 0
    ? ''
    : dataTable(
        'Providers',
        ['Provider', { number: 'Failures' }, { number: 'Sent' }, { number: 'Rate' }, { number: 'Before' }],
        providers.map(
          (one) =>
            html`<tr><th scope="row">${one.name ?? 'others'}</th><td class="number">${groupedCount(one.messages)}</td><td class="number">${one.sent === null ? '–' : groupedCount(one.sent)}</td><td class="number">${one.rate === null ? '–' : share(one.rate)}</td><td class="number">${one.rateBefore === null ? '–' : share(one.rateBefore)}</td></tr>`,
        ),
      )
}
${statuses.length === 0 ? '' : html`<p>Statuses: ${statuses.map(({ status, messages: of }) => `${status} (${groupedCount(of)})`).join(', ')}</p>`}
${reasons.length === 0 ? '' : html`<p>Reasons: ${reasons.map(({ reason, messages: of }) => `${words(reason)} (${groupedCount(of)})`).join(', ')}</p>`}
</details>`;
}

/** What the records said before and say now. */
export const bothStates = ({
  values,
  appeared,
  gone,
}: Pick<DnsChangeRecord, 'values' | 'appeared' | 'gone'>): Html =>
  html`${
    values.length === 0
      ? ''
      : dataTable(
          'Records',
          ['Record', 'Before', 'Now'],
          values.map(
            ({ name, before, after }) =>
              html`<tr><th scope="row">${recordName(name)}</th><td class="record">${before}</td><td class="record">${after}</td></tr>`,
          ),
        )
  }
${appeared.map(({ severity, seen }) => html`<p><span class="state ${severity === 'error' ? 'failed' : severity === 'warning' ? 'waiting' : ''}">New ${severity}</span> ${seen}</p>`)}
${gone.map(({ seen }) => html`<p><span class="state completed">Gone</span> ${seen}</p>`)}`;

const hour = 3_600_000;

function lift({ openedAt, seenAt, evidence, scope }: StoredIncident): Html | '' {
  if (scope.provider === undefined) return '';
  const from = new Date(Math.min(openedAt, evidence.from)).toISOString().slice(0, 16);
  const to = new Date(Math.ceil((seenAt + 1) / hour) * hour).toISOString().slice(0, 16);
  return html`<p><a href="/console/suppressions/incident?from=${from}&amp;to=${to}&amp;provider=${encodeURIComponent(scope.provider)}">Lift what it suppressed</a></p>`;
}

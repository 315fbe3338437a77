// The pages of the console about bounces: their frame, and the report.

import { html } from 'hono/html';
import type { InferOutput } from 'valibot';
import { groupedCount } from '../../../number-text.ts';
import type { BounceReportAnswer } from '../../routes/reports.ts';
import { barChart } from '../chart.ts';
import type { Html } from '../docs-fields.ts';
import { bounceParts, legend } from '../report-causes.ts';
import { words } from './event-table.ts';
import { consolePage, dataTable, notice, options, tabs, type Viewer } from './layout.ts';
import { type ConsoleEntry, consolePages } from './pages.ts';

export const bounceTabs: readonly ConsoleEntry[] = [
  { path: '/console/bounces/report', name: 'Report', scopes: ['reports:read'] },
  { path: '/console/bounces/incidents', name: 'Incidents', scopes: ['reports:read'] },
  { path: '/console/bounces/events', name: 'Event log', scopes: ['events:read'] },
  { path: '/console/bounces/gate', name: 'Gate', scopes: ['gate'] },
  { path: '/console/bounces/predictions', name: 'Predictions', scopes: ['reports:read'] },
];

export const bouncesPage = (
  viewer: Viewer,
  at: string,
  /** What was wrong with the request; null if nothing was. */
  problem: string | null,
  body: Html,
): Html =>
  consolePage({
    title: `${bounceTabs.find(({ path }) => path === at)!.name} · Bounces`,
    viewer,
    at: consolePages.find(({ name }) => name === 'Bounces')!.path,
    body: html`<h1>Bounces</h1>
${tabs(viewer, 'Bounces', bounceTabs, at)}
${problem === null ? '' : notice(problem)}
${body}`,
  });

/** A form that chooses the days of a page. */
export const daysForm = (path: string, from: string, to: string, more: Html | '' = ''): Html =>
  html`<form class="inline" action="${path}">
<div><label for="from">From</label><input id="from" name="from" type="date" value="${from}"></div>
<div><label for="to">To</label><input id="to" name="to" type="date" value="${to}"></div>
${more}
<button class="plain">Show</button>
</form>`;

/** A share of 1 as a percentage: 0.0123 as `1.23%`, and 0.123 as `12.3%`. */
export const share = (rate: number): string =>
  `${rate >= 0.1 || rate === 0 ? Number((rate * 100).toFixed(1)) : Number((rate * 100).toPrecision(2))}%`;

export type BounceReportJson = InferOutput<typeof BounceReportAnswer>;
type Line = BounceReportJson['total'];

/** The look of a state for each band and grade. */
const looks: Readonly<Record<string, string>> = {
  healthy: 'completed',
  excellent: 'completed',
  acceptable: 'completed',
  warning: 'waiting',
  concerning: 'waiting',
  poor: 'failed',
  critical: 'failed',
  stop: 'failed',
};

type RateName = 'hard' | 'bounces' | 'complaint';

function chip({ rates }: Line, name: RateName): Html | '' {
  if (rates === null) return '';
  const { grade, band, few } = rates[name];
  const shown = few ? 'few messages' : name === 'bounces' ? band : grade;
  return shown === null ? '' : html`<span class="state ${few ? '' : (looks[shown] ?? '')}">${shown}</span>`;
}

/** Whether the rate of hard bounces needs attention: a chip on every line would hide these. */
const isWorrying = ({ rates }: Line): boolean =>
  rates !== null && !rates.hard.few && (looks[rates.hard.grade ?? ''] ?? 'completed') !== 'completed';

const tile = (name: string, value: string, beneath: Html | string): Html =>
  html`<div class="tile"><h2>${name}</h2><p class="value">${value}</p><p class="beneath">${beneath}</p></div>`;

const rateTile = (name: string, line: Line, rate: RateName): Html =>
  tile(
    name,
    line.rates === null ? groupedCount(line[rate]) : share(line.rates[rate].rate),
    line.rates === null ? 'rate unknown' : html`${chip(line, rate)} ${groupedCount(line[rate])}`,
  );

/** The groups of the report that a person chooses from, with the heading of their column. */
export const groupings: readonly (readonly [by: string, name: string])[] = [
  ['day', 'Day'],
  ['provider', 'Mailbox provider'],
  ['campaign', 'Campaign'],
  ['source', 'Source'],
  ['list', 'List'],
  ['mail_host', 'Mail host'],
  ['gateway', 'Gateway'],
  ['reason', 'Reason'],
  ['status', 'Status'],
];

const rowsShown = 50;

export function bounceReportConsolePage(
  viewer: Viewer,
  report: BounceReportJson,
  problem: string | null,
): Html {
  const { from, to, by, total, notes, sender_or_list: cause } = report;
  const isSilent = total.sent === null && total.bounces + total.complaint + total.unsubscribed === 0;
  const query = `from=${from}&to=${to}`;
  return bouncesPage(
    viewer,
    '/console/bounces/report',
    problem,
    html`${daysForm(
      '/console/bounces/report',
      from,
      to,
      html`<div><label for="by">By</label><select id="by" name="by">${options(groupings, by)}</select></div>`,
    )}
${
  isSilent
    ? ''
    : html`<section class="card" aria-labelledby="cause"><h2 id="cause">Is it you or your list?</h2><p>${isOnlyInFigures(report) ? 'No incident was found in these days, but some figures stand out: see below.' : cause.sentence}</p>
${cause.incidents.length === 0 ? '' : html`<p><a href="/console/bounces/incidents?status=all">See the incidents</a></p>`}</section>`
}
${isSilent ? nothingReported(viewer) : html`${notes.map((note) => html`<p class="quiet">${note}</p>`)}${figures(report)}`}
${isSilent ? '' : html`<p class="paging"><a href="/v1/reports/bounces?format=csv&amp;by=${by}&amp;${query}" download>This table as CSV</a> <a href="/reports?${query}">Everything on one page, to print</a></p>`}`,
  );
}

/** Whether figures stand out that are no incident: too few, or too long ago. */
const isOnlyInFigures = ({ alerts, spikes, sender_or_list: { incidents } }: BounceReportJson): boolean =>
  incidents.length === 0 && alerts.length + spikes.length > 0;

const nothingReported = (viewer: Viewer): Html =>
  html`<div class="empty"><p>No delivery or bounce was reported for these days. Connect your e-mail provider: its deliveries and bounces then appear here within minutes.</p>${
    viewer.may('reports:read')
      ? html`<p><a class="button" href="/console/connections">Connect a provider</a></p>`
      : ''
  }</div>`;

const figures = ({ total, by, groups, groups_left_out, spikes, alerts }: BounceReportJson): Html => {
  const shown = by === 'day' ? groups.filter(isBusy).toReversed() : groups;
  const left = Math.max(shown.length - rowsShown, 0) + groups_left_out;
  const name = groupings.find(([one]) => one === by)?.[1] ?? by;
  return html`<div class="tiles" role="group" aria-label="Totals">
${tile('Sent', total.sent === null ? '–' : groupedCount(total.sent), total.sent === null ? 'not reported' : `${groupedCount(total.delivered)} delivered`)}
${rateTile('Hard bounces', total, 'hard')}
${rateTile('All bounces', total, 'bounces')}
${rateTile('Complaints', total, 'complaint')}
${tile('Unsubscribed', groupedCount(total.unsubscribed), total.rates === null ? 'rate unknown' : share(total.rates.unsubscribed.rate))}
</div>
${
  alerts.length + spikes.length === 0
    ? ''
    : html`<section aria-labelledby="findings"><h2 id="findings">What stands out</h2><ul class="findings">
${alerts.map(
  ({ provider, messages, advice }) =>
    html`<li class="stop"><p><b>${provider ?? 'Mail servers outside the well-known providers'} refused ${groupedCount(messages)} messages for policy reasons.</b></p><p>${advice}</p></li>`,
)}
${spikes.map(({ kind, explanation, advice }) => html`<li class="${kind.startsWith('provider') ? 'concerning' : 'poor'}"><p><b>${explanation}</b></p><p>${advice}</p></li>`)}
</ul></section>`
}
${by === 'day' ? dayChart(groups) : ''}
<section aria-labelledby="table"><h2 id="table">By ${name.toLowerCase()}</h2>
${dataTable(
  `Figures by ${name.toLowerCase()}`,
  [name, ...['Sent', 'Hard', 'Soft', 'Policy', 'Hard rate', 'Complaints'].map((head) => ({ number: head }))],
  shown.slice(0, rowsShown).map(row),
)}
${left === 0 ? '' : html`<p class="quiet">${groupedCount(left)} more in the CSV.</p>`}</section>`;
};

type GroupLine = BounceReportJson['groups'][number];

/** Whether anything was sent or came back. */
const isBusy = ({ sent, bounces, complaint, unsubscribed }: GroupLine): boolean =>
  (sent ?? 0) + bounces + complaint + unsubscribed > 0;

const dayChart = (
  days: readonly GroupLine[],
): Html => html`<section aria-labelledby="chart"><h2 id="chart">Bounces by day</h2>
${legend(['hard', 'soft', 'policy'])}
${barChart({
  label: 'Hard, soft and policy bounces by day. The table below has the figures.',
  bars: days.map((day) => ({
    title: `${day.name}: ${groupedCount(day.hard)} hard, ${groupedCount(day.soft)} soft, ${groupedCount(day.policy)} policy`,
    parts: bounceParts(day),
  })),
  below: days.length < 2 ? [days[0]?.name ?? ''] : [days[0]!.name!, days.at(-1)!.name!],
  valueText: groupedCount,
  leastTop: 4,
})}</section>`;

const row = (group: GroupLine): Html => html`<tr>
<th scope="row">${group.name === null ? html`<i>none, or not known</i>` : words(group.name)}</th>
<td class="number">${group.sent === null ? '–' : groupedCount(group.sent)}</td>
<td class="number">${groupedCount(group.hard)}</td><td class="number">${groupedCount(group.soft)}</td><td class="number">${groupedCount(group.policy)}</td>
<td class="number">${group.rates === null ? '–' : html`${isWorrying(group) ? chip(group, 'hard') : ''} ${share(group.rates.hard.rate)}`}</td>
<td class="number">${groupedCount(group.complaint)}</td></tr>`;

// The parts of the page at /reports that show why mail bounced, and at which hours of the day.

import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { BounceReason } from '../../bounce/bounce.ts';
import { bounceReasons } from '../../bounce/reasons.ts';
import { enhancedStatus } from '../../bounce/status.ts';
import { groupedCount } from '../../number-text.ts';
import type { BounceRateReport, Group } from '../../reports/report.ts';
import type { ReportLine } from '../../reports/report-line.ts';
import { percent } from '../../reports/spikes.ts';
import { barChart, strip } from './chart.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Maximum number of rows in a table of the page. The CSV contains all groups. */
export const mostReportRows = 20;

export const bounceParts = ({ hard, soft, policy }: Pick<ReportLine, 'hard' | 'soft' | 'policy'>) => [
  { look: 'hard', value: hard },
  { look: 'soft', value: soft },
  { look: 'policy', value: policy },
];

export const legend = (looks: readonly string[]): Html =>
  html`<p class="legend">${looks.map((look) => html`<span><i class="${look}"></i>${look}</span>`)}</p>`;

/** The advice for a bounce reason; empty if the reason is unknown to this version. */
const adviceFor = (reason: string | null): string =>
  reason !== null && Object.hasOwn(bounceReasons, reason) ? bounceReasons[reason as BounceReason].advice : '';

/** The tables of reasons and of status codes. */
export const causes = (reason: BounceRateReport, status: BounceRateReport): Html =>
  html`${causeTable('Reasons', 'Reason', 'What to do', reason, adviceFor)}
${causeTable('Status codes', 'Status', 'Meaning', status, (code) => (code === null ? '' : (enhancedStatus(code)?.meaning ?? '')))}`;

function causeTable(
  title: string,
  name: string,
  explained: string,
  { groups, leftOut }: BounceRateReport,
  explanationOf: (name: string | null) => string,
): Html | '' {
  const failures = groups.filter(({ bounces, deferred }) => bounces + deferred > 0);
  if (failures.length === 0) return '';
  const most = Math.max(...failures.map(({ bounces }) => bounces));
  const more = Math.max(failures.length - mostReportRows, 0) + leftOut;
  return html`<section><h2>${title}</h2><div class="scroll" role="region" aria-label="${title}" tabindex="0"><table>
<thead><tr><th scope="col">${name}</th><th scope="col" class="wide">Bounces</th><th scope="col">Number</th><th scope="col">Share</th><th scope="col" class="minor">Deferred</th><th scope="col" class="text">${explained}</th></tr></thead>
<tbody>${failures.slice(0, mostReportRows).map(
    (group) => html`<tr><th scope="row">${group.name ?? html`<em>none</em>`}</th>
<td class="wide">${strip(bounceParts(group), most, `${groupedCount(group.bounces)} bounces`)}</td>
<td>${groupedCount(group.bounces)}</td><td>${group.share === null ? '–' : percent(group.share)}</td><td class="minor">${groupedCount(group.deferred)}</td>
<td class="text">${explanationOf(group.name)}</td></tr>`,
  )}</tbody></table></div>
${more > 0 ? html`<p>… and ${groupedCount(more)} more in the CSV.</p>` : ''}</section>`;
}

/** The bounces of all days together by their hour of the day. Empty if the report has no hours. */
export function hourChart({ groups, timeZone }: BounceRateReport): Html | '' {
  if (groups.length === 0) return '';
  const hours = [...Map.groupBy(groups, ({ name }) => name!.slice(11, 13))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const sumOf = (ofHour: readonly Group[], name: 'hard' | 'soft' | 'policy') =>
    ofHour.reduce((total, group) => total + group[name], 0);
  const bars = hours.map(([, ofHour]) => {
    const sums = {
      hard: sumOf(ofHour, 'hard'),
      soft: sumOf(ofHour, 'soft'),
      policy: sumOf(ofHour, 'policy'),
    };
    const time = ofHour[0]!.name!.slice(11, 16);
    return {
      title: `${time}: ${groupedCount(sums.hard)} hard, ${groupedCount(sums.soft)} soft, ${groupedCount(sums.policy)} policy`,
      parts: bounceParts(sums),
    };
  });
  return html`<section><h2>Bounces by hour of the day (${timeZone})</h2>
${legend(['hard', 'soft', 'policy'])}
${barChart({
  label:
    'Hard, soft and policy bounces of all days by hour of the day; "CSV by hour" at the end of the page has the figures.',
  bars,
  below: ['0:00', '6:00', '12:00', '18:00', '23:00'],
  valueText: groupedCount,
  leastTop: 4,
})}
</section>`;
}

// The bounce report at /reports: a page with charts, but without scripts or external resources.

import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { bounceReportStyle } from '../../../data/packed/page-styles.js';
import { dayName } from '../../calendar.ts';
import type { SenderOrList } from '../../diagnosis/sender-or-list.ts';
import type { Calibration } from '../../learning/calibration.ts';
import { groupedCount } from '../../number-text.ts';
import type { StoredIncident } from '../../reports/incidents/incident.ts';
import { type BounceRateReport, type Dimension, dimensions, type Group } from '../../reports/report.ts';
import type { Rate, ReportLine } from '../../reports/report-line.ts';
import { percent } from '../../reports/spikes.ts';
import { type GradedRate, type RateBands, thresholds } from '../../reports/thresholds.ts';
import { reportTimeZone } from '../../reports/time-zone.ts';
import { barChart, strip } from './chart.ts';
import { bounceParts, causes, hourChart, legend, mostReportRows } from './report-causes.ts';
import { incidentSection } from './report-incidents.ts';
import { predictions } from './report-predictions.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The whole page as HTML. `now` is epoch milliseconds. */
export function bounceReportPage(
  reports: Readonly<Record<Dimension, BounceRateReport>>,
  calibration: Calibration,
  now: number,
  incidents: readonly StoredIncident[] = [],
  cause: SenderOrList | null = null,
): Html {
  const { day } = reports;
  const { total } = day;
  const from = dayName(day.from);
  const to = dayName(day.to);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Bounces ${from} to ${to} · presend</title>
<style>${raw(bounceReportStyle)}</style>
</head>
<body>
<header>
<h1>Bounces</h1>
<p class="range"><a href="/console/bounces">Console</a> ${from} to ${to} <span>${day.timeZone}</span></p>
<form action="/reports">
<label>From <input type="date" name="from" value="${from}"></label>
<label>to <input type="date" name="to" value="${to}" max="${dayName(reportTimeZone(day.timeZone).dayOf(now))}"></label>
<button>Show</button>
</form>
</header>
<main>
${cause === null ? '' : html`<section class="cause"><h2>Is it you or your list?</h2><p><b>${cause.sentence}</b></p></section>`}
${day.notes.map((note) => html`<p class="note">${note}</p>`)}
${incidentSection(incidents)}
${isSilent(total) ? '' : figures(reports)}
${predictions(calibration)}
</main>
<footer><p class="files">${csvLinks(reports, from, to)}</p> Several reports about one message count once. Delays are not bounces, and neither are messages
that your provider did not send because of its own suppression list. Gmail does not report complaints to senders: see its Postmaster Tools.</footer>
</body>
</html>`;
}

const isSilent = ({ sent, bounces, complaint, unsubscribed }: ReportLine): boolean =>
  sent === null && bounces + complaint + unsubscribed === 0;

const figures = (reports: Readonly<Record<Dimension, BounceRateReport>>): Html => {
  const { day, hour, provider, mail_host, gateway, source, campaign, list, reason, status } = reports;
  const isNamed = ({ groups }: BounceRateReport) => groups.some(({ name }) => name !== null);
  return html`${tiles(day)}
${findings(day)}
${volumeChart(day.groups)}
${day.total.rates === null ? '' : rateChart(day.groups)}
${causes(reason, status)}
${hourChart(hour)}
${table('Providers', 'Provider', provider, 'other domains')}
${table('Mail hosts of bounces', 'Mail host', mail_host, "the domain's own, or unknown")}
${isNamed(gateway) ? table('Mail gateways', 'Gateway', gateway, 'none, or not known') : ''}
${table('Sources', 'Source', source, 'none')}
${table('Campaigns', 'Campaign', campaign, 'none')}
${isNamed(list) ? table('Mailing lists', 'List', list, 'none') : ''}
<details><summary>Table of all days</summary>${rows('Day', day, day.groups.toReversed(), '')}</details>`;
};

const tiles = ({ total, bands }: BounceRateReport): Html => html`<section class="tiles" aria-label="Totals">
${tile('Sent', total.sent === null ? '–' : groupedCount(total.sent), total.sent === null ? 'not reported' : `${groupedCount(total.delivered)} delivered`)}
${rateTile('Hard bounces', total.hard, total, 'hard', bands)}
${rateTile('All bounces', total.bounces, total, 'bounces', bands)}
${rateTile('Complaints', total.complaint, total, 'complaint', bands)}
${tile('Unsubscribed', groupedCount(total.unsubscribed), total.rates ? percent(total.rates.unsubscribed.rate) : 'rate unknown')}
</section>`;

const tile = (name: string, value: string, beneath: Html | string): Html =>
  html`<div class="tile"><h2>${name}</h2><p class="value">${value}</p><p class="beneath">${beneath}</p></div>`;

function rateTile(
  name: string,
  messages: number,
  { rates }: ReportLine,
  rate: GradedRate,
  bands: RateBands,
): Html {
  if (rates === null) return tile(name, groupedCount(messages), 'rate unknown');
  return tile(
    name,
    percent(rates[rate].rate),
    html`${chip(rate, rates[rate], bands)} ${groupedCount(messages)}`,
  );
}

function chip(name: GradedRate, { grade, band, few }: Rate, bands: RateBands): Html {
  const shown = showsBand(name, bands) ? band : grade;
  if (few) return html`<b class="grade">few messages</b>`;
  return html`<b class="grade ${shown}">${shown}</b>`;
}

/** The page shows the band of all bounces, and of hard bounces if the profile is stricter than the best grade. */
const showsBand = (name: GradedRate, { hard }: RateBands): boolean =>
  name === 'bounces' || (name === 'hard' && hard.warningFrom < thresholds.hard[0]!.below);

function findings({ alerts, spikes, timeZone }: BounceRateReport): Html {
  const zone = reportTimeZone(timeZone);
  if (alerts.length === 0 && spikes.length === 0)
    return html`<section><h2>Findings</h2><p>Nothing unusual in this period.</p></section>`;
  return html`<section><h2>Findings</h2><ul class="findings">
${alerts.map(
  ({ hour, provider, messages, share, status, advice }) =>
    html`<li class="stop"><p><b>${zone.hourName(hour).slice(0, 16).replace('T', ' ')} ${timeZone}: ${provider ?? 'Mail servers outside the well-known providers'} refused your mail.</b>
${groupedCount(messages)} messages were refused for policy reasons in that hour${status === null ? '' : ` (${status})`}, ${percent(share)} of all bounces in that hour.</p><p>${advice}</p></li>`,
)}
${spikes.map(
  ({ kind, explanation, advice }) =>
    html`<li class="${kind.startsWith('provider') ? 'concerning' : 'poor'}"><p><b>${explanation}</b></p><p>${advice}</p></li>`,
)}
</ul></section>`;
}

/** The labels under a chart: the first day, a day in the middle, and the last day. */
function below(days: readonly Group[]): string[] {
  const shown = [0, Math.floor((days.length - 1) / 2), days.length - 1];
  return [...new Set(days.length < 3 ? [0, days.length - 1] : shown)].map((index) => days[index]!.name!);
}

const volumeChart = (days: readonly Group[]): Html => html`<section><h2>Bounces by day</h2>
${legend(['hard', 'soft', 'policy'])}
${barChart({
  label: 'Hard, soft and policy bounces by day; "Table of all days" at the end of the page has the figures.',
  bars: days.map((day) => ({
    title: `${day.name}: ${groupedCount(day.hard)} hard, ${groupedCount(day.soft)} soft, ${groupedCount(day.policy)} policy${day.sent === null ? '' : ` of ${groupedCount(day.sent)} sent`}`,
    parts: bounceParts(day),
  })),
  below: below(days),
  valueText: groupedCount,
  leastTop: 4,
})}
</section>`;

const rateChart = (days: readonly Group[]): Html => html`<section><h2>Hard bounce rate by day</h2>
${legend(thresholds.hard.map(({ grade }) => grade))}
${barChart({
  label: 'Hard bounce rate by day; "Table of all days" at the end of the page has the figures.',
  bars: days.map(({ name, rates }) => ({
    title: rates === null ? `${name}: rate unknown` : `${name}: ${percent(rates.hard.rate)}`,
    parts:
      rates === null
        ? []
        : [
            {
              look: `${rates.hard.grade}${rates.hard.few ? ' few' : ''}`,
              value: Math.min(rates.hard.rate, mostShown),
            },
          ],
  })),
  below: below(days),
  valueText: (rate) => percent(rate).replace(/\.0+(?=%)/, ''),
  leastTop: 0.02,
  marks: thresholds.hard
    .slice(0, -1)
    .map(({ below: value }, index) => ({ value, look: thresholds.hard[index + 1]!.grade })),
})}
</section>`;

/**
 * The highest bounce rate that the chart can show: higher rates are drawn as 20%. A day with few messages may have a rate of
 * 100%. If the scale went up to 100%, the bars of all other days would be flat.
 */
const mostShown = 0.2;

function table(title: string, name: string, report: BounceRateReport, unnamed: string): Html {
  const { groups, leftOut } = report;
  const more = groups.length + leftOut - Math.min(groups.length, mostReportRows);
  return html`<section><h2>${title}</h2>
${groups.length === 0 ? html`<p>No data.</p>` : rows(name, report, groups.slice(0, mostReportRows), unnamed)}
${more > 0 ? html`<p>… and ${groupedCount(more)} more in the CSV.</p>` : ''}</section>`;
}

function rows(name: string, { bands }: BounceRateReport, groups: readonly Group[], unnamed: string): Html {
  const most = Math.max(...groups.map(({ bounces }) => bounces));
  return html`<div class="scroll" role="region" aria-label="${name}: figures" tabindex="0"><table>
<thead><tr><th scope="col">${name}</th><th scope="col">Sent</th><th scope="col" class="wide">Bounces</th><th scope="col">Hard</th><th scope="col" class="minor">Soft</th><th scope="col" class="minor">Policy</th><th scope="col">Hard rate</th><th scope="col">All bounces</th><th scope="col">Complaints</th></tr></thead>
<tbody>${groups.map(
    (group) => html`<tr><th scope="row">${group.name ?? html`<em>${unnamed}</em>`}</th>
<td>${group.sent === null ? '–' : groupedCount(group.sent)}</td>
<td class="wide">${strip(bounceParts(group), most, `${groupedCount(group.bounces)} bounces`)}</td>
<td>${groupedCount(group.hard)}</td><td class="minor">${groupedCount(group.soft)}</td><td class="minor">${groupedCount(group.policy)}</td>
${rateCell(group, 'hard', bands)}${rateCell(group, 'bounces', bands)}${rateCell(group, 'complaint', bands)}</tr>`,
  )}</tbody></table></div>`;
}

const rateCell = ({ rates }: Group, name: GradedRate, bands: RateBands): Html =>
  rates === null
    ? html`<td>–</td>`
    : html`<td><span>${percent(rates[name].rate)}</span> ${chip(name, rates[name], bands)}</td>`;

const csvLinks = (reports: Readonly<Record<Dimension, BounceRateReport>>, from: string, to: string): Html =>
  html`CSV by ${dimensions
    .filter((by) => by !== 'hour' || reports.hour.groups.length > 0)
    .map(
      (by, index) =>
        html`${index === 0 ? '' : ', '}<a href="/reports?format=csv&amp;by=${by}&amp;from=${from}&amp;to=${to}">${by}</a>`,
    )}.`;

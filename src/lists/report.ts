// The report on a list as one HTML page. It has no scripts, external resources or addresses, can be printed, and has
// a light and a dark mode.

import { listReportStyle } from '../../data/packed/page-styles.js';
import { counted, groupedCount, percentText } from '../number-text.ts';
import { signalOf } from '../signals/catalogue.ts';
import type { ListSummary } from './summary.ts';

/** The share of catch-alls from which guides for senders warn. */
const muchCatchAllShare = 0.25;

/** The start of a page, up to its body. */
export const reportHead = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${listReportStyle}</style>
</head>
<body>`;

/** Returns the whole page as HTML. It shows `date` as given. `name` is the name of the list, if it has one. */
export function listReportPage(summary: ListSummary, date: string, name: string | null = null): string {
  const { rows, verified, kept, duplicates, forecast } = summary;
  return `${reportHead('Bounce forecast of a list')}
<main>
<header>
<h1>${headline(summary)}</h1>
<p class="quiet">${name === null ? '' : `${escapedHtml(name)} · `}${escapedHtml(date)} · ${groupedCount(rows)} rows: ${groupedCount(verified)} verified, ${groupedCount(kept)} kept from an earlier run, ${groupedCount(duplicates)} duplicates</p>
</header>
<section>
<h2>What to do</h2>
<ul>${steps(summary)
    .map((step) => `<li>${step}</li>`)
    .join('')}</ul>
</section>
<section>
<h2>Expected hard bounces</h2>
${forecastChart(forecast)}
<p>About ${groupedCount(Math.round(forecast.expected_bounces))} of ${groupedCount(forecast.rows)} distinct addresses would bounce:
<strong>${percentText(forecast.rate)}</strong> (90% interval: ${percentText(forecast.low)}–${percentText(forecast.high)}).
${forecast.thresholds.map(({ rate, chance }) => `The probability that more than ${percentText(rate, 0)} bounce is ${percentText(chance, 0)}.`).join(' ')}</p>
</section>
${
  forecast.removals.length === 0
    ? ''
    : `<section>
<h2>What to remove</h2>
<table>
<thead><tr><th>Goal</th><th class="number">Remove</th><th class="number">Keep</th><th class="number">Bounce rate after removal</th></tr></thead>
<tbody>${forecast.removals.map(removalRow).join('')}</tbody>
</table>
<p class="quiet">The most likely bounces are removed first.</p>
</section>`
}
<section>
<h2>Results</h2>
${resultChart(summary)}
</section>
<section>
<h2>Where the bounces come from</h2>
${bars(
  forecast.by_reason.map(({ reason, expected_bounces, rows: of }) => ({
    label: signalOf[reason].label,
    value: expected_bounces,
    note: `${groupedCount(Math.round(expected_bounces))} of ${groupedCount(of)}`,
  })),
)}
</section>
${forecast.by_source.some(({ source }) => source !== null) ? sources(summary) : ''}
${operators('By mailbox provider', 'Provider', summary.providers, rows)}
${operators('By mail gateway', 'Gateway', summary.gateways, rows)}
${operators('By mailbox', 'What is known', summary.mailboxes ?? {}, rows)}
<section>
<h2>Limits of the forecast</h2>
<p>${percentText(forecast.unknown_share)} of the addresses could not be checked: check them again before you send. ${percentText(forecast.catch_all_share)} are at domains that
often accept mail for any name, so only a reply shows that a person reads it.${
    forecast.catch_all_share >= muchCatchAllShare
      ? ' From 25% on, bounces of a list cannot be foreseen well: send to these addresses in small parts.'
      : ''
  }${
    summary.mailboxes?.['catch_all'] === undefined
      ? ''
      : ` ${groupedCount(summary.mailboxes['catch_all'])} of them are known to be at such domains by your own mail or by their mail hosts.`
  }</p>
<p class="quiet">“Deliverable” means no known obstacle. Only a delivery proves that a mailbox exists. The forecast assumes
that each distinct address is mailed once. The longer ago mail to an address last arrived, the more likely it is to bounce.</p>
</section>
</main>
</body>
</html>
`;
}

type Forecast = ListSummary['forecast'];

function headline({ forecast: { rate, low, high } }: ListSummary): string {
  if (low > 0.02) return `This list is not ready to send: ${percentText(rate)} would bounce`;
  if (high > 0.02)
    return `Mail to this list may bounce more than mailbox providers accept: ${percentText(rate)} expected to bounce`;
  return `Mail to this list will probably bounce less than mailbox providers accept: ${percentText(rate)} expected to bounce`;
}

/**
 * What to do with the list, as pieces of HTML. Misspelled addresses come first, because correcting them saves
 * contacts.
 */
function steps({ reasons, actions, duplicates, no_address: noAddress, forecast }: ListSummary): string[] {
  const misspelled = (reasons.domain_typo ?? 0) + (reasons.confusable_domain ?? 0);
  const { needs } = forecast;
  return [
    misspelled > 0 &&
      `<strong>${misspelled === 1 ? '1 address probably has' : `${groupedCount(misspelled)} addresses probably have`} a misspelled domain</strong>: the column ps_did_you_mean suggests a correction. A suggestion may be another person's mailbox, so do not mail it until the contact has confirmed it another way, such as by phone.`,
    actions.accept > 0 &&
      `Mail the ${counted(actions.accept, 'row')} with <code>accept</code> in the column ps_action.`,
    actions.reject > 0 &&
      `Remove the ${counted(actions.reject, 'row')} with <code>reject</code> in the column ps_action.`,
    actions.retry > 0 &&
      `Verify the list again later: the ${counted(actions.retry, 'row')} with <code>retry</code> in the column ps_action could not be checked.`,
    duplicates > 0 &&
      `${counted(duplicates, 'row')} ${duplicates === 1 ? 'repeats' : 'repeat'} an address of another row: mail each address once.`,
    noAddress > 0 &&
      `${counted(noAddress, 'row')} ${noAddress === 1 ? 'has no address and is' : 'have no address and are'} not counted in the forecast.`,
    needs === 'dates' &&
      'For most addresses it is unknown when mail last arrived, so the interval of the forecast is wide. Export the list again with a column such as last opened, last clicked or last sent, or send to a random sample of up to 1,000 addresses first.',
    needs === 'sample' &&
      'The interval of the forecast is wide. For a better forecast, send to a random sample of up to 1,000 addresses first and count the hard bounces.',
  ].filter((step) => step !== false);
}

const removalRow = ({ below, remove, remain, rate }: Forecast['removals'][number]): string =>
  `<tr><td>under ${percentText(below, 0)}</td><td class="number">${groupedCount(remove)}</td><td class="number">${groupedCount(remain)}</td><td class="number">${remain === 0 ? '–' : percentText(rate)}</td></tr>`;

/** An SVG of the expected bounce rate and its interval. The scale also shows the thresholds, such as 2%. */
export function forecastChart({ rate, low, high, thresholds }: Forecast): string {
  const most = Math.max(high * 1.15, 0.06);
  const x = (value: number): string => ((value / most) * 680 + 10).toFixed(1);
  const marks = thresholds
    .map(
      ({ rate: limit }) =>
        `<line class="limit" x1="${x(limit)}" x2="${x(limit)}" y1="14" y2="66"/><text class="label" x="${x(limit)}" y="84" text-anchor="middle">${percentText(limit, 0)}</text>`,
    )
    .join('');
  return `<svg viewBox="0 0 700 92" role="img" aria-label="${percentText(rate)} expected to bounce, between ${percentText(low)} and ${percentText(high)}">
<line class="axis" x1="10" x2="690" y1="66" y2="66"/><text class="label" x="10" y="84">0%</text>${marks}
<rect class="interval" x="${x(low)}" y="30" width="${Math.max(2, Number(x(high)) - Number(x(low))).toFixed(1)}" height="20" rx="10"/>
<circle class="point" cx="${x(rate)}" cy="40" r="9"/>
</svg>`;
}

function resultChart({ results, rows }: ListSummary): string {
  const names = ['deliverable', 'risky', 'unknown', 'undeliverable'] as const;
  let from = 0;
  const pieces = names.map((name) => {
    const width = rows === 0 ? 0 : (results[name] / rows) * 700;
    const piece = `<rect class="${name}" x="${from.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="28"/>`;
    from += width;
    return piece;
  });
  const legend = names
    .map(
      (name) =>
        `<li><span class="swatch ${name}"></span>${name}: ${groupedCount(results[name])} (${percentText(rows === 0 ? 0 : results[name] / rows)})</li>`,
    )
    .join('');
  return `<svg viewBox="0 0 700 28" role="img" aria-label="Shares of the results">${pieces.join('')}</svg><ul class="legend">${legend}</ul>`;
}

const sources = ({ forecast }: ListSummary): string => `<section>
<h2>By acquisition source</h2>
<table>
<thead><tr><th>Source</th><th class="number">Addresses</th><th class="number">Expected bounces</th><th class="number">Rate</th></tr></thead>
<tbody>${forecast.by_source
  .map(
    ({ source, rows, expected_bounces, rate }) =>
      `<tr><td>${source === null ? 'not known' : escapedHtml(source)}</td><td class="number">${groupedCount(rows)}</td><td class="number">${groupedCount(Math.round(expected_bounces))}</td><td class="number${rate > 0.02 ? ' bad' : ''}">${percentText(rate)}</td></tr>`,
  )
  .join('')}</tbody>
</table>
</section>`;

/** Maximum number of providers, and of gateways, that the report shows. */
const mostShown = 10;

function operators(
  title: string,
  column: string,
  counts: Readonly<Record<string, number>>,
  rows: number,
): string {
  const all = Object.entries(counts);
  if (all.length === 0) return '';
  const row = (name: string, count: number): string =>
    `<tr><td>${escapedHtml(name)}</td><td class="number">${groupedCount(count)}</td><td class="number">${percentText(count / rows, 1)}</td></tr>`;
  const shown = all.slice(0, mostShown);
  const others = rows - shown.reduce((sum, [, count]) => sum + count, 0);
  return `<section>
<h2>${title}</h2>
<table>
<thead><tr><th>${column}</th><th class="number">Addresses</th><th class="number">Share</th></tr></thead>
<tbody>${shown.map(([name, count]) => row(name, count)).join('')}${others > 0 ? row('others, or not known', others) : ''}</tbody>
</table>
</section>`;
}

function bars(
  items: readonly { readonly label: string; readonly value: number; readonly note: string }[],
): string {
  const most = Math.max(1e-9, ...items.map(({ value }) => value));
  const rows = items.map(({ label, value, note }, index) => {
    const y = index * 26;
    const width = ((value / most) * 300).toFixed(1);
    return `<text class="label" x="0" y="${y + 15}">${escapedHtml(label)}</text><rect class="bar" x="250" y="${y + 3}" width="${width}" height="16" rx="3"/><text class="label" x="${(260 + Number(width)).toFixed(1)}" y="${y + 15}">${note}</text>`;
  });
  return `<svg viewBox="0 0 700 ${items.length * 26}" role="img" aria-label="Expected bounces by reason">${rows.join('')}</svg>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapedHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character]!);

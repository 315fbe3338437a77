// The report on a backtest as one HTML page for marketers. It has no scripts, external resources or addresses, and prints on
// two pages.

import { groupedCount, percentText } from '../number-text.ts';
import { type Reason, signalOf } from '../signals/catalogue.ts';
import type { ShareEstimate } from '../verdict/share-interval.ts';
import type { BacktestPolicy, BacktestSignal, CalibrationBin } from './backtest.ts';
import { escapedHtml, reportHead } from './report.ts';
import type { BacktestResult } from './run-backtest.ts';

/** Returns the whole page as HTML. It shows `date`, the day of the campaign, as given. `name` is the name of the list. */
export function backtestReportPage(result: BacktestResult, date: string, name: string | null = null): string {
  const { addresses, bounces, bounce_rate: rate, forecast, verified_now: verifiedNow } = result;
  return `${reportHead('Backtest of a campaign')}
<main>
<header>
<h1>${headline(result)}</h1>
<p class="quiet">${name === null ? '' : `${escapedHtml(name)} · `}sent ${escapedHtml(date)} · ${groupedCount(addresses)} addresses, ${groupedCount(bounces.hard)} hard bounces</p>
</header>
<section>
<h2>With and without presend</h2>
${rateChart(result)}
<table>
<thead><tr><th>If you leave out</th><th class="number">Left out</th><th class="number">Bounces avoided</th><th class="number">People lost</th><th class="number">Bounce rate</th></tr></thead>
<tbody><tr><td>nobody</td><td class="number">0</td><td class="number">0</td><td class="number">0</td><td class="number">${shareText(rate)}</td></tr>${result.policies.map(policyRow).join('')}</tbody>
</table>
<p class="quiet">“People lost” are addresses that presend would have left out although mail to them did not bounce. Intervals
in parentheses contain the true share with a probability of 90%.</p>
</section>
<section>
<h2>Was the forecast right?</h2>
<p>Before the campaign, presend would have forecast ${percentText(forecast.rate)} (90% interval:
${percentText(forecast.low)}–${percentText(forecast.high)}). ${shareText(rate)} bounced, which is <strong>${forecast.held ? 'within' : 'outside'}</strong> the interval.</p>
</section>
<section>
<h2>What each signal found</h2>
<table>
<thead><tr><th>Signal</th><th class="number">Addresses</th><th class="number">Bounced</th><th class="number">Expected</th><th class="number">Rate</th><th>Action</th></tr></thead>
<tbody>${result.signals.map(signalRow).join('')}</tbody>
</table>
</section>
<section class="calibration">
<h2>Did as many bounce as predicted?</h2>
${calibrationChart(result.calibration.bins)}
<table>
<thead><tr><th>Predicted probability</th><th class="number">Addresses</th><th class="number">Predicted</th><th class="number">Bounced</th></tr></thead>
<tbody>${result.calibration.bins.map(binRow).join('')}</tbody>
</table>
<p class="quiet">Each line of the chart is the interval of the bounce rate that was observed; the dot is the prediction.
Mean squared error of the probabilities (Brier score): ${result.calibration.brier?.toFixed(4) ?? '–'}.</p>
</section>
<section>
<h2>Limits of this report</h2>
<ul>${limits(bounces, verifiedNow)
    .map((limit) => `<li>${limit}</li>`)
    .join('')}</ul>
</section>
</main>
</body>
</html>
`;
}

function headline({ bounces, bounce_rate: rate, policies }: BacktestResult): string {
  if (bounces.hard === 0) return 'No address on this list bounced hard';
  const best = policies.find(({ caught }) => caught > 0);
  if (best === undefined)
    return `presend would not have avoided any of the ${groupedCount(bounces.hard)} bounces`;
  const who = best.leave_out === 'reject' ? 'presend' : 'Leaving out the addresses with reject or confirm';
  return `${who} would have avoided ${groupedCount(best.caught)} of ${groupedCount(bounces.hard)} bounces: a bounce rate of ${shareText(best.bounce_rate)} instead of ${shareText(rate)}`;
}

const policyTitles: Readonly<Record<BacktestPolicy['leave_out'], string>> = {
  reject: 'addresses with <code>reject</code>',
  reject_or_confirm: 'addresses with <code>reject</code> or <code>confirm</code>',
};

const policyRow = (policy: BacktestPolicy): string =>
  `<tr><td>${policyTitles[policy.leave_out]}</td><td class="number">${groupedCount(policy.left_out)}</td><td class="number">${groupedCount(policy.caught)}<br>${estimate(policy.catch_rate)}</td><td class="number">${groupedCount(policy.false_alarms)}<br>${estimate(policy.false_alarm_rate)}</td><td class="number">${shareText(policy.bounce_rate)}</td></tr>`;

const signalRow = ({
  reason,
  addresses,
  bounced,
  expected,
  rate,
  rejected,
  confirmed,
}: BacktestSignal): string =>
  `<tr><td>${escapedHtml(labelOf(reason))}</td><td class="number">${groupedCount(addresses)}</td><td class="number">${groupedCount(bounced)}</td><td class="number">${groupedCount(Math.round(expected))}</td><td class="number">${percentText(rate)}</td><td>${rejected === addresses ? 'reject' : confirmed === addresses ? 'confirm' : rejected + confirmed === 0 ? 'mail' : 'several'}</td></tr>`;

/** The label of a reason. A list that an older version cleaned can have a reason that no longer exists. */
const labelOf = (reason: string): string =>
  Object.hasOwn(signalOf, reason) ? signalOf[reason as Reason].label : reason;

const binRow = ({ from, to, addresses, expected_rate, bounced, observed }: CalibrationBin): string =>
  `<tr><td>${binTitle(from, to)}</td><td class="number">${groupedCount(addresses)}</td><td class="number">${percentText(expected_rate)}</td><td class="number">${groupedCount(bounced)}: ${estimate(observed)}</td></tr>`;

const binTitle = (from: number, to: number): string => `${shortPercent(from)} to ${shortPercent(to)}`;

const shortPercent = (value: number): string => `${Number((value * 100).toFixed(1))}%`;

/** A share as a percentage; a dash for null. */
export const shareText = (value: number | null): string => (value === null ? '–' : percentText(value));

const estimate = ({ share: value, low, high }: ShareEstimate): string =>
  value === null
    ? '–'
    : `${percentText(value, digits(high!))} <span class="interval-text">(${percentText(low!, digits(high!))}–${percentText(high!, digits(high!))})</span>`;

/** Small shares need two decimal places to differ from zero. */
const digits = (high: number): number => (high < 0.01 ? 2 : 1);

/** An SVG with a bar for the bounce rate of the campaign and one for each policy, and a line at 2%. */
function rateChart({ bounce_rate, policies }: BacktestResult): string {
  const bars = [
    { label: 'as it was sent', rate: bounce_rate },
    { label: 'without reject', rate: policies[0]!.bounce_rate },
    { label: 'without reject and confirm', rate: policies[1]!.bounce_rate },
  ];
  const most = Math.max(0.03, ...bars.map(({ rate }) => rate ?? 0));
  const width = (rate: number): number => (rate / most) * 400;
  const drawn = bars.map(({ label, rate }, index) => {
    const y = index * 30;
    const end = width(rate ?? 0);
    return `<text class="label" x="0" y="${y + 19}">${label}</text><rect class="bar" x="190" y="${y + 5}" width="${end.toFixed(1)}" height="20" rx="3"/><text class="label" x="${(end + 198).toFixed(1)}" y="${y + 19}">${shareText(rate)}</text>`;
  });
  const limit = (190 + width(0.02)).toFixed(1);
  return `<svg viewBox="0 0 700 112" role="img" aria-label="Bounce rates: ${bars.map(({ label, rate }) => `${label} ${shareText(rate)}`).join(', ')}">${drawn.join('')}<line class="limit" x1="${limit}" x2="${limit}" y1="0" y2="94"/><text class="label" x="${limit}" y="109" text-anchor="middle">2%: providers begin to block</text></svg>`;
}

/** An SVG of predicted and observed bounce rates. The scale is a square root, so small rates can be told apart. */
function calibrationChart(bins: readonly CalibrationBin[]): string {
  const x = (rate: number): string => (110 + Math.sqrt(rate) * 560).toFixed(1);
  const rows = bins.map(({ from, to, expected_rate, observed }, index) => {
    const y = index * 20 + 12;
    const width = Math.max(2, Number(x(observed.high!)) - Number(x(observed.low!))).toFixed(1);
    return `<text class="label" x="0" y="${y + 4}">${binTitle(from, to)}</text><rect class="interval" x="${x(observed.low!)}" y="${y - 5}" width="${width}" height="10" rx="5"/><circle class="point" cx="${x(expected_rate)}" cy="${y}" r="4"/>`;
  });
  const bottom = bins.length * 20 + 4;
  const marks = [0, 0.01, 0.05, 0.25, 0.5, 1].map(
    (rate) =>
      `<line class="axis" x1="${x(rate)}" x2="${x(rate)}" y1="0" y2="${bottom}"/><text class="label" x="${x(rate)}" y="${bottom + 16}" text-anchor="middle">${shortPercent(rate)}</text>`,
  );
  return `<svg viewBox="0 0 700 ${bottom + 22}" role="img" aria-label="Predicted and observed bounce rates">${marks.join('')}${rows.join('')}</svg>`;
}

function limits(
  { not_on_list: notOnList, not_hard: notHard, unclear, unreadable }: BacktestResult['bounces'],
  verifiedNow: number,
): string[] {
  return [
    'An address of the list counts as delivered if no hard bounce names it.',
    verifiedNow > 0 &&
      `${groupedCount(verifiedNow)} rows had no verdict from before the campaign and were verified now. A domain that closed or moved after the campaign can make presend look better or worse than it was.`,
    notOnList > 0 &&
      `Hard bounces that are not counted, because their addresses are not on the list, or are not the main address of a contact: ${groupedCount(notOnList)}.`,
    notHard > 0 &&
      `Bounce rows that are not counted, because they are not hard bounces (for example a full mailbox or a delivery): ${groupedCount(notHard)}.`,
    unclear > 0 &&
      `Bounce rows that are not counted, because they do not say whether the bounce was hard: ${groupedCount(unclear)}.`,
    unreadable > 0 &&
      `Bounces that are not counted, because they have no valid address, cannot be read, or were recorded with another ADDRESS_HASH_KEY: ${groupedCount(unreadable)}.`,
  ].filter((limit) => limit !== false);
}

// The part of the page at /reports that shows how accurate the predictions were.

import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Calibration, Score } from '../../learning/calibration.ts';
import { reliabilityDiagram } from '../../learning/reliability-diagram.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Returns the section as HTML. Empty if there are no outcomes of mail to addresses with a verdict, so nothing to compare. */
export function predictions({ total, drifts }: Calibration): Html | '' {
  const { predicted, prior, outcomes } = total;
  if (predicted === null || prior === null) return '';
  return html`<section><h2>Prediction accuracy</h2>
<p>${outcomes.toLocaleString('en')} messages to addresses with a verdict were delivered or bounced. The table compares these outcomes with the predicted probabilities.</p>
${drifts.length === 0 ? '' : html`<ul class="findings">${drifts.map(({ direction, message }) => html`<li class="${direction === 'worse' ? 'poor' : 'concerning'}"><p><b>${message}</b></p></li>`)}</ul>`}
${raw(reliabilityDiagram(total))}
<p>Filled circles show the predictions. Hollow circles show the priors alone: the built-in estimates, without what presend learned from your own outcomes. Perfect predictions would be on the dashed line.</p>
<table><thead><tr><th>Lower is better</th><th>Predictions</th><th>Priors alone</th></tr></thead><tbody>
${rows.map(([name, of]) => html`<tr><th>${name}</th><td>${of(predicted).toFixed(4)}</td><td>${of(prior).toFixed(4)}</td></tr>`)}
</tbody></table></section>`;
}

const rows: readonly (readonly [string, (score: Score) => number])[] = [
  ['Brier score', ({ brier }) => brier],
  ['Log loss', ({ logLoss }) => logLoss],
  ['Expected calibration error', ({ ece }) => ece],
];

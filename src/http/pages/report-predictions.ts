// The part of the page at /reports that shows how accurate the predictions were.

import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { ProvenAs } from '../../address/mailbox-proof.ts';
import type { Calibration, Score } from '../../learning/calibration.ts';
import { answerLabels, provenLabels } from '../../learning/proven-labels.ts';
import { reliabilityDiagram } from '../../learning/reliability-diagram.ts';
import { groupedCount, percentText } from '../../number-text.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Returns the section as HTML. Empty if there are no outcomes of mail to addresses with a verdict, so nothing to compare. */
export function predictions({ total, proofs, answers, drifts }: Calibration): Html | '' {
  const { predicted, prior, outcomes } = total;
  if (predicted === null || prior === null)
    return answers.length === 0 ? '' : html`<section>${byAnswer(answers)}</section>`;
  return html`<section><h2>Prediction accuracy</h2>
<p>${groupedCount(outcomes)} messages to addresses with a verdict were delivered or bounced. The table compares these outcomes with the predicted probabilities.</p>
${drifts.length === 0 ? '' : html`<ul class="findings">${drifts.map(({ direction, message }) => html`<li class="${direction === 'worse' ? 'poor' : 'concerning'}"><p><b>${message}</b></p></li>`)}</ul>`}
${raw(reliabilityDiagram(total))}
<p>Filled circles show the predictions. Hollow circles show the priors alone: the built-in estimates, without what presend learned from your own outcomes. Perfect predictions would be on the dashed line.</p>
<table><thead><tr><th>Lower is better</th><th>Predictions</th><th>Priors alone</th></tr></thead><tbody>
${rows.map(([name, of]) => html`<tr><th>${name}</th><td>${of(predicted).toFixed(4)}</td><td>${of(prior).toFixed(4)}</td></tr>`)}
</tbody></table>
${proofs.every(({ name }) => name === null) ? '' : byProof(proofs)}
${answers.length === 0 ? '' : byAnswer(answers)}</section>`;
}

/** How accurate the predictions were for each kind of proof of the mailbox. */
const byProof = (proofs: Calibration['proofs']): Html => html`<h3>By what was known about the mailbox</h3>
<table><thead><tr><th>Known</th><th>Messages</th><th>Predicted</th><th>Bounced</th></tr></thead><tbody>
${proofs.map(({ name, outcomes, predicted, observed }) => html`<tr><th>${provenLabels[(name as ProvenAs | null) ?? 'none'] ?? name}</th><td>${groupedCount(outcomes)}</td><td>${predicted === null ? '–' : percentText(predicted.mean)}</td><td>${percentText(observed)}</td></tr>`)}
</tbody></table>`;

/** How often mail bounced although, or because, of what mail hosts had answered. */
const byAnswer = (
  answers: Calibration['answers'],
): Html => html`<h3>What became of the answers of mail hosts</h3>
<table><thead><tr><th>The host said</th><th>Mailboxes mailed</th><th>Bounced</th></tr></thead><tbody>
${answers.map(({ told, mailed, bounced }) => html`<tr><th>${answerLabels[told] ?? told}</th><td>${groupedCount(mailed)}</td><td>${groupedCount(bounced)} (${percentText(bounced / Math.max(1, mailed))})</td></tr>`)}
</tbody></table>`;

const rows: readonly (readonly [string, (score: Score) => number])[] = [
  ['Brier score', ({ brier }) => brier],
  ['Log loss', ({ logLoss }) => logLoss],
  ['Expected calibration error', ({ ece }) => ece],
];

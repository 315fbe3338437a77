// The slider on the page of a list: how many bounces a person accepts, and which rows are left then.

import { html } from 'hono/html';
import { goalText, jobResultPath, leftOutText, type SliderGoal } from '../../../console/page-data.ts';
import type { Job } from '../../../jobs/job.ts';
import type { GoalOutcome } from '../../../lists/goal.ts';
import { groupedCount } from '../../../number-text.ts';
import { percent } from '../../../reports/spikes.ts';
import type { Html } from '../docs-fields.ts';

/** The goals of the slider: 1% to 5% in steps of a quarter of a percent. */
export const sliderGoals: readonly number[] = Array.from(
  { length: 17 },
  (_, step) => (400 + step * 100) / 4e4,
);

const firstShown = 0.02;

export function goalCard({ id }: Job, goals: readonly GoalOutcome[]): Html {
  // A goal that no row meets would download an empty file.
  const shown =
    goals.find(({ below, keep }) => below >= firstShown && keep > 0) ??
    goals.find(({ keep }) => keep > 0) ??
    goals[0]!;
  const isEmpty = shown.keep === 0 ? html` disabled` : '';
  const data = goals.map(sliderGoal);
  return html`<section class="card" aria-labelledby="goal-title" data-goals="${JSON.stringify(data)}">
<h2 id="goal-title">How many bounces do you accept?</h2>
<form method="get" action="${jobResultPath(id)}">
<label for="goal">Fewer than <output for="goal" data-say="below">${goalText(shown.below)}</output> of the mails may bounce</label>
<input type="range" id="goal" name="goal" min="${goals[0]!.below}" max="${goals.at(-1)!.below}" step="0.0025" value="${shown.below}">
<p class="big"><span data-say="keep">${groupedCount(shown.keep)}</span> <span class="quiet">rows to mail, with about <b data-say="bounces">${groupedCount(bouncesOf(shown))}</b> bounces (<span data-say="rate">${percent(shown.rate)}</span>). <span data-say="remove">${leftOutText(shown)}</span></span></p>
<p class="buttons"><button name="format" value="csv"${isEmpty}>Download exactly these</button> <button name="format" value="xlsx" class="second"${isEmpty}>as Excel</button></p>
</form>
<details><summary>The goals as a table</summary><div class="scroll" tabindex="0" role="group" aria-label="Goals"><table>
<thead><tr><th scope="col">Fewer than</th><th scope="col" class="number">Rows to mail</th><th scope="col" class="number">Bounces expected</th><th scope="col" class="number">Left out</th></tr></thead>
<tbody>${goals
    .filter(({ below }) => Number.isInteger(Math.round(below * 1e4) / 100))
    .map(
      (goal) =>
        html`<tr><th scope="row">${goalText(goal.below)}</th><td class="number">${groupedCount(goal.keep)}</td><td class="number">${groupedCount(bouncesOf(goal))}</td><td class="number">${groupedCount(goal.remove)}</td></tr>`,
    )}</tbody></table></div></details>
</section>`;
}

const bouncesOf = ({ keep, rate }: GoalOutcome): number => Math.round(keep * rate);

const sliderGoal = (goal: GoalOutcome): SliderGoal => ({
  ...{ below: goal.below, keep: goal.keep, remove: goal.remove },
  ...{ bounces: bouncesOf(goal), rate: percent(goal.rate) },
});

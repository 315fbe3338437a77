// The comparison of a list with the bounces of a campaign: the form on the page of the list, and its result.

import { html } from 'hono/html';
import type { Job } from '../../../jobs/job.ts';
import type { BacktestResult } from '../../../lists/run-backtest.ts';
import { counted, groupedCount } from '../../../number-text.ts';
import { percent } from '../../../reports/spikes.ts';
import type { Html } from '../docs-fields.ts';
import { consolePage, type Viewer } from './layout.ts';
import { listName } from './list-words.ts';

export const backtestForm = ({ id }: Pick<Job, 'id'>): Html => html`<details class="card" id="backtest">
<summary>You have sent it? Compare with the bounces</summary>
<form class="stack" method="post" action="/console/lists/${id}/backtest" enctype="multipart/form-data">
<p>Shows what presend would have avoided, whom you would have lost, and whether the forecast was right.</p>
<label for="bounces">The bounces that your mail tool exports (CSV)</label>
<input id="bounces" name="bounces" type="file" aria-describedby="bounces-hint">
<p id="bounces-hint" class="quiet">Leave it empty to compare with the bounces that this service recorded:</p>
<div class="fields">
<div><label for="campaign">Campaign, as your mail tool calls it</label><input id="campaign" name="campaign" maxlength="200" autocomplete="off"></div>
<div><label for="sent">Sent on</label><input id="sent" name="sent" type="date"></div>
</div>
<button>Compare</button>
</form>
</details>`;

export function backtestPage(viewer: Viewer, job: Job, result: BacktestResult): Html {
  const { addresses, bounces, bounce_rate: rate, forecast, policies } = result;
  const best = policies.find(({ caught }) => caught > 0);
  return consolePage({
    title: `${listName(job)}: comparison`,
    viewer,
    at: '/console/lists',
    body: html`<p class="trail"><a href="/console/lists">Lists</a> › <a href="/console/lists/${job.id}">${listName(job)}</a></p>
<h1>${
      bounces.hard === 0
        ? 'No address of this list bounced'
        : best === undefined
          ? `presend would have avoided none of the ${counted(bounces.hard, 'bounce')}`
          : `${groupedCount(best.caught)} of ${counted(bounces.hard, 'bounce')} could have been avoided`
    }</h1>
<section class="card verdict ${forecast.held ? 'good' : 'warn'}"><h2>${forecast.held ? 'The forecast was right' : 'The forecast was wrong'}</h2>
<p class="big">${rate === null ? '–' : percent(rate)} <span class="quiet">of ${counted(addresses, 'address', 'addresses')} bounced. The forecast was ${percent(forecast.rate)}, between ${percent(forecast.low)} and ${percent(forecast.high)}.</span></p></section>
<section aria-labelledby="with"><h2 id="with">With and without presend</h2>
<div class="scroll" tabindex="0" role="group" aria-labelledby="with"><table>
<thead><tr><th scope="col">If you leave out</th><th scope="col" class="number">Left out</th><th scope="col" class="number">Bounces avoided</th><th scope="col" class="number">People lost</th><th scope="col" class="number">Bounce rate</th></tr></thead>
<tbody><tr><th scope="row">nobody</th><td class="number">0</td><td class="number">0</td><td class="number">0</td><td class="number">${rate === null ? '–' : percent(rate)}</td></tr>
${policies.map(
  (policy) =>
    html`<tr><th scope="row">${policy.leave_out === 'reject' ? 'rows to remove' : 'rows to remove and rows to fix'}</th><td class="number">${groupedCount(policy.left_out)}</td><td class="number">${groupedCount(policy.caught)}</td><td class="number">${groupedCount(policy.false_alarms)}</td><td class="number">${policy.bounce_rate === null ? '–' : percent(policy.bounce_rate)}</td></tr>`,
)}</tbody></table></div>
<p class="quiet">“People lost” are addresses that would have been left out although mail to them did not bounce.</p></section>
<p class="quiet">${[
      bounces.not_on_list > 0 &&
        `${counted(bounces.not_on_list, 'bounce')} of addresses that are not on this list.`,
      bounces.not_hard > 0 && `${counted(bounces.not_hard, 'row')} that are no hard bounces.`,
      bounces.unclear > 0 &&
        `${counted(bounces.unclear, 'row')} that do not say whether the bounce was hard.`,
      bounces.unreadable > 0 && `${counted(bounces.unreadable, 'row')} without a readable address.`,
    ]
      .filter((text) => text !== false)
      .join(' ')}</p>`,
  });
}

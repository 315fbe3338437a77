// The page of the console about calibration: how accurate the predictions were.

import { html } from 'hono/html';
import type { Calibration, ScoredGroup } from '../../../learning/calibration.ts';
import { groupedCount } from '../../../number-text.ts';
import type { Html } from '../docs-fields.ts';
import { predictions } from '../report-predictions.ts';
import { bouncesPage, daysForm, share } from './bounces.ts';
import { dataTable, type Viewer } from './layout.ts';

const path = '/console/bounces/predictions';
const groupsShown = 50;

export const predictionsPage = (
  viewer: Viewer,
  {
    from,
    to,
    calibration,
    problem = null,
  }: {
    readonly from: string;
    readonly to: string;
    readonly calibration: Calibration;
    readonly problem?: string | null;
  },
): Html => {
  const { total, providers, sources } = calibration;
  return bouncesPage(
    viewer,
    path,
    problem,
    html`${daysForm(path, from, to)}
${
  total.predicted === null
    ? html`<p class="empty">Nothing to compare yet: no address with a verdict was mailed in these days, or no provider reported what happened to the mail.</p>`
    : html`<p class="big">${share(total.predicted.mean)} predicted, ${share(total.observed)} bounced</p>
${predictions(calibration)}
${groupTable('By mailbox provider', 'Provider', providers)}
${groupTable('By source', 'Source', sources)}`
}`,
  );
};

const groupTable = (title: string, name: string, groups: readonly ScoredGroup[]): Html =>
  html`<section><h2>${title}</h2>${dataTable(
    title,
    [name, { number: 'Messages' }, { number: 'Predicted' }, { number: 'Bounced' }],
    groups
      .slice(0, groupsShown)
      .map(
        (group) =>
          html`<tr><th scope="row">${group.name ?? html`<i>none, or not known</i>`}</th><td class="number">${groupedCount(group.outcomes)}</td><td class="number">${group.predicted === null ? '–' : share(group.predicted.mean)}</td><td class="number">${share(group.observed)}</td></tr>`,
      ),
  )}</section>`;

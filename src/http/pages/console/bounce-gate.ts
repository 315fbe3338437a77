// The page of the console about the gate: whether campaigns may be sent now, and how fast.

import { html } from 'hono/html';
import { groupedCount } from '../../../number-text.ts';
import type { AnsweredQuestion } from '../../../reports/gate/gate.ts';
import type { GateAnswer, GateDecision, GateQuestion } from '../../../reports/gate/question.ts';
import type { Html } from '../docs-fields.ts';
import { bouncesPage } from './bounces.ts';
import { dataTable, minute, options, type Viewer } from './layout.ts';

const path = '/console/bounces/gate';

const looks: Readonly<Record<GateDecision, readonly [look: string, name: string]>> = {
  go: ['completed', 'Send'],
  slow: ['waiting', 'Send slowly'],
  stop: ['failed', 'Do not send'],
};

const decisionChip = (decision: GateDecision): Html =>
  html`<span class="state ${looks[decision][0]}">${looks[decision][1]}</span>`;

/** What was entered into the form. */
export type GateFields = Readonly<
  Record<'campaign' | 'purpose' | 'from_domain' | 'list' | 'planned', string>
>;

const emptyGateFields: GateFields = {
  ...{ campaign: '', purpose: 'marketing', from_domain: '' },
  ...{ list: '', planned: '' },
};

export const gatePage = (
  viewer: Viewer,
  {
    followed,
    fields = emptyGateFields,
    answered = null,
    problem = null,
  }: {
    /** The campaigns about which the gate was asked lately, with its answers of this moment. */
    readonly followed: readonly AnsweredQuestion[];
    readonly fields?: GateFields;
    /** The question and the answer to show. */
    readonly answered?: AnsweredQuestion | null;
    readonly problem?: string | null;
  },
): Html =>
  bouncesPage(
    viewer,
    path,
    problem,
    html`${answered === null ? '' : answerCard(answered.question, answered.answer)}
<section aria-labelledby="followed"><h2 id="followed">Campaigns of the last two days</h2>
${
  followed.length === 0
    ? html`<p class="empty">No campaign yet. Ask below, or let your sending program ask before each part of a campaign.</p>`
    : dataTable(
        'Campaigns',
        ['Campaign', 'Answer now', 'Kind', 'From domain', 'List', 'Reasons'],
        followed.map(
          ({
            question,
            answer,
          }) => html`<tr><th scope="row">${question.campaign}</th><td>${decisionChip(answer.decision)}</td>
<td>${question.purpose}</td><td>${question.fromDomain ?? '–'}</td><td>${question.list ?? '–'}</td>
<td><form method="post" action="${path}/why"><input type="hidden" name="campaign" value="${question.campaign}"><input type="hidden" name="purpose" value="${question.purpose}"><button class="plain" aria-label="Why: ${question.campaign}">Why?</button></form></td></tr>`,
        ),
      )
}</section>
${askForm(fields)}`,
  );

const nameField = (
  name: 'campaign' | 'list' | 'from_domain',
  label: string,
  hint: string,
  value: string,
  isNeeded = false,
): Html =>
  html`<div><label for="${name}">${label}</label><input id="${name}" name="${name}" maxlength="200" pattern="[^@]*" title="No e-mail address" placeholder="${hint}" autocomplete="off"${isNeeded ? html` required` : ''} value="${value}"></div>`;

const askForm = ({ campaign, purpose, from_domain, list, planned }: GateFields): Html =>
  html`<section class="card" aria-labelledby="ask"><h2 id="ask">May a campaign be sent now?</h2>
<p class="quiet">The answer is based on the deliveries and bounces of the last hours. Changes of the answer are followed for two days.</p>
<form class="stack" method="post" action="${path}" autocomplete="off">
<div class="fields">
${nameField('campaign', 'Campaign', 'spring', campaign, true)}
<div><label for="purpose">It is</label><select id="purpose" name="purpose">${options(
    [
      ['marketing', 'a newsletter or an offer'],
      ['transactional', 'a receipt or a notice'],
    ],
    purpose,
  )}</select></div>
${nameField('from_domain', 'Domain in From', 'example.com', from_domain)}
${nameField('list', 'List', 'newsletter', list)}
<div><label for="planned">Messages still to send</label><input id="planned" name="planned" type="number" min="1" max="1000000000" value="${planned}"></div>
</div>
<button>Ask</button>
</form></section>`;

const answerCard = (
  { campaign }: GateQuestion,
  { decision, reasons, limits, until }: GateAnswer,
): Html => html`<section class="card" aria-labelledby="answer" role="status"><h2 id="answer">${campaign}</h2>
<p class="big">${looks[decision][1]}</p>
${reasons.length === 0 ? html`<p>Nothing speaks against sending.</p>` : html`<ul class="facts">${reasons.map((reason) => html`<li>${decisionChip(reason.decision)} ${reason.message}</li>`)}</ul>`}
${
  limits.length === 0
    ? ''
    : dataTable(
        'Limits',
        ['To', { number: 'At most in an hour' }],
        limits.map(
          ({ provider, perHour }) =>
            html`<tr><th scope="row">${provider === 'all' ? 'everybody' : (provider ?? 'other providers')}</th><td class="number">${groupedCount(perHour)}</td></tr>`,
        ),
      )
}
<p class="quiet">Ask again at ${minute(until)} UTC at the latest.</p></section>`;

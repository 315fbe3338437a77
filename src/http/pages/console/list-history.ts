// The earlier verifications of a kept list, and what changed since.

import { html } from 'hono/html';
import { dayName } from '../../../calendar.ts';
import { mayBeKept } from '../../../jobs/due.ts';
import type { Change, Job } from '../../../jobs/job.ts';
import { counted, groupedCount } from '../../../number-text.ts';
import type { Html } from '../docs-fields.ts';

/** One verification of a list, and what it changed. */
export interface PastCheck {
  readonly job: Job;
  readonly changes: readonly Change[];
}

/** `past`: the verification that the page shows, then the ones before it. `later`: those after it. All are latest first. */
export function pastChecks(
  job: Job,
  { past, later }: { readonly past: readonly PastCheck[]; readonly later: readonly PastCheck[] },
): Html | string {
  const { id, keptUntil, dueAt } = job;
  const button = (what: 'keep' | 'forget', text: string): Html =>
    html`<form method="post" action="/console/lists/${id}/${what}"><button class="second">${text}</button></form>`;
  const isLatest = later.length === 0;
  if (past.length + later.length < 2 && keptUntil === null && !mayBeKept(job)) return '';
  return html`<section aria-labelledby="history"><h2 id="history">Check again later</h2>
${
  keptUntil !== null
    ? html`<p>The list is kept until ${dayName(keptUntil)}${dueAt === null ? '' : ` and is checked again on ${dayName(dueAt)}`}.</p>${job.state === 'completed' ? button('forget', 'Do not check again') : ''}`
    : isLatest && mayBeKept(job)
      ? html`<p>Mailboxes close over time. presend can keep the list, check it again every ${job.options.maxAgeDays} days, and show what changed.</p>${button('keep', 'Keep the list and check it again')}`
      : ''
}
${
  past.length + later.length < 2
    ? ''
    : html`<ol class="history">${[...later, ...past].map(
        ({ job, changes }) =>
          html`<li><b>${job.id === id ? dayName(job.createdAt) : html`<a href="/console/lists/${job.id}">${dayName(job.createdAt)}</a>`}</b>: ${counted(job.rows ?? 0, 'row')}. ${job.follows === null ? 'First check.' : changes.length === 0 ? 'Nothing changed.' : changed(changes)}</li>`,
      )}</ol>`
}</section>`;
}

const words: Readonly<Record<string, string>> = {
  deliverable: 'good',
  risky: 'risky',
  undeliverable: 'dead',
  unknown: 'not known',
  '': 'not checked',
};

const changed = (changes: readonly Change[]): Html =>
  html`Changed: ${[...changes]
    .sort((a, b) => b.rows - a.rows)
    .map(
      ({ before, after, rows }) =>
        `${groupedCount(rows)} from ${words[before] ?? before} to ${words[after] ?? after}`,
    )
    .join(', ')}.`;

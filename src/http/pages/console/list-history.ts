// The earlier verifications of a kept list, and what changed since.

import { html } from 'hono/html';
import { dayName } from '../../../calendar.ts';
import type { Change, Job } from '../../../jobs/job.ts';
import type { Html } from '../docs-fields.ts';
import { number } from './layout.ts';
import { counted } from './list-words.ts';

/** One verification of a list, and what it changed. */
export interface PastCheck {
  readonly job: Job;
  readonly changes: readonly Change[];
}

/** `past`: the verification that the page shows, then the ones before it. Empty if the list was not kept. */
export function pastChecks({ dueAt, keptUntil }: Job, past: readonly PastCheck[]): Html | string {
  if (past.length < 2 && dueAt === null && keptUntil === null) return '';
  return html`<section aria-labelledby="history"><h2 id="history">History</h2>
${dueAt === null ? '' : html`<p>The list is kept${keptUntil === null ? '' : ` until ${dayName(keptUntil)}`} and is checked again on ${dayName(dueAt)}.</p>`}
<ol class="history">${past.map(
    ({ job, changes }, index) =>
      html`<li><b>${index === 0 ? dayName(job.createdAt) : html`<a href="/console/lists/${job.id}">${dayName(job.createdAt)}</a>`}</b>: ${counted(job.rows ?? 0, 'row')}. ${job.follows === null ? 'First check.' : changes.length === 0 ? 'Nothing changed.' : changed(changes)}</li>`,
  )}</ol></section>`;
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
        `${number(rows)} from ${words[before] ?? before} to ${words[after] ?? after}`,
    )
    .join(', ')}.`;

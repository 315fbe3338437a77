// The page of the console for the health of the service, and its settings in force.

import { html } from 'hono/html';
import { counted, groupedCount } from '../../../number-text.ts';
import type { Html } from '../docs-fields.ts';
import { capitalized, consolePage, dataTable, type Viewer } from './layout.ts';

export interface HealthView {
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
  /** What to do, if no resolver answers. */
  readonly message: string | null;
  readonly jobs: { readonly leased: number; readonly open: boolean };
  readonly data: { readonly version: string; readonly ageDays: number; readonly isOld: boolean };
  readonly version: string;
  readonly settings: readonly { readonly name: string; readonly value: string }[];
}

const line = (isGood: boolean, name: string, detail: Html | string): Html =>
  html`<li class="${isGood ? 'done' : 'open'}"><b>${name}</b> <span>${detail}</span></li>`;

export function healthPage(
  viewer: Viewer,
  { checks, message, jobs, data, version, settings }: HealthView,
): Html {
  const isWell = checks.every(({ ok }) => ok) && !data.isOld;
  return consolePage({
    title: 'Health',
    viewer,
    at: '/console/health',
    body: html`<h1>Health</h1>
<p><span class="state ${isWell ? 'completed' : 'failed'}">${isWell ? 'Everything works' : 'Something needs attention'}</span></p>
${message === null ? '' : html`<p class="notice error" role="alert">${message}</p>`}
<section aria-label="Checks"><ul class="checks">
${checks.map(({ name, ok, detail }) => line(ok, capitalized(name), ok ? 'works' : (detail ?? 'does not work')))}
${line(true, 'Lists', jobs.open ? `${groupedCount(jobs.leased)} parts of lists are being verified` : 'None is waiting')}
${line(
  !data.isOld,
  'Domain data',
  html`${data.version}, ${data.ageDays === 0 ? 'from today' : `${counted(data.ageDays, 'day')} old`}${data.isOld ? html`. Update it with <code>presend data update</code>, or a new release.` : ''}`,
)}
${line(true, 'Version', version)}
</ul></section>
<section><h2>Settings in force</h2>
<p class="quiet">For secrets, and for URLs that may contain one, this page shows only whether they are set. The page <a href="/console/connections">Connections</a> shows the settings of webhooks.</p>
${dataTable(
  'Settings in force',
  ['Setting', 'Value'],
  settings.map(
    ({ name, value }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td class="record">${value}</td></tr>`,
  ),
)}</section>`,
  });
}

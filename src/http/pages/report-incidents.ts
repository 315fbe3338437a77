// The open incidents on the page /reports.

import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { StoredIncident } from '../../reports/incidents/incident.ts';

/** The section with the open incidents; empty if there are none. */
export const incidentSection = (
  incidents: readonly StoredIncident[],
): HtmlEscapedString | Promise<HtmlEscapedString> =>
  incidents.length === 0
    ? html``
    : html`<section><h2>Open incidents</h2><ul class="findings">
${incidents.map(
  ({ severity, openedAt, explanation, advice }) =>
    html`<li class="${severity === 'critical' ? 'stop' : 'concerning'}"><p><b>${explanation}</b></p>
<p>Open since ${new Date(openedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC. ${advice}</p></li>`,
)}
</ul></section>`;

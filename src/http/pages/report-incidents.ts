// The open incidents on the page /reports.

import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { minuteName } from '../../calendar.ts';
import type { DnsChangeRecord } from '../../reports/incidents/diagnosis-record.ts';
import type { StoredIncident } from '../../reports/incidents/incident.ts';

/** The section with the open incidents; empty if there are none. */
export const incidentSection = (
  incidents: readonly StoredIncident[],
): HtmlEscapedString | Promise<HtmlEscapedString> =>
  incidents.length === 0
    ? html``
    : html`<section><h2>Open incidents</h2><ul class="findings">
${incidents.map(
  ({ severity, openedAt, explanation, advice, diagnosis, change }) =>
    html`<li class="${severity === 'critical' ? 'stop' : 'concerning'}"><p><b>${explanation}</b></p>
<p>Open since ${minuteName(openedAt)} UTC. ${advice}</p>${diagnosis ? html`<p>Cause: ${diagnosis.sentence}</p>` : ''}${change ? bothStates(change) : ''}</li>`,
)}
</ul></section>`;

const bothStates = ({ values }: DnsChangeRecord): HtmlEscapedString | Promise<HtmlEscapedString> =>
  html`<div class="scroll" role="region" aria-label="Records before and now" tabindex="0"><table><thead><tr><th scope="col">Record</th><th scope="col">Before</th><th scope="col">Now</th></tr></thead>
<tbody>${values.map(
    ({ name, before, after }) =>
      html`<tr><th scope="row">${recordName(name)}</th><td>${before}</td><td>${after}</td></tr>`,
  )}</tbody></table></div>`;

/** The name of a value in the sender's DNS as people write it: `dmarc record` as `DMARC record`. */
export function recordName(name: string): string {
  const text = name.replace(/\b(?:dkim|dmarc|spf|mx|ptr|tls|mta-sts|bimi|ip)\b/g, (word) =>
    word.toUpperCase(),
  );
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

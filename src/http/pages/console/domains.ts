// The pages of the console about the domains that send: what to publish in their DNS, since when, and what changed.

import { html } from 'hono/html';
import { dayMs } from '../../../durations.ts';
import { groupedCount } from '../../../number-text.ts';
import type { FindingSeverity, PreflightFinding } from '../../../preflight/finding.ts';
import type { PreflightAnswer } from '../../../preflight/preflight.ts';
import type { WatchedDomain } from '../../../preflight/watch/watch.ts';
import type { StoredChange } from '../../../preflight/watch/watch-repository.ts';
import { incidentCauses, type StoredIncident } from '../../../reports/incidents/incident.ts';
import type { Html } from '../docs-fields.ts';
import { bothStates } from './bounce-incidents.ts';
import { capitalized, consolePage, copyable, dataTable, minute, notice, type Viewer } from './layout.ts';

const path = '/console/domains';

const looks: Readonly<Record<FindingSeverity, readonly [look: string, one: string, many: string]>> = {
  error: ['failed', 'error', 'errors'],
  warning: ['waiting', 'warning', 'warnings'],
  info: ['', 'hint', 'hints'],
};
const severities = ['error', 'warning', 'info'] as const;

const domainsFrame = (viewer: Viewer, title: string, problem: string | null, body: Html): Html =>
  consolePage({
    title,
    viewer,
    at: path,
    body: html`${title === 'Sending domains' ? '' : html`<p class="trail"><a href="${path}">Sending domains</a></p>`}
<h1>${title}</h1>
${problem === null ? '' : notice(problem)}
${body}`,
  });

/** What was entered into the form. */
export type DomainFields = Readonly<Record<'domain' | 'selectors' | 'ips', string>>;

export const domainsPage = (
  viewer: Viewer,
  {
    watched,
    fields = { domain: '', selectors: '', ips: '' },
    problem = null,
  }: {
    readonly watched: readonly WatchedDomain[];
    readonly fields?: DomainFields;
    readonly problem?: string | null;
  },
): Html =>
  domainsFrame(
    viewer,
    'Sending domains',
    problem,
    html`<section aria-labelledby="watched"><h2 id="watched">Checked every day</h2>
${
  watched.length === 0
    ? html`<p class="empty">No domain is watched. The operator names them in <code>PREFLIGHT_DOMAINS</code>: presend then checks their DNS every day and tells what changed.</p>`
    : dataTable(
        'Watched domains',
        ['Domain', 'Findings', 'Checked (UTC)', 'Last change (UTC)'],
        watched.map(
          ({ domain, state, checkedAt, lastChange }) =>
            html`<tr><th scope="row"><a href="${path}/${domain}">${domain}</a></th><td>${counts(state?.findings ?? null)}</td><td>${checkedAt === null ? 'not yet' : minute(checkedAt)}</td><td>${lastChange === null ? 'none' : minute(lastChange.at)}</td></tr>`,
        ),
      )
}</section>
<section class="card" aria-labelledby="check"><h2 id="check">Check a domain now</h2>
<p class="quiet">Looks up its SPF, DKIM, DMARC and more, and changes nothing. Takes up to eight seconds.</p>
<form class="stack" method="post" action="${path}" autocomplete="off">
<div class="fields">
<div><label for="domain">Domain in From</label><input id="domain" name="domain" required maxlength="260" pattern="[^@]*" title="What follows the @" inputmode="url" autocapitalize="none" spellcheck="false" placeholder="example.com" value="${fields.domain}"></div>
<div><label for="selectors">DKIM selectors, if known</label><input id="selectors" name="selectors" maxlength="1000" autocapitalize="none" spellcheck="false" placeholder="s1, s2" value="${fields.selectors}"></div>
<div><label for="ips">IP addresses of your own mail server</label><input id="ips" name="ips" maxlength="1000" spellcheck="false" placeholder="198.51.100.7" value="${fields.ips}"></div>
</div>
<button data-busy="Checking…">Check</button>
</form></section>`,
  );

/** How many findings there are; null before the first check. */
const counts = (findings: readonly PreflightFinding[] | null): Html => {
  if (findings === null) return html`<span class="state">not checked yet</span>`;
  const shown = severities.flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    const [look, one, many] = looks[severity];
    return count === 0
      ? []
      : [html`<span class="state ${look}">${groupedCount(count)} ${count === 1 ? one : many}</span> `];
  });
  return shown.length === 0 ? html`<span class="state completed">all good</span>` : html`${shown}`;
};

/** A finding, and since when it is there, if that is known. */
interface DatedFinding extends PreflightFinding {
  readonly firstSeenAt?: number;
}

const finding = ({ about, severity, seen, meaning, causes, publish, firstSeenAt }: DatedFinding): Html => {
  const [look, name] = looks[severity];
  return html`<li class="${severity === 'error' ? 'stop' : severity === 'warning' ? 'concerning' : ''}">
<p><span class="state ${look}">${capitalized(name)}</span> <span class="quiet">${about}${firstSeenAt === undefined ? '' : html`, since ${minute(firstSeenAt)} UTC`}</span></p>
<p><b>${seen}</b></p><p>${meaning}</p>
${causes.length === 0 ? '' : html`<p class="quiet">Bounces with ${causes.join(', ')}.</p>`}
${
  publish === null
    ? ''
    : html`<p>Publish this ${publish.type} record:</p>
<dl class="publish"><dt>Name</dt><dd>${copyable(publish.name, `the name of the record for ${about}`)}</dd>
<dt>Value</dt><dd>${copyable(publish.value, `the value of the record for ${about}`)}</dd></dl>`
}
</li>`;
};

const findingsList = (findings: readonly DatedFinding[]): Html =>
  findings.length === 0
    ? html`<p>Nothing to fix: no record of the domain makes mail bounce.</p>`
    : html`<ul class="findings">${findings.map(finding)}</ul>`;

/** The answer of a check of any domain. */
export const checkedDomainPage = (viewer: Viewer, { domain, findings, facts }: PreflightAnswer): Html =>
  domainsFrame(
    viewer,
    domain,
    null,
    html`<p role="status">${counts(findings)} <span class="quiet">just checked</span></p>
${findingsList(findings)}
${
  facts.not_answered.length === 0
    ? ''
    : html`<section aria-labelledby="unanswered"><h2 id="unanswered">Not answered</h2><p class="quiet">No resolver answered these questions. They are never findings.</p>
<ul>${facts.not_answered.map(({ question, cause }) => html`<li><code>${question}</code> ${cause.replaceAll('_', ' ')}</li>`)}</ul></section>`
}`,
  );

/** How long after a change an incident may still be due to it: records are cached, and mail is sent some days later. */
const consequenceMs = 7 * dayMs;

/** The incidents of the sender that began after a change and before the next one. */
function consequences(
  incidents: readonly StoredIncident[],
  domain: string,
  { from, to }: { readonly from: number; readonly to: number },
): Html | '' {
  const end = Math.min(to, from + consequenceMs);
  const after = incidents.filter(({ kind, scope, openedAt, diagnosis }) => {
    const isOfSender = (diagnosis?.blame ?? incidentCauses[kind]) === 'sender';
    const ofDomain = diagnosis?.domain ?? scope.domain ?? domain;
    return kind !== 'sender_dns' && isOfSender && ofDomain === domain && openedAt >= from && openedAt < end;
  });
  return after.length === 0
    ? ''
    : html`<p><b>What followed</b></p><ul class="bullets">${after.map(
        ({ openedAt, closedAt, explanation }) =>
          html`<li><span class="quiet">${minute(openedAt)} UTC${closedAt === null ? ', still open' : ''}:</span> ${explanation} <a href="/console/bounces/incidents?status=all">See the incident</a></li>`,
      )}</ul>`;
}

export const watchedDomainPage = (
  viewer: Viewer,
  { domain, state, checkedAt, failedAt, dueAt }: WatchedDomain,
  {
    changes,
    incidents,
  }: { readonly changes: readonly StoredChange[]; readonly incidents: readonly StoredIncident[] },
): Html =>
  domainsFrame(
    viewer,
    domain,
    failedAt === null
      ? null
      : `No DNS resolver answered the last check. The findings are those of the check before.`,
    html`<p>${counts(state?.findings ?? null)} <span class="quiet">${checkedAt === null ? 'Not checked yet.' : html`Checked ${minute(checkedAt)} UTC.`} The next check is due ${minute(dueAt)} UTC.</span></p>
<form method="post" action="${path}/${domain}/check"><button data-busy="Checking…">Check now</button></form>
${state === null ? '' : findingsList(state.findings)}
<section aria-labelledby="drift"><h2 id="drift">What changed</h2>
${
  changes.length === 0
    ? html`<p class="empty">Nothing changed since the first check.</p>`
    : html`<ol class="changes">${changes.map(
        ({ since, at, differences, appeared, gone }, index) =>
          html`<li><p><b>${minute(at)} UTC</b> <span class="quiet">changed after ${minute(since)} UTC</span></p>${bothStates({ values: differences, appeared, gone })}
${consequences(incidents, domain, { from: since, to: changes[index - 1]?.since ?? Number.POSITIVE_INFINITY })}</li>`,
      )}</ol>`
}</section>
${
  state === null
    ? ''
    : html`<section aria-labelledby="facts"><details><summary id="facts">What the records say</summary>${dataTable(
        'Records',
        ['Record', 'Value'],
        Object.entries(state.facts).map(
          ([name, value]) => html`<tr><th scope="row">${name}</th><td class="record">${value}</td></tr>`,
        ),
      )}</details></section>`
}`,
  );

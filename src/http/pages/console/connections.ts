// The pages of the console for connections: every provider and CRM, and one of them with its URL, steps and test.

import { html } from 'hono/html';
import { dayMs, hourMs, startOfHour } from '../../../durations.ts';
import { counted, groupedCount } from '../../../number-text.ts';
import type { Html } from '../docs-fields.ts';
import { smallBars } from './bars.ts';
import { vendorOf } from './hook-steps.ts';
import { consolePage, copyable, dataTable, notice, type Viewer } from './layout.ts';
import { ago } from './time.ts';

/** A hook as GET /v1/hooks returns it. */
export interface ShownHook {
  readonly kind: 'esp' | 'crm';
  readonly name: string;
  readonly path: string;
  readonly configured: boolean;
  readonly missing: readonly string[];
  readonly events: number;
  readonly naming_nobody: number;
  readonly refused: number;
  readonly hours: readonly { readonly hour: string; readonly events: number; readonly refused: number }[];
  readonly last_event_at: string | null;
  readonly last_refusal: { readonly at: string; readonly why: string } | null;
}

/** The result of a test as POST /v1/hooks/…/test returns it. */
export interface ShownHookTest {
  readonly sample: 'signed' | 'unsigned' | null;
  readonly response: { readonly status: number; readonly problem: string | null };
  readonly configured: boolean;
  readonly verification: string;
  readonly format: string;
  readonly events: readonly {
    readonly kind: string;
    readonly class: string | null;
    readonly reason: string | null;
    readonly status: string | null;
    readonly suppresses: boolean;
  }[];
}

const at = '/console/connections';

const connectionPath = ({ kind, name }: Pick<ShownHook, 'kind' | 'name'>): string => `${at}/${kind}/${name}`;

type Look = readonly [look: string, words: string];

function stateOf({ configured, last_event_at: last, last_refusal: refusal }: ShownHook): Look {
  // Anybody can send a request without a valid signature, so single ones among events are no fault.
  const isRefusing =
    refusal !== null && (last === null || Date.parse(refusal.at) - Date.parse(last) > hourMs);
  if (isRefusing) return ['failed', configured ? 'Refuses requests' : 'Settings missing'];
  if (!configured) return ['', 'Not set up'];
  return last === null ? ['waiting', 'Waits for its first event'] : ['completed', 'Receives events'];
}

const badge = ([look, words]: Look): Html => html`<span class="state ${look}">${words}</span>`;

export function connectionsPage(viewer: Viewer, hooks: readonly ShownHook[], now: number): Html {
  const rank = ({ configured, last_event_at: last, last_refusal: refusal }: ShownHook): number =>
    last !== null ? 0 : configured ? 1 : refusal !== null ? 2 : 3;
  const title = ({ name }: ShownHook): string => vendorOf(name).title;
  const inOrder = hooks.toSorted((a, b) => rank(a) - rank(b) || title(a).localeCompare(title(b), 'en-US'));
  const inUse = inOrder.filter((hook) => rank(hook) < 3);
  const sorted = (kind: 'esp' | 'crm') => inOrder.filter((hook) => hook.kind === kind && rank(hook) === 3);
  return consolePage({
    title: 'Connections',
    viewer,
    at,
    body: html`<h1>Connections</h1>
<p>Your e-mail provider and your CRM tell presend what happened to your mail: bounces and complaints are then suppressed, and reports and verdicts learn from them.</p>
${inUse.length === 0 ? html`<p class="empty">Nothing is connected yet. Choose your e-mail provider below: its page has the URL to copy and the steps.</p>` : table('Connected', inUse, now)}
${others('E-mail providers', sorted('esp'))}
${others('CRMs and marketing tools', sorted('crm'))}`,
  });
}

const table = (
  title: string,
  hooks: readonly ShownHook[],
  now: number,
): Html => html`<section><h2>${title}</h2>
${dataTable(
  title,
  ['Name', 'State', 'Last event', { number: 'Events in 24 h' }],
  hooks.map(
    (hook) => html`<tr>
<th scope="row"><a href="${connectionPath(hook)}">${vendorOf(hook.name).title}</a></th>
<td>${badge(stateOf(hook))}</td>
<td>${hook.last_event_at === null ? '–' : ago(Date.parse(hook.last_event_at), now)}</td>
<td class="number">${groupedCount(hook.hours.filter(({ hour }) => Date.parse(hour) > now - dayMs).reduce((sum, { events }) => sum + events, 0))}</td>
</tr>`,
  ),
)}</section>`;

const others = (title: string, hooks: readonly ShownHook[]): Html | string =>
  hooks.length === 0
    ? ''
    : html`<section><h2>${title}</h2>
<ul class="connect">${hooks.map((hook) => html`<li><a href="${connectionPath(hook)}">${vendorOf(hook.name).title}</a></li>`)}</ul></section>`;

/** What a cause of a refusal means, and what to do. */
const causes: Readonly<Record<string, string>> = {
  not_configured: 'The settings are missing. The vendor sends its events again when they are set.',
  signature_wrong:
    'The signature does not match. Compare the key in the settings with the one at the vendor.',
  signature_missing: 'The request has no signature. Switch signing on at the vendor.',
  credentials_missing: 'The request has no password or token. Add it at the vendor.',
  credentials_wrong: 'The password or token is wrong. Compare it with the one in the settings.',
  timestamp_outside_window: 'The request is too old. Check the clock of this server.',
  topic_not_allowed: 'The Amazon SNS topic of the request is not in the settings. Add its ARN.',
  certificate_not_trusted: 'The signature is not that of the vendor. The request may be forged.',
  malformed: 'The body does not have the format of this vendor. Check which product sends to this URL.',
  body_too_large: 'The body is too large.',
  body_unfinished: 'The body of the request was incomplete or arrived too slowly.',
  overloaded: 'The service had no memory for the body. The vendor sends it again.',
  unavailable: 'The certificate of the vendor could not be fetched. The vendor sends the request again.',
};

const causeOf = (why: string): string => causes[why] ?? `The cause is ${why}.`;

export interface ConnectionView {
  readonly hook: ShownHook;
  readonly settings: { readonly needed: readonly string[]; readonly optional: readonly string[] };
  /** The URL for the vendor. */
  readonly url: string;
  /** Whether vendors on the internet cannot reach the URL. */
  readonly isLocal: boolean;
  readonly test: ShownHookTest | null;
  readonly now: number;
}

export function connectionPage(
  viewer: Viewer,
  { hook, settings, url, isLocal, test, now }: ConnectionView,
): Html {
  const { title, steps } = vendorOf(hook.name);
  return consolePage({
    title,
    viewer,
    at,
    body: html`<p class="trail"><a href="${at}">Connections</a></p>
<h1>${title}</h1>
<p>${badge(stateOf(hook))}</p>
<section class="card" aria-labelledby="url"><h2 id="url">URL for ${title}</h2>
${copyable(url, 'the URL')}
${isLocal ? html`<p class="quiet">${title} cannot reach this address. Open the console under the name that your server has on the internet, by HTTPS, and copy the URL there.</p>` : ''}
</section>
<section aria-labelledby="steps"><h2 id="steps">Set it up</h2>
<ol class="steps">${steps.map((step) => html`<li>${withCode(step)}</li>`)}<li>Restart presend, and test below.</li></ol></section>
<section aria-labelledby="settings"><h2 id="settings">Settings of presend</h2>
<ul class="checks">${settings.needed.map((name) => setting(name, hook.configured))}</ul>
${settings.optional.length === 0 ? '' : html`<p class="quiet">Optional: ${settings.optional.map((name, index) => html`${index === 0 ? '' : ', '}<code>${name}</code>`)}. Values of settings are never shown.</p>`}
</section>
${testSection(hook, title, test)}
${activity(hook, now)}`,
  });
}

/** Settings in a step become code. */
const withCode = (step: string): Html =>
  html`${step.split(/((?:ESP|CRM)_[A-Z0-9_]+)/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;

const setting = (name: string, isSet: boolean): Html =>
  html`<li class="${isSet ? 'done' : 'open'}"><code>${name}</code> <span>${isSet ? 'is set' : 'is missing'}</span></li>`;

const testSection = (
  hook: ShownHook,
  title: string,
  test: ShownHookTest | null,
): Html => html`<section class="card" aria-labelledby="test"><h2 id="test">Test</h2>
<p>presend makes up a bounce as ${title} sends it, and puts it through this hook. Nothing is recorded.</p>
<form method="post" action="${connectionPath(hook)}/test#test"><button>Test the connection</button></form>
${test === null ? '' : outcome(test, title)}</section>`;

function outcome(test: ShownHookTest, title: string): Html {
  const isAccepted = test.response.status < 300;
  const said = html`<p class="quiet">The hook answered with status ${test.response.status}${test.events.map(
    ({ kind, class: of, reason, suppresses }) =>
      html`, and read: ${[kind, of, reason].filter((one) => one !== null).join(', ')}${suppresses ? ', which suppresses the address' : ''}`,
  )}.</p>`;
  if (isAccepted)
    return html`${notice('It works: a bounce that is signed with your settings is accepted.', 'done')}${said}`;
  if (test.sample === 'unsigned' && test.configured)
    return html`${notice(`The settings are complete. Only ${title} can sign a request, so send a test from there.`, 'done')}${said}`;
  return html`${notice(`Refused. ${causeOf(test.verification)}`)}${said}`;
}

const shownHoursOnPage = 72;

function activity(hook: ShownHook, now: number): Html {
  const { last_event_at: last, last_refusal: refusal, events, naming_nobody: nobody, refused } = hook;
  const byHour = new Map(hook.hours.map(({ hour, ...counts }) => [Date.parse(hour), counts]));
  const first = startOfHour(now) - (shownHoursOnPage - 1) * hourMs;
  const bars = Array.from({ length: shownHoursOnPage }, (_, index) => {
    const hour = first + index * hourMs;
    const counts = byHour.get(hour) ?? { events: 0, refused: 0 };
    return {
      title: `${hourText(hour)}: ${counted(counts.events, 'event')}, ${groupedCount(counts.refused)} refused`,
      value: counts.events + counts.refused,
      bad: counts.refused,
    };
  });
  const inHours = hook.hours.reduce((sum, hour) => sum + hour.events, 0);
  return html`<section aria-labelledby="activity"><h2 id="activity">Activity</h2>
<dl class="pairs">
<div><dt>Last event</dt><dd>${last === null ? 'None yet' : ago(Date.parse(last), now)}</dd></div>
<div><dt>Last refusal</dt><dd>${refusal === null ? 'None' : ago(Date.parse(refusal.at), now)}</dd></div>
<div><dt>Events</dt><dd>${groupedCount(events)}${nobody === 0 ? '' : html` <span class="quiet">${groupedCount(nobody)} without an address</span>`}</dd></div>
<div><dt>Refused requests</dt><dd>${groupedCount(refused)}</dd></div>
</dl>
${refusal === null ? '' : html`<p>The last refusal: ${causeOf(refusal.why)}</p>`}
${
  hook.hours.length === 0
    ? html`<p class="empty">Nothing came in the last ${shownHoursOnPage} hours.</p>`
    : html`<figure>${smallBars(`${counted(inHours, 'event')} in the last ${shownHoursOnPage} hours`, bars)}
<figcaption class="quiet">Events per hour, last ${shownHoursOnPage} hours (UTC). Refused requests are red.</figcaption></figure>
<details><summary>As a table</summary>${dataTable(
        'Events per hour',
        ['Hour (UTC)', { number: 'Events' }, { number: 'Refused' }],
        hook.hours
          .toReversed()
          .map(
            (hour) =>
              html`<tr><th scope="row">${hourText(Date.parse(hour.hour))}</th><td class="number">${groupedCount(hour.events)}</td><td class="number">${groupedCount(hour.refused)}</td></tr>`,
          ),
      )}</details>`
}</section>`;
}

const hourText = (hour: number): string => new Date(hour).toISOString().slice(0, 16).replace('T', ' ');

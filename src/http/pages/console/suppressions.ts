// The pages of the console about one suppressed address: find it, add it, and lift it after new consent.

import { html } from 'hono/html';
import { enhancedStatus } from '../../../bounce/status.ts';
import type { StoredEvent } from '../../../events/event-repository.ts';
import {
  decisiveEntry,
  type SuppressionEffect,
  type SuppressionReason,
  type SuppressionScope,
} from '../../../suppression/scope.ts';
import type { Suppression } from '../../../suppression/suppressions.ts';
import type { Html } from '../docs-fields.ts';
import { eventTable } from './event-table.ts';
import { consolePage, dataTable, minute, notice, options, tabs, type Viewer } from './layout.ts';
import { type ConsoleEntry, consolePages } from './pages.ts';

const area = consolePages.find(({ name }) => name === 'Suppressions')!;

export const suppressionTabs: readonly ConsoleEntry[] = [
  { path: '/console/suppressions/find', name: 'Find', scopes: ['suppressions:read'] },
  { path: '/console/suppressions/add', name: 'Add', scopes: ['suppressions:write'] },
  { path: '/console/suppressions/files', name: 'Import and export', scopes: area.scopes },
  { path: '/console/suppressions/entries', name: 'All entries', scopes: ['suppressions:read'] },
  { path: '/console/suppressions/incident', name: 'Lift an incident', scopes: ['suppressions:write'] },
];

/** What was done, or why not. */
export interface Outcome {
  readonly kind: 'done' | 'error';
  readonly text: string;
}

export const suppressionsPage = (viewer: Viewer, at: string, outcome: Outcome | null, body: Html): Html =>
  consolePage({
    title: `${suppressionTabs.find(({ path }) => path === at)!.name} · Suppressions`,
    viewer,
    at: area.path,
    body: html`<h1>Suppressions</h1>
${tabs(viewer, 'Suppressions', suppressionTabs, at)}
${outcome === null ? '' : notice(outcome.text, outcome.kind)}
${body}`,
  });

const reasons: Readonly<Record<SuppressionReason, string>> = {
  bounce: 'Mail to it bounced',
  complaint: 'The person reported mail as spam',
  unsubscribe: 'The person unsubscribed',
  manual: 'Somebody added it by hand',
};

export const scopeName = (scope: SuppressionScope): string =>
  scope === 'all'
    ? 'All mail'
    : scope === 'marketing'
      ? 'Newsletters and offers'
      : `The list ${scope.slice('list:'.length)}`;

/** Why an address is suppressed, in words. */
export function why({ reason, status }: Pick<Suppression, 'reason' | 'status'>): Html {
  const meaning = status === null ? undefined : enhancedStatus(status)?.meaning;
  return html`${reasons[reason]}${status === null ? '' : html` <span class="quiet">${status}${meaning === undefined ? '' : `: ${meaning}`}</span>`}`;
}

/** An address that was looked up. `events` is null if the key may not read them. */
export interface AddressLookup {
  readonly email: string;
  readonly entries: readonly Suppression[];
  readonly events: readonly StoredEvent[] | null;
  /** Whether entries are stored under another ADDRESS_HASH_KEY. They cannot be found. */
  readonly hasOtherKeys: boolean;
}

const addressField = (id: string, label: string, email: string): Html =>
  html`<label for="${id}">${label}</label><input id="${id}" name="email" inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="1024" value="${email}">`;

export const findPage = (
  viewer: Viewer,
  {
    email = '',
    found = null,
    outcome = null,
    now,
  }: {
    readonly email?: string;
    readonly found?: AddressLookup | null;
    readonly outcome?: Outcome | null;
    readonly now: number;
  },
): Html =>
  suppressionsPage(
    viewer,
    '/console/suppressions/find',
    outcome,
    html`<form class="card stack" method="post" action="/console/suppressions/find" autocomplete="off">
${addressField('email', 'E-mail address', found?.email ?? email)}
<p class="quiet">presend keeps no addresses, only their hashes, so it finds an address only if you enter all of it.</p>
<button>Find</button>
</form>
${found === null ? '' : result(viewer, found, now)}`,
  );

const mails = [
  ['marketing', 'Newsletters and offers'],
  ['transactional', 'Receipts and notices'],
  ['signup', 'A sign-up in a form'],
] as const;

const effects: Readonly<Record<SuppressionEffect, string>> = {
  block: 'Stopped',
  confirm: 'Only after a confirmation',
  inform: 'Goes out',
};

function headline(entries: readonly Suppression[]): string {
  const isStopped = (purpose: 'marketing' | 'transactional') =>
    decisiveEntry(entries, { purpose, list: null })?.effect === 'block';
  if (entries.length === 0) return 'Not suppressed';
  if (isStopped('transactional')) return 'Gets no mail';
  return isStopped('marketing') ? 'Gets no newsletters and offers' : 'Left some lists';
}

function result(viewer: Viewer, { email, entries, events, hasOtherKeys }: AddressLookup, now: number): Html {
  const lists = entries.flatMap(({ scope }) =>
    scope.startsWith('list:') ? [scope.slice('list:'.length)] : [],
  );
  const asked = [
    ...mails.map(([purpose, name]) => ({ name, question: { purpose, list: null } })),
    ...lists.map((list) => ({
      name: scopeName(`list:${list}`),
      question: { purpose: 'marketing', list } as const,
    })),
  ];
  return html`<section class="card" aria-labelledby="found">
<h2 id="found">${email}</h2>
<p class="big">${headline(entries)}</p>
<dl class="pairs">${asked.map(({ name, question }) => {
    const effect = decisiveEntry(entries, question)?.effect ?? 'inform';
    return html`<div><dt>${name}</dt><dd><span class="state ${effect === 'block' ? 'failed' : effect === 'confirm' ? 'waiting' : 'completed'}">${effects[effect]}</span></dd></div>`;
  })}</dl>
${
  entries.length === 0
    ? ''
    : dataTable(
        'Entries of the address',
        ['Stops', 'Why', 'Since (UTC)', 'From'],
        entries.map(
          (entry) =>
            html`<tr><th scope="row">${scopeName(entry.scope)}</th><td>${why(entry)}</td><td>${minute(entry.since)}</td><td>${entry.source ?? 'not recorded'}</td></tr>`,
        ),
      )
}
${hasOtherKeys ? html`<p class="notice error">Some entries were stored under another ADDRESS_HASH_KEY. An entry of this address among them cannot be found.</p>` : ''}
</section>
${viewer.may('suppressions:write') ? (entries.length === 0 ? adding(email) : lifting(email, entries, now)) : ''}
${events === null ? '' : history(events)}`;
}

const adding = (email: string): Html =>
  html`<section aria-labelledby="add"><h2 id="add">Stop mail to this address</h2>${addForm({ email })}</section>`;

const history = (events: readonly StoredEvent[]): Html =>
  html`<section aria-labelledby="events"><h2 id="events">What came back from it</h2>
${events.length === 0 ? html`<p class="empty">The event log has nothing about this address.</p>` : eventTable('Events of the address', events)}</section>`;

/** The value of an input for a date and a time, in UTC. */
const inputMinute = (at: number): string => new Date(at).toISOString().slice(0, 16);

function lifting(email: string, entries: readonly Suppression[], now: number): Html {
  if (entries.some(({ reason }) => reason === 'complaint'))
    return html`<section aria-labelledby="lift"><h2 id="lift">Lift</h2><p>The person reported your mail as spam. Such an entry is never lifted: do not mail this person.</p></section>`;
  const scopes = [...new Set(entries.map(({ scope }) => scope))];
  return html`<section class="card" aria-labelledby="lift"><h2 id="lift">Lift after new consent</h2>
<p class="quiet">Only if the person asked for your mail again, after ${minute(Math.max(...entries.map(({ since }) => since)))} UTC. The lift is recorded with its evidence.</p>
<form class="stack" method="post" action="/console/suppressions/remove">
<input type="hidden" name="email" value="${email}">
<div class="fields">
<div><label for="lift-scope">Lift</label><select id="lift-scope" name="scope">${options(
    scopes.length === 1
      ? [[scopes[0]!, scopeName(scopes[0]!)]]
      : [['', 'Every entry'], ...scopes.map((scope) => [scope, scopeName(scope)] as const)],
    '',
  )}</select></div>
<div><label for="consent-at">Consent given at (UTC)</label><input id="consent-at" name="at" type="datetime-local" required max="${inputMinute(now)}"></div>
<div><label for="evidence">Where the consent is recorded</label><input id="evidence" name="evidence" required maxlength="1000" pattern="[^@]*" title="No e-mail address" placeholder="confirmation 4711" autocomplete="off"></div>
</div>
<label class="check"><input type="checkbox" name="kind" value="double_opt_in" required> The person clicked a link in a message to this address (double opt-in)</label>
<button>Lift</button>
</form></section>`;
}

const addReasons: readonly (readonly [SuppressionReason, string])[] = [
  ['manual', 'I decide so'],
  ['unsubscribe', 'The person unsubscribed'],
  ['bounce', 'Mail to it bounced'],
  ['complaint', 'The person reported mail as spam (cannot be lifted)'],
];

const scopeChoices = [
  ['', 'By the reason: an unsubscribe stops newsletters and offers, else all mail'],
  ['all', 'All mail'],
  ['marketing', 'Newsletters and offers'],
  ['list', 'One list, named below'],
] as const;

/** What was entered into the form. */
export interface AddFields {
  readonly email?: string;
  readonly reason?: string;
  readonly scope?: string;
  readonly list?: string;
  readonly source?: string;
}

const addForm = ({
  email = '',
  reason = 'manual',
  scope = '',
  list = '',
  source = 'console',
}: AddFields): Html =>
  html`<form class="card stack" method="post" action="/console/suppressions/add" autocomplete="off">
<div>${addressField('new-email', 'Address to suppress', email)}</div>
<div class="fields">
<div><label for="reason">Why</label><select id="reason" name="reason">${options(addReasons, reason)}</select></div>
<div><label for="scope">Stops</label><select id="scope" name="scope">${options(scopeChoices, scope)}</select></div>
<div><label for="list">List</label><input id="list" name="list" maxlength="100" pattern="[^@]*" title="No e-mail address" autocomplete="off" value="${list}"></div>
<div><label for="source">From</label><input id="source" name="source" maxlength="100" pattern="[^@]*" title="No e-mail address" autocomplete="off" value="${source}"></div>
</div>
<button>Suppress</button>
</form>`;

export const addPage = (viewer: Viewer, fields: AddFields, outcome: Outcome | null): Html =>
  suppressionsPage(viewer, '/console/suppressions/add', outcome, addForm(fields));

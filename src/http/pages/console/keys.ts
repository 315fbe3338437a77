// The pages of the console for API keys: all keys with a form to make one, one key, and a new key, which is shown once.

import { html } from 'hono/html';
import { dayName, minuteName } from '../../../calendar.ts';
import { type Key, type KeyState, type Scope, scopes } from '../../../keys/key.ts';
import type { KeyUse } from '../../../keys/key-uses.ts';
import { counted, groupedCount } from '../../../number-text.ts';
import type { Html } from '../docs-fields.ts';
import { smallBars } from './bars.ts';
import { consolePage, copyable, dataTable, notice, options, type Viewer } from './layout.ts';
import { pageLinks, type Sliced } from './paging.ts';

const at = '/console/keys';

/** What each scope lets the holder of a key do. */
const meanings: Readonly<Record<Scope, string>> = {
  validate: 'Check addresses',
  'suppressions:read': 'Look up and export the suppression list',
  'suppressions:write': 'Suppress, lift and erase',
  'bounces:write': 'Report bounces',
  'reports:read': 'Reports, connections and health',
  'events:read': 'The log of delivery events',
  jobs: 'Lists: upload, verify, download',
  domains: 'Allow and deny domains',
  preflight: 'Check sending domains',
  gate: 'Ask whether a campaign may be sent',
  probe: 'Ask mail hosts whether mailboxes exist',
  'audit:read': 'See who did what',
  keys: 'Make, rotate and revoke keys',
};

export interface ListedKey {
  readonly key: Key;
  readonly state: KeyState;
  /** The calls by day, the present day last. */
  readonly uses: readonly KeyUse[];
}

/** What a person entered into the form. */
export interface KeyFields {
  readonly name: string;
  readonly kind: string;
  readonly scopes: readonly string[];
  readonly origins: string;
}

const noFields: KeyFields = { name: '', kind: 'secret', scopes: [], origins: '' };

const looks: Readonly<Record<KeyState, readonly [look: string, words: string]>> = {
  valid: ['completed', 'Valid'],
  expired: ['', 'Expired'],
  revoked: ['failed', 'Revoked'],
};

const badge = ({ state, key }: Pick<ListedKey, 'state' | 'key'>): Html => {
  const isLeaving = state === 'valid' && key.expiresAt !== null;
  const [look, words] = isLeaving ? (['waiting', 'Rotated'] as const) : looks[state];
  return html`<span class="state ${look}">${words}</span>`;
};

const rightsOf = (key: Key): string =>
  key.kind === 'publishable'
    ? `Forms on ${key.origins.join(', ')}`
    : key.scopes === null
      ? 'Everything'
      : key.scopes.join(', ');

const sumOf = (uses: readonly KeyUse[], of: 'calls' | 'refused' = 'calls'): number =>
  uses.reduce((sum, use) => sum + use[of], 0);

export const keysPage = (
  viewer: Viewer,
  {
    page,
    isFirst,
    fields = noFields,
    problem = null,
    done = null,
  }: {
    readonly page: Sliced<ListedKey>;
    readonly isFirst: boolean;
    readonly fields?: KeyFields;
    readonly problem?: string | null;
    readonly done?: string | null;
  },
): Html =>
  consolePage({
    title: 'Keys',
    viewer,
    at,
    body: html`<h1>Keys</h1>
${problem === null ? '' : notice(problem)}${done === null ? '' : notice(done, 'done')}
${page.items.length === 0 ? makeForm(viewer, fields) : ''}
<section><h2>All keys</h2>
${
  page.items.length === 0
    ? html`<p class="empty">There is no key yet. As soon as one exists, every call needs a key, so the first one must be allowed to make keys.</p>`
    : dataTable(
        'All keys',
        ['Key', 'State', 'May', 'Last used', { number: 'Calls in 30 days' }, { number: 'Refused' }],
        page.items.map(
          ({ key, state, uses }) => html`<tr>
<th scope="row"><a href="${at}/${key.id}">${key.name}</a><br><code>${key.prefix}…</code></th>
<td>${badge({ key, state })}</td>
<td class="rights">${rightsOf(key)}</td>
<td>${key.lastUsedOn === null ? 'Never' : html`<time>${key.lastUsedOn}</time>`}</td>
<td class="number">${groupedCount(sumOf(uses))}</td>
<td class="number">${groupedCount(sumOf(uses, 'refused'))}</td>
</tr>`,
        ),
      )
}
${pageLinks(at, { next: page.next, isFirst }, { first: 'Newest keys', next: 'Older keys' })}
</section>
${page.items.length === 0 ? '' : makeForm(viewer, fields)}`,
  });

const makeForm = (
  viewer: Viewer,
  fields: KeyFields,
): Html => html`<section class="card" aria-labelledby="make"><h2 id="make">Make a key</h2>
<form class="stack" method="post" action="${at}">
<div class="fields">
<div><label for="name">What is it for?</label><input id="name" name="name" required maxlength="100" pattern="[^@]*" placeholder="CRM import" autocomplete="off" value="${fields.name}"></div>
<div><label for="kind">Where will it be?</label><select id="kind" name="kind">${options(
  [
    ['secret', 'On a server, or with a person'],
    ['publishable', 'In a form on a web page'],
  ],
  fields.kind,
)}</select></div>
</div>
<fieldset><legend>A secret key may</legend><p class="quiet">Without a choice: everything that your own key may.</p>
<div class="choices">${scopes
  .filter(viewer.may)
  .map(
    (scope) =>
      html`<label><input type="checkbox" name="scopes" value="${scope}"${fields.scopes.includes(scope) ? html` checked` : ''}> <span>${meanings[scope]} <code>${scope}</code></span></label>`,
  )}</div></fieldset>
<div><label for="origins">A form is on the pages of</label><input id="origins" name="origins" placeholder="https://shop.example" autocomplete="off" value="${fields.origins}" aria-describedby="origins-hint">
<p id="origins-hint" class="quiet">Origins, separated by commas. Only for a key in a web page.</p></div>
<button>Make the key</button>
</form></section>`;

const refusedText = (refused: number): string => (refused === 0 ? '' : `, ${groupedCount(refused)} refused`);

/** The page that shows a new key. The key is nowhere else. */
export const newKeyPage = (
  viewer: Viewer,
  {
    key,
    text,
    replaced,
    isSignedIn,
  }: {
    readonly key: Key;
    readonly text: string;
    /** The key that it replaces; null if it is a new one. */
    readonly replaced: Key | null;
    /** Whether the person was signed in with it, because it is the first key. */
    readonly isSignedIn: boolean;
  },
): Html =>
  consolePage({
    title: 'New key',
    viewer,
    at,
    body: html`<p class="trail"><a href="${at}">Keys</a></p>
<h1>${key.name}</h1>
<section class="card" aria-labelledby="key"><h2 id="key">Copy the key now</h2>
<p>It is shown only on this page. presend keeps its hash, so nobody can show it again.</p>
${copyable(text, 'the key')}
</section>
${replaced === null ? '' : html`<p>It replaces a key that ${replaced.expiresAt === null ? 'is still valid' : html`is valid until ${minuteName(replaced.expiresAt)} UTC`}. Switch your callers to the new one before that.</p>`}
${isSignedIn ? html`<p>From now on every call needs a key. You are signed in with this one.</p>` : ''}
<p><a href="${at}">I have copied it</a></p>`,
  });

const overlaps = [
  ['86400', 'for a day more'],
  ['3600', 'for an hour more'],
  ['604800', 'for a week more'],
  ['0', 'no longer'],
] as const;

export const keyPage = (
  viewer: Viewer,
  {
    listed,
    isOwn,
    mayRotate,
    problem = null,
  }: {
    readonly listed: ListedKey;
    /** Whether the person is signed in with this key. */
    readonly isOwn: boolean;
    readonly mayRotate: boolean;
    readonly problem?: string | null;
  },
): Html => {
  const { key, state, uses } = listed;
  return consolePage({
    title: key.name,
    viewer,
    at,
    body: html`<p class="trail"><a href="${at}">Keys</a></p>
<h1>${key.name}</h1>
${problem === null ? '' : notice(problem)}
<p>${badge(listed)} <code>${key.prefix}…</code></p>
<section aria-label="Facts"><dl class="pairs">
<div><dt>Kind</dt><dd>${key.kind === 'secret' ? 'Secret key' : 'Publishable key'}</dd></div>
<div><dt>Id</dt><dd><code>${key.id}</code></dd></div>
<div><dt>Made (UTC)</dt><dd>${minuteName(key.createdAt)}</dd></div>
<div><dt>Last used</dt><dd>${key.lastUsedOn ?? 'Never'}</dd></div>
${key.expiresAt === null ? '' : html`<div><dt>${state === 'expired' ? 'Expired' : 'Expires'} (UTC)</dt><dd>${minuteName(key.expiresAt)}</dd></div>`}
${key.revokedAt === null ? '' : html`<div><dt>Revoked (UTC)</dt><dd>${minuteName(key.revokedAt)}</dd></div>`}
${key.replacedBy === null ? '' : html`<div><dt>Replaced by</dt><dd><a href="${at}/${key.replacedBy}"><code>${key.replacedBy}</code></a></dd></div>`}
<div><dt>May</dt><dd>${rightsOf(key)}</dd></div>
</dl></section>
<section aria-labelledby="use"><h2 id="use">Use by day</h2>
${
  sumOf(uses) + sumOf(uses, 'refused') === 0
    ? html`<p class="empty">No call in the last ${uses.length} days.</p>`
    : html`<figure>${smallBars(
        `${counted(sumOf(uses), 'call')} in the last ${uses.length} days${refusedText(sumOf(uses, 'refused'))}`,
        uses.map(({ day, calls, refused }) => ({
          title: `${day}: ${counted(calls, 'call')}${refusedText(refused)}`,
          value: calls + refused,
          bad: refused,
        })),
      )}<figcaption class="quiet">${counted(sumOf(uses), 'call')}${refusedText(sumOf(uses, 'refused'))} from ${uses[0]!.day} to ${uses.at(-1)!.day} (UTC).${sumOf(uses, 'refused') === 0 ? '' : ' Refused calls are red: the key had ended, lacked a scope, came from another origin or was over its limit.'}</figcaption></figure>
<details><summary>As a table</summary>${dataTable(
        'Use by day',
        ['Day (UTC)', { number: 'Calls' }, { number: 'Refused' }],
        uses
          .filter(({ calls, refused }) => calls + refused > 0)
          .toReversed()
          .map(
            ({ day, calls, refused }) =>
              html`<tr><th scope="row">${day}</th><td class="number">${groupedCount(calls)}</td><td class="number">${groupedCount(refused)}</td></tr>`,
          ),
      )}</details>`
}</section>
${state === 'valid' ? actions(listed, isOwn, mayRotate) : ''}`,
  });
};

const actions = (
  { key }: ListedKey,
  isOwn: boolean,
  mayRotate: boolean,
): Html => html`<section aria-label="Actions" class="actions">
${
  mayRotate
    ? html`<details><summary>Rotate</summary><p>Makes a key with the same rights. This one stays valid for a while, so that callers can switch.</p>
<form class="inline" method="post" action="${at}/${key.id}/rotate"><div><label for="overlap">This key stays valid</label><select id="overlap" name="overlap">${options(overlaps, '86400')}</select></div><button>Rotate the key</button></form></details>`
    : ''
}
<details><summary>Revoke</summary><p>Every call with this key is refused within 10 seconds. This cannot be undone.${isOwn ? ' You are signed in with this key: you will be signed out.' : ''}</p>
<form method="post" action="${at}/${key.id}/revoke"><button class="danger">Revoke the key</button></form></details>
</section>`;

/** The sentence after a key was revoked. */
export const revokedText = (key: Key, now: number): string =>
  `Revoked ${key.name} on ${dayName(now)}. Calls with it are refused within 10 seconds.`;

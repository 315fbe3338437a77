// The page of the console for allowed and denied domains.

import { html } from 'hono/html';
import { counted, groupedCount } from '../../../number-text.ts';
import { formatDomainEntry } from '../../../overrides/domain-lists.ts';
import { type DomainOverride, maxOverrides } from '../../../overrides/override-store.ts';
import type { Html } from '../docs-fields.ts';
import { consolePage, dataTable, minute, notice, options, type Viewer } from './layout.ts';
import { pageLinks, type Sliced } from './paging.ts';

const at = '/console/overrides';

export interface OverrideFields {
  readonly domain: string;
  readonly word: string;
  readonly note: string;
}

export const overridesPage = (
  viewer: Viewer,
  {
    page,
    total,
    isFirst,
    search,
    fields,
    problem = null,
    done = null,
  }: {
    readonly page: Sliced<DomainOverride>;
    readonly total: number;
    readonly isFirst: boolean;
    readonly search: string;
    readonly fields: OverrideFields;
    readonly problem?: string | null;
    readonly done?: string | null;
  },
): Html =>
  consolePage({
    title: 'Overrides',
    viewer,
    at,
    body: html`<h1>Overrides</h1>
<p>Domains that you allow or deny, whatever presend's own lists say. An allowed domain is never called disposable or misspelled. Addresses at a denied domain are rejected.</p>
${problem === null ? '' : notice(problem)}${done === null ? '' : notice(done, 'done')}
<section class="card" aria-labelledby="add"><h2 id="add">Allow or deny a domain</h2>
<form class="stack" method="post" action="${at}">
<div class="fields">
<div><label for="domain">Domain</label><input id="domain" name="domain" required maxlength="255" placeholder="example.com" autocomplete="off" autocapitalize="none" spellcheck="false" value="${fields.domain}" aria-describedby="domain-hint"></div>
<div><label for="word">What to do</label><select id="word" name="word">${options(
      [
        ['deny', 'Deny it'],
        ['allow', 'Allow it'],
      ],
      fields.word,
    )}</select></div>
<div><label for="note">Why (optional)</label><input id="note" name="note" maxlength="200" autocomplete="off" value="${fields.note}"></div>
</div>
<p id="domain-hint" class="quiet">With *.example.com its subdomains too.</p>
<button>Save</button>
</form></section>
<section><h2>${counted(total, 'entry', 'entries')}</h2>
${
  total === 0
    ? html`<p class="empty">No domain is allowed or denied yet. Up to ${groupedCount(maxOverrides)} are possible here; longer lists go into files (<code>ALLOW_FILE</code>, <code>DENY_FILE</code>).</p>`
    : html`<form class="inline" method="get" action="${at}" role="search"><div><label for="search">Domain contains</label><input id="search" name="search" maxlength="255" autocomplete="off" value="${search}"></div><button class="plain">Show</button></form>
${
  page.items.length === 0
    ? html`<p class="empty">Nothing matches.</p>`
    : dataTable(
        'Allowed and denied domains',
        ['Domain', 'State', 'Why', 'Since (UTC)', 'Remove'],
        page.items.map((entry) => {
          const domain = formatDomainEntry(entry);
          return html`<tr><th scope="row">${domain}</th>
<td><span class="state ${entry.kind === 'allow' ? 'completed' : 'failed'}">${entry.kind === 'allow' ? 'Allowed' : 'Denied'}</span></td>
<td>${entry.note ?? '–'}</td><td>${minute(entry.since)}</td>
<td><form method="post" action="${at}/remove"><input type="hidden" name="domain" value="${domain}"><button class="plain" aria-label="Remove ${domain}">Remove</button></form></td></tr>`;
        }),
      )
}
${pageLinks(at, { next: page.next, isFirst, query: search === '' ? {} : { search } }, { first: 'First entries', next: 'More entries' })}`
}
</section>`,
  });

// The frame of every page of the console. The pages work without scripts, and load nothing from other origins.

import { html } from 'hono/html';
import { minuteName } from '../../../calendar.ts';
import type { Scope } from '../../../keys/key.ts';
import type { Html } from '../docs-fields.ts';
import { mark } from '../mark.ts';
import { type ConsoleArea, type ConsoleEntry, consolePages } from './pages.ts';

/** What a page of the console knows about the person who sees it. */
export interface Viewer {
  /** The name of the key with which they signed in; null if the service needs no key, and so no one signs in. */
  readonly name: string | null;
  /** Whether the person's key has a scope. Parts of a page that need another scope are not shown. */
  readonly may: (scope: Scope) => boolean;
}

interface Page {
  readonly title: string;
  readonly viewer: Viewer | null;
  /** The path of the page in the navigation. */
  readonly at?: string;
  readonly body: Html;
}

/** Those of the pages that the viewer's key opens. */
const openTo = ({ may }: Viewer, pages: readonly ConsoleEntry[]): readonly ConsoleEntry[] =>
  pages.filter(({ scopes }) => scopes.some(may));

/** The path of the first page that the viewer's key opens; null if there is none. */
export const firstPageOf = (viewer: Viewer, pages = consolePages): string | null =>
  openTo(viewer, pages)[0]?.path ?? null;

export const consolePage = ({ title, viewer, at, body }: Page): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · presend</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/console.css">
<script src="/console.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/console">${mark}presend</a>
${viewer === null ? '' : html`<button type="button" class="menu" popovertarget="pages">Menu</button>`}
</header>
${viewer === null ? '' : navigation(viewer, at)}
<main id="main">
${body}
</main>
<p id="spoken" class="unseen" role="status"></p>
</body>
</html>`;

const signedIn = (name: string): Html =>
  html`<form class="who" method="post" action="/console/sign-out"><span>Signed in with <b>${name}</b></span> <button class="plain">Sign out</button></form>`;

const start = { path: '/console', name: 'Start' };

const areas: Readonly<Record<ConsoleArea, string>> = {
  mail: 'Your mail',
  setup: 'Set up',
  service: 'Service',
};

/** On a narrow screen, the navigation is opened by the button above. Browsers that know no popovers always show it. */
const navigation = (viewer: Viewer, at: string | undefined): Html =>
  html`<nav id="pages" class="pages" aria-label="Console" popover>${linkTo([start], at)}${Object.entries(
    areas,
  ).map(([area, name]) => {
    const pages = openTo(viewer, consolePages).filter((page) => page.area === area);
    return pages.length === 0 ? '' : html`<p class="area">${name}</p>${linkTo(pages, at)}`;
  })}${viewer.name === null ? '' : signedIn(viewer.name)}</nav>`;

const linkTo = (pages: readonly Pick<ConsoleEntry, 'path' | 'name'>[], at: string | undefined): Html =>
  html`${pages.map(
    ({ path, name }) => html`<a href="${path}"${path === at ? html` aria-current="page"` : ''}>${name}</a> `,
  )}`;

/** The pages of one area, as a second navigation under its heading. What the key does not open is left out. */
export const tabs = (viewer: Viewer, label: string, pages: readonly ConsoleEntry[], at: string): Html =>
  html`<nav class="tabs" aria-label="${label}">${linkTo(openTo(viewer, pages), at)}</nav>`;

/** A message above the content: what went wrong, or what was done. */
export const notice = (text: string, kind: 'error' | 'done' = 'error'): Html =>
  html`<p class="notice ${kind}" role="${kind === 'error' ? 'alert' : 'status'}">${text}</p>`;

/** A text to copy, with a button for it. `what` names the text. Without scripts, the button is missing. */
export const copyable = (text: string, what: string): Html =>
  html`<div class="copy"><code>${text}</code><button type="button" class="plain" hidden data-copy aria-label="Copy ${what}">Copy</button></div>`;

/** A number of things, such as 1,234. */
export const number = (amount: number): string => amount.toLocaleString('en-US');

/** A text that begins with a capital letter. */
export const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** A minute (UTC) of an instant in epoch milliseconds. */
export const minute = (at: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${minuteName(at)}</time>`;

/** The head of a column. A column of numbers is aligned to the right. */
type Head = string | { readonly number: string };

/** A table that scrolls sideways on a narrow screen, by keyboard too. `label` names it. */
export const dataTable = (
  label: string,
  heads: readonly Head[],
  rows: readonly Html[],
): Html => html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${heads.map((head) =>
  typeof head === 'string'
    ? html`<th scope="col">${head}</th>`
    : html`<th scope="col" class="number">${head.number}</th>`,
)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;

/** The options of a choice, the chosen one selected. */
export const options = (choices: readonly (readonly [value: string, name: string])[], chosen: string): Html =>
  html`${choices.map(
    ([value, name]) =>
      html`<option value="${value}"${value === chosen ? html` selected` : ''}>${name}</option>`,
  )}`;

// The frame of every page of the console. The pages work without scripts, and load nothing from other origins.

import { html } from 'hono/html';
import type { Scope } from '../../../keys/key.ts';
import type { Html } from '../docs-fields.ts';

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
  /** Whether the page watches a job. */
  readonly isWatching?: boolean;
  readonly body: Html;
}

/** The areas of the console, and the scope that each one needs. */
const areas: readonly (readonly [path: string, name: string, scope: Scope])[] = [
  ['/console/lists', 'Lists', 'jobs'],
  ['/reports', 'Bounces', 'reports:read'],
];

/** The first area for which the viewer's key has the scope; null if there is none. */
export const firstArea = (viewer: Viewer): string | null =>
  areas.find(([, , scope]) => viewer.may(scope))?.[0] ?? null;

export const consolePage = ({
  title,
  viewer,
  at,
  isWatching = false,
  body,
}: Page): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · presend</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/console.css">
${isWatching ? html`<script src="/console.js" defer></script>` : ''}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/console">presend</a>
${viewer === null ? '' : navigation(viewer, at)}
</header>
<main id="main">
${body}
</main>
</body>
</html>`;

const navigation = (viewer: Viewer, at: string | undefined): Html => html`<nav aria-label="Console">${areas
  .filter(([, , scope]) => viewer.may(scope))
  .map(
    ([path, name]) => html`<a href="${path}"${path === at ? html` aria-current="page"` : ''}>${name}</a> `,
  )}</nav>
${
  viewer.name === null
    ? ''
    : html`<form class="who" method="post" action="/console/sign-out"><span>Signed in with <b>${viewer.name}</b></span> <button class="plain">Sign out</button></form>`
}`;

/** A message above the content: what went wrong, or what was done. */
export const notice = (text: string, kind: 'error' | 'done' = 'error'): Html =>
  html`<p class="notice ${kind}" role="${kind === 'error' ? 'alert' : 'status'}">${text}</p>`;

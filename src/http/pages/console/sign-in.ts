// The page on which a person signs in to the console with an API key.

import { html } from 'hono/html';
import type { Html } from '../docs-fields.ts';
import { consolePage, notice } from './layout.ts';

/** `next` is the path that opens after signing in. */
export const signInPage = (next: string, problem: string | null): Html =>
  consolePage({
    title: 'Sign in',
    viewer: null,
    body: html`<section class="card narrow" aria-labelledby="title">
<h1 id="title">Sign in</h1>
${problem === null ? '' : notice(problem)}
<form class="stack" method="post" action="/console/sign-in">
<input type="hidden" name="next" value="${next}">
<label for="key">API key</label>
<input id="key" name="key" type="password" autocomplete="current-password" spellcheck="false" required autofocus aria-describedby="key-hint">
<p id="key-hint" class="quiet">A secret key (<code>sk_…</code>) or ADMIN_KEY. The console shows what the key may do. You stay signed in for 12 hours.</p>
<button>Sign in</button>
</form>
<p class="quiet">No key yet? The operator of this service makes one with <code>presend keys create</code>.</p>
</section>`,
  });

export const nothingToSeePage = (viewer: Parameters<typeof consolePage>[0]['viewer']): Html =>
  consolePage({
    title: 'Nothing to see',
    viewer,
    body: html`<section class="card narrow"><h1>This key cannot open any page</h1>
<p>Its scopes allow calls of the API, but none of the pages. Sign out and use another key.</p></section>`,
  });

/** What a browser shows for a request that failed. */
export const problemPage = (title: string, detail: string): Html =>
  consolePage({
    title,
    viewer: null,
    body: html`<section class="card narrow"><h1>${title}</h1>
<p>${detail}</p>
<p><a href="/console">To the console</a></p></section>`,
  });

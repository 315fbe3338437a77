// The page at /, where a visitor can check an address and try the widget in a form. Scripts and style are separate files, so
// the Content-Security-Policy can forbid inline ones.

import { html } from 'hono/html';
import { catalogue } from '../../signals/catalogue.ts';
import { sandboxDomain } from '../../verdict/sandbox.ts';
import { mark } from './mark.ts';

/** The examples on the page: sandbox addresses, whose verdicts are fixed. */
export const examples: readonly (readonly [label: string, email: string])[] = catalogue
  .toReversed()
  .flatMap(({ outcomes }) =>
    outcomes.flatMap(({ sandbox: { mailbox, example } }) =>
      example === undefined ? [] : [[example, `${mailbox}@${sandboxDomain}`] as const],
    ),
  );

/** The whole page as HTML. */
export const homePage = () => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>presend: will it bounce?</title>
<meta name="description" content="Predicts whether mail to an address will bounce, how, and what to do about it.">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/try.css">
<script src="/presend.js" data-manual defer></script>
<script src="/try.js" defer></script>
</head>
<body>
<header class="top">
<a class="brand" href="/">${mark}presend</a>
<nav aria-label="Reference"><a href="/preflight">Preflight</a> <a href="/docs">API</a> <a href="/openapi.json">OpenAPI</a></nav>
</header>
<main>
<section class="ask" aria-labelledby="ask">
<h1 id="ask">Will it bounce?</h1>
<p class="lead">Check an address before you send: will mail to it bounce, how, and what should you do?</p>
<noscript><p class="note">This page needs JavaScript. The service does not: <a href="/docs">see its API</a>.</p></noscript>
<form id="try" autocomplete="off" novalidate>
<label for="email">E-mail address</label>
<div class="row">
<input id="email" type="text" inputmode="email" spellcheck="false" autocapitalize="none" placeholder="jane@gmial.com" required>
<button type="submit">Check</button>
</div>
<div id="key-field" hidden>
<label for="key">API key <small>This service requires one. This page does not store it.</small></label>
<input id="key" type="password" autocomplete="off" spellcheck="false">
</div>
</form>
<div class="examples">
<h2 id="examples">Or an example</h2>
<ul aria-labelledby="examples">
${examples.map(([label, email]) => html`<li><button type="button" class="chip" value="${email}">${label}</button></li>`)}
</ul>
</div>
</section>
<p id="spoken" class="unseen" role="status"></p>
<section id="verdict" class="verdict" aria-label="Verdict"></section>
<section class="demo" aria-labelledby="demo">
<div>
<h2 id="demo">In your form</h2>
<p>One line of HTML loads a script of less than 5 KB. The script suggests corrections and leaves it to the person to accept them. It blocks an address only if mail to it cannot arrive or if you deny its domain. If the service is slow or down, the form still works.</p>
<pre tabindex="0" aria-label="HTML snippet"><code id="snippet"></code></pre>
</div>
<form id="signup" aria-label="Sign up, an example">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="off">
<label for="signup-email">E-mail</label>
<input id="signup-email" name="email" type="email" required autocomplete="off" aria-describedby="signup-hint">
<p id="signup-hint" class="hint">Try <kbd>you@gmial.com</kbd>. This example checks the address but submits nothing.</p>
<button type="submit">Sign up</button>
<p id="signup-done" class="done" role="status"></p>
</form>
</section>
</main>
<footer><p class="small-print">“Deliverable” means no known obstacle. Only a delivery proves that a mailbox exists. If DNS does not answer, an address never becomes “undeliverable” for that reason.</p></footer>
</body>
</html>`;

// The page at /preflight: checks the DNS of a sender, or a message, and shows what to change. Script and style are separate
// files, so the Content-Security-Policy can forbid inline ones.

import { html } from 'hono/html';
import { mark } from './mark.ts';

/** The whole page as HTML. */
export const preflightPage = () => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>presend: is it me?</title>
<meta name="description" content="Checks whether your own DNS records or your message make mail bounce, and says what to publish instead.">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/preflight.css">
<script src="/preflight.js" defer></script>
</head>
<body>
<header class="top">
<a class="brand" href="/">${mark}presend</a>
<nav aria-label="Reference"><a href="/">Try an address</a> <a href="/docs">API</a></nav>
</header>
<main>
<h1>Is it me?</h1>
<p class="lead">When many messages bounce at once, look at your own records before you blame your list. This page changes nothing. It shows what to publish instead.</p>
<noscript><p class="note">This page needs JavaScript. The service does not: <a href="/docs#preflight">see its API</a>.</p></noscript>
<div class="forms">
<form id="domain-form" autocomplete="off" novalidate aria-labelledby="domain-title">
<h2 id="domain-title">Check a domain</h2>
<label for="domain">Domain in From</label>
<input id="domain" inputmode="url" spellcheck="false" autocapitalize="none" placeholder="example.com" required aria-describedby="domain-hint">
<p class="hint" id="domain-hint">What follows the @ in the From line of your mail.</p>
<label for="ips">Sending IP addresses <small>optional</small></label>
<input id="ips" spellcheck="false" autocapitalize="none" placeholder="198.51.100.7" aria-describedby="ips-hint">
<p class="hint" id="ips-hint">Of your own mail server, with commas between them. Leave this out if a service sends your mail.</p>
<label for="selectors">DKIM selectors <small>optional</small></label>
<input id="selectors" spellcheck="false" autocapitalize="none" placeholder="s1" aria-describedby="selectors-hint">
<p class="hint" id="selectors-hint">The value of “s=” in the line DKIM-Signature of a message that arrived.</p>
<details><summary>More</summary>
<label for="bounce-domain">Bounce domain <small>optional</small></label>
<input id="bounce-domain" spellcheck="false" autocapitalize="none" placeholder="bounces.example.com" aria-describedby="bounce-hint">
<p class="hint" id="bounce-hint">What follows the @ in the line Return-Path, if it is another domain.</p>
<label for="tracking">Tracking hosts <small>optional</small></label>
<input id="tracking" spellcheck="false" autocapitalize="none" placeholder="click.example.com" aria-describedby="tracking-hint">
<p class="hint" id="tracking-hint">Hosts in the tracked links of your mail.</p>
</details>
<button type="submit">Check the domain</button>
</form>
<form id="message-form" autocomplete="off" novalidate aria-labelledby="message-title">
<h2 id="message-title">Check a message</h2>
<label for="file">Message file</label>
<input id="file" type="file" accept=".eml,.mbox,message/rfc822" aria-describedby="file-hint">
<p class="hint" id="file-hint">Send the message to yourself, open it, and choose “Show original” and “Download”, or save it as .eml. presend neither stores nor logs the message.</p>
<label for="source">or its source <small>all headers and the text</small></label>
<textarea id="source" rows="4" spellcheck="false" placeholder="From: …"></textarea>
<label for="purpose">The message is</label>
<select id="purpose"><option value="marketing">marketing or a newsletter</option><option value="transactional">transactional, such as a receipt</option></select>
<button type="submit">Check the message</button>
</form>
</div>
<div id="key-field" hidden>
<label for="key">API key <small>This service requires one. This page does not store it.</small></label>
<input id="key" type="password" autocomplete="off" spellcheck="false">
</div>
<p id="spoken" class="unseen" role="status"></p>
<section id="report" class="report" aria-label="Report"><p class="note empty">The findings appear here, with the records to copy.</p></section>
</main>
<footer><p class="small-print">A DNS query that no resolver answers is never a finding. A suggested record is only a start: before you replace a record, make sure that every service that sends for you is in it.</p></footer>
</body>
</html>`;

// /console: signing in and out, and the first page. Its areas are in files of their own.

import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type * as v from 'valibot';
import { consoleStyle } from '../../../data/packed/page-styles.js';
import type { SignInOutcome } from '../../keys/console-session.ts';
import { type Caller, type CallerVariables, crossSite, hasScope, requireKey } from '../middleware/auth.ts';
import { readText } from '../middleware/body.ts';
import { fieldError } from '../middleware/json-body.ts';
import { callCost, charge, clientNetwork } from '../middleware/limits.ts';
import {
  deleteSessionCookie,
  isFromElsewhere,
  readSessionCookie,
  setSessionCookie,
} from '../middleware/session-cookie.ts';
import type { RouteScope } from '../operation.ts';
import { withoutBidiControls } from '../pages/bidi.ts';
import type { Viewer } from '../pages/console/layout.ts';
import type { Html } from '../pages/docs-fields.ts';
import type { HttpPorts } from '../ports.ts';
import { type Problem, problem, unsupportedMediaType } from '../problem.ts';

/** The Content-Security-Policy of the console: pages load nothing from other origins, and forms are sent to this service only. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const firstPage = '/console';
const maxFormBytes = 8192;

/**
 * Sends a page of the console. Its forms say in Origin where they are from: with the policy no-referrer, browsers send `null`, and over
 * plain HTTP they send no Sec-Fetch-Site either, so nothing would tell them from the forms of another page. No address is in a URL of the
 * console, and other sites get no Referer.
 */
export async function sendPage(c: Context, page: Html, status: ContentfulStatusCode = 200) {
  c.header('referrer-policy', 'same-origin');
  c.header('content-security-policy', policy);
  c.header('cache-control', 'no-store');
  return c.html(withoutBidiControls(String(await page)), status);
}

export function viewerOf(caller: Caller): Viewer {
  const name = caller.kind === 'key' ? caller.key.name : caller.kind === 'admin' ? 'ADMIN_KEY' : null;
  return { name, may: (scope) => hasScope(caller, scope) };
}

/** Reads the fields of a form of the console, or returns the response that refuses it. */
export async function readForm(
  // biome-ignore lint/suspicious/noExplicitAny: Hono's Context is invariant in its environment.
  c: Context<any>,
): Promise<URLSearchParams | Response> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? ''))
    return problem(c, unsupportedMediaType);
  const text = await readText(c, maxFormBytes);
  return typeof text === 'string' ? new URLSearchParams(text) : text;
}

/** The names of fields in the forms, where the API has others. */
const formNames: Readonly<Record<string, string>> = {
  email: 'The address',
  from_domain: 'The domain in From',
  mail_host: 'The mail host',
  planned: 'The number of messages',
  scope: 'What it stops',
  'consent.at': 'The time of the consent',
  'consent.evidence': 'The record of the consent',
  'consent.kind': 'The confirmation of the double opt-in',
};

/** Sentences about the fields of a form that a schema refuses. */
export const mistakesIn = (issues: readonly v.BaseIssue<unknown>[]): string =>
  issues
    .map((issue) => {
      const { detail } = fieldError(issue);
      const name = detail.split(' ', 1)[0]!;
      const shown = formNames[name] ?? `${name[0]!.toUpperCase()}${name.slice(1)}`;
      return `${shown}${detail.slice(name.length)}.`;
    })
    .join(' ');

const gone = 'There is no such page, or what it showed was deleted.';

/** Shows the problems of requests that a browser made as pages, whatever found them. */
const problemsAsPages: MiddlewareHandler = async (c, next) => {
  await next();
  const isProblem = c.res.headers.get('content-type')?.startsWith('application/problem+json');
  if (!isProblem || !c.req.header('accept')?.includes('text/html')) return;
  const { title, detail } = (await c.res.json()) as Problem;
  const { status, headers } = c.res;
  const { problemPage } = await import('../pages/console/sign-in.ts');
  const page = await sendPage(c, problemPage(title, status === 404 ? gone : (detail ?? '')), status as 403);
  for (const name of ['retry-after', 'allow']) {
    const value = headers.get(name);
    if (value !== null) page.headers.set(name, value);
  }
  c.res = undefined;
  c.res = page;
};

/** Lets a request pass if its session has the scope. A person who is not signed in is redirected to the sign-in page. */
export function requireSession(
  ports: HttpPorts,
  scope: RouteScope | 'any',
): MiddlewareHandler<{ Variables: CallerVariables }> {
  const guard = requireKey(ports, scope);
  return async (c, next) => {
    const refused = await guard(c as never, next);
    if (!(refused instanceof Response && refused.status === 401)) return refused;
    const path = c.req.method === 'GET' ? new URL(c.req.url).pathname : firstPage;
    return c.redirect(`/console/sign-in?next=${encodeURIComponent(path)}`, 303);
  };
}

/** Returns `text` if it is a path of this service that a page may open; else the first page. It must not lead to another site. */
const ownPath = (text: string | null | undefined): string =>
  text != null && /^\/(?:console|reports)(?:\/[\w-]+(?:\.[\w-]+)*)*$/.test(text) ? text : firstPage;

const refusals: Readonly<Record<Exclude<SignInOutcome['kind'], 'signed_in'>, string>> = {
  unknown: 'Unknown key. Check that it was copied in full.',
  expired: 'The key was rotated and has expired. Use the new key.',
  revoked: 'The key was revoked. Use another key.',
  publishable: 'This is a publishable key (pk_…), which only forms use. Sign in with a secret key (sk_…).',
};

export const consoleRoutes = (ports: HttpPorts) => {
  const { sessions, limiters, clientAddress } = ports;
  const pages = () => import('../pages/console/sign-in.ts');

  return new Hono<{ Variables: CallerVariables }>()
    .use('/console/*', problemsAsPages)
    .get('/console.css', (c) =>
      c.body(consoleStyle, 200, {
        'content-type': 'text/css; charset=utf-8',
        'cache-control': 'no-cache',
      }),
    )
    .get('/console/sign-in', async (c) =>
      sendPage(c, (await pages()).signInPage(ownPath(c.req.query('next')), null)),
    )
    .post('/console/sign-in', async (c) => {
      if (isFromElsewhere(c)) return problem(c, crossSite);
      // Charge the rate limit before any key is compared: it slows down a client that guesses keys.
      const client = { limit: 'key_lookup_ip', caller: clientNetwork(clientAddress(c)) } as const;
      const tooMany = await charge(c, limiters, [client], callCost);
      if (tooMany !== null) return tooMany;
      const form = await readForm(c);
      if (form instanceof Response) return form;
      const next = ownPath(form.get('next'));
      const outcome = await sessions.signIn((form.get('key') ?? '').trim());
      if (outcome.kind !== 'signed_in')
        return sendPage(c, (await pages()).signInPage(next, refusals[outcome.kind]), 401);
      // End a session that began before the sign-in. The new session has a new text, which an attacker cannot have chosen
      // (session fixation).
      const before = readSessionCookie(c);
      if (before !== null) await sessions.signOut(before);
      setSessionCookie(c, outcome.text, outcome.expiresAt);
      return c.redirect(next, 303);
    })
    .post('/console/sign-out', async (c) => {
      if (isFromElsewhere(c)) return problem(c, crossSite);
      const text = readSessionCookie(c);
      if (text !== null) await sessions.signOut(text);
      deleteSessionCookie(c);
      return c.redirect('/console/sign-in', 303);
    });
};

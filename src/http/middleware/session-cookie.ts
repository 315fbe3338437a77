// The cookie of a session of the console, and the protection of its requests against other web pages.

import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

/**
 * Whether the browser reaches the service by HTTPS. A proxy that ends TLS says so. A client that forges the header only makes
 * its own cookie secure.
 */
const isSecure = (c: Context): boolean =>
  c.req.url.startsWith('https:') || c.req.header('x-forwarded-proto') === 'https';

/**
 * The name of the cookie. Browsers set a cookie with the prefix `__Host-` only by HTTPS and only from the host itself, so a page
 * on a sibling domain cannot give a visitor its own session (RFC 6265bis section 4.1.3.2).
 */
const nameOf = (c: Context): string => (isSecure(c) ? '__Host-presend' : 'presend');

const attributesOf = (c: Context) =>
  ({ httpOnly: true, sameSite: 'Strict', secure: isSecure(c), path: '/' }) as const;

/** Returns the text of the session in the cookie; null if there is none. */
export function readSessionCookie(c: Context): string | null {
  const text = getCookie(c, nameOf(c));
  return text !== undefined && /^ses_[0-9A-Za-z]{40}$/.test(text) ? text : null;
}

/** `expiresAt` is in epoch milliseconds. */
export const setSessionCookie = (c: Context, text: string, expiresAt: number): void =>
  setCookie(c, nameOf(c), text, { ...attributesOf(c), expires: new Date(expiresAt) });

export const deleteSessionCookie = (c: Context): void => {
  deleteCookie(c, nameOf(c), attributesOf(c));
};

/**
 * Whether a page of another origin may have caused the request (CSRF). Browsers say where a request comes from in
 * Sec-Fetch-Site, and older ones in Origin. A request that says neither does not come from a page of a current browser; it is
 * refused, too, unless it only reads.
 */
export function isFromElsewhere(c: Context): boolean {
  const site = c.req.header('sec-fetch-site');
  const onlyReads = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (site !== undefined) return !(site === 'same-origin' || (onlyReads && site === 'none'));
  const origin = c.req.header('origin');
  if (origin === undefined) return !onlyReads;
  return !URL.canParse(origin) || new URL(origin).host !== c.req.header('host');
}

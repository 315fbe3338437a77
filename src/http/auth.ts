// Who may call: the bearer of the admin key (RFC 6750).

import type { MiddlewareHandler } from 'hono';
import { passwordNeeded, problem, unauthorized } from './problem.ts';

const bearer = /^Bearer +([\x21-\x7e]+)$/i;

/** Lets a request pass that carries `adminKey`; all of them where it is null. */
export function requireKey(adminKey: string | null): MiddlewareHandler {
  if (adminKey === null) return (_c, next) => next();
  const expected = digest(adminKey);
  return async (c, next) => {
    const given = bearer.exec(c.req.header('authorization') ?? '')?.[1];
    if (given !== undefined && equal(await digest(given), await expected)) return next();
    return problem(c, unauthorized, { 'www-authenticate': 'Bearer realm="presend"' });
  };
}

const basic = /^Basic +([\w+/]+=*)$/i;

/** For a page in a browser, which can send no bearer: `adminKey` as the password of HTTP Basic (RFC 7617), any name. */
export function requirePassword(adminKey: string | null): MiddlewareHandler {
  if (adminKey === null) return (_c, next) => next();
  const expected = digest(adminKey);
  return async (c, next) => {
    const given = basic.exec(c.req.header('authorization') ?? '')?.[1];
    const password = given === undefined ? undefined : passwordIn(given);
    if (password !== undefined && equal(await digest(password), await expected)) return next();
    return problem(c, passwordNeeded, { 'www-authenticate': 'Basic realm="presend", charset="UTF-8"' });
  };
}

function passwordIn(credentials: string): string | undefined {
  try {
    return /^[^:]*:(.*)$/s.exec(atob(credentials))?.[1];
  } catch {
    return undefined;
  }
}

/** Digests are of one length, so that comparing them tells nothing of the key's. */
const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));

/** Takes the same time wherever the first difference is. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ b[index]!;
  return difference === 0;
}

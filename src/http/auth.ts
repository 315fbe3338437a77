// Who may call: the bearer of the admin key (RFC 6750).

import type { MiddlewareHandler } from 'hono';
import { problem, unauthorized } from './problem.ts';

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

/** Digests are of one length, so that comparing them tells nothing of the key's. */
const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));

/** Takes the same time wherever the first difference is. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ b[index]!;
  return difference === 0;
}

// Authentication and authorization with API keys, which are bearer tokens (RFC 6750).

import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Actor } from '../../audit/audit.ts';
import { type Key, type Scope, stateOf } from '../../keys/key.ts';
import { isPublishableText } from '../../keys/key-text.ts';
import type { AnswerVariables } from '../answer.ts';
import type { RouteScope, RouteScopes } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { notFound, type Problem, problem, storageUnavailable } from '../problem.ts';
import { allowPageToRead, answerPreflight, isPreflight, publishableRoute } from './cors.ts';
import { type Charge, callCost, charge, clientNetwork } from './limits.ts';
import { type KeylessRefusal, keylessRefusal } from './loopback.ts';
import { isFromElsewhere, readSessionCookie } from './session-cookie.ts';

export type Caller =
  /** A caller without a key, accepted because the service is on loopback and no key was created yet. */
  | { readonly kind: 'keyless' }
  | { readonly kind: 'admin' }
  /** The sender of a webhook. It has no key; the route verifies its signature. */
  | { readonly kind: 'sender' }
  | { readonly kind: 'key'; readonly key: Key };

export interface CallerVariables {
  caller: Caller;
  /**
   * Charges `cost` more units to the caller's rate limits. One unit was already charged for the call. Resolves to a 429
   * response if a limit is exceeded, else to null.
   */
  spend: (cost: number) => Promise<Response | null>;
}

type CallerEnvironment = { Variables: CallerVariables & AnswerVariables };

type CallerContext = Context<CallerEnvironment>;

type AuthPorts = Pick<
  HttpPorts,
  'keyRing' | 'keyUses' | 'keyless' | 'limiters' | 'clientAddress' | 'now' | 'logError' | 'sessions'
>;

/** How a request carries its key. */
export interface Scheme {
  /** Returns the key in the value of an Authorization header; null if it contains none. */
  readonly read: (authorization: string) => string | null;
  /** Returns the value of the WWW-Authenticate header of a 401 or 403 response. */
  readonly challenge: (error?: string) => string;
  readonly keyNeeded: string;
}

const byBearer: Scheme = {
  read: (authorization) => /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1] ?? null,
  challenge: (error) => `Bearer realm="presend"${error === undefined ? '' : `, error="${error}"`}`,
  keyNeeded: 'Send an API key in the header "Authorization: Bearer KEY".',
};

/** For pages: the key is the password of HTTP Basic (RFC 7617) with any user name. Browsers cannot ask for a bearer token. */
export const byPassword: Scheme = {
  read(authorization) {
    try {
      const credentials = /^Basic +([\w+/]+=*)$/i.exec(authorization)?.[1] ?? '';
      return /^[^:]*:(.+)$/s.exec(atob(credentials))?.[1] ?? null;
    } catch {
      return null;
    }
  },
  challenge: () => 'Basic realm="presend", charset="UTF-8"',
  keyNeeded: 'Enter an API key as the password. The user name does not matter.',
};

/**
 * Lets a request pass if its key has the scope that the route requires, and charges one unit to its rate limits. Handlers read
 * the caller with `c.get('caller')`. A route for which `scopes` has no entry is closed to every caller.
 * @param scopes the scope of each route, or one scope for all routes that the middleware is mounted on; `any` for any secret key.
 */
export function requireKey(
  ports: AuthPorts,
  scopes: RouteScopes | RouteScope | 'any',
  scheme: Scheme = byBearer,
): MiddlewareHandler<CallerEnvironment> {
  const { keyRing, limiters } = ports;

  return async (c, next) => {
    if (isPreflight(c)) return answerPreflight(c);
    const text = scheme.read(c.req.header('authorization') ?? '');
    if (text !== null && isPublishableText(text)) allowPageToRead(c);
    const pattern = routePath(c, -1);
    const isRoute = pattern !== everyRoute;
    const route = `${c.req.method === 'HEAD' ? 'GET' : c.req.method} ${pattern}`;
    const scope = typeof scopes === 'string' ? scopes : scopes[route];
    if (isRoute && scope === undefined) return problem(c, notFound);

    let recognised: Caller | Response;
    try {
      // Most keys are in memory and need no promise. An unnecessary `await` would delay the request.
      const caller = scope === 'sender' ? bySender : recognise(c, text);
      recognised = caller instanceof Promise ? await caller : caller;
    } catch (error) {
      ports.logError(error, c.get('requestId'));
      return problem(c, storageUnavailable, { 'retry-after': '1' });
    }
    if (recognised instanceof Response) return recognised;
    let charges: readonly Charge[] = noCharges;
    if (recognised.kind === 'key') {
      const { key } = recognised;
      const refusal = scope === undefined ? null : refuse(key, { route, scope }, c.req.header('origin'));
      if (refusal !== null) {
        ports.keyUses.countRefused(key.id);
        return problem(c, refusal, { 'www-authenticate': scheme.challenge('insufficient_scope') });
      }
      charges = chargesOf(c, key);
      const tooMany = await charge(c, limiters, charges, callCost);
      if (tooMany !== null) {
        ports.keyUses.countRefused(key.id);
        return tooMany;
      }
      ports.keyUses.count(key.id);
    }
    c.set('caller', recognised);
    c.set('spend', charges.length === 0 ? spendNothing : spending(c, charges));
    await next();
  };

  // A separate function, so requests without charges do not allocate the closure.
  function spending(c: CallerContext, charges: readonly Charge[]): CallerVariables['spend'] {
    return async (cost) => (cost > 0 ? charge(c, limiters, charges, cost, callCost) : null);
  }

  function recognise(c: CallerContext, text: string | null): Caller | Response | Promise<Caller | Response> {
    if (!ports.keyless) return byKey(c, text);
    const keysMade = keyRing.anyMade();
    const recogniseNow = (made: boolean) => (made ? byKey(c, text) : byPlace(c));
    return keysMade instanceof Promise ? keysMade.then(recogniseNow) : recogniseNow(keysMade);
  }

  function byPlace(c: CallerContext): Caller | Response {
    const refusal = keylessRefusal(c.req.url, (name) => c.req.header(name));
    return refusal === null ? keylessCaller : problem(c, keylessProblems[refusal]);
  }

  function byKey(c: CallerContext, text: string | null): Caller | Response | Promise<Caller | Response> {
    if (text === null) {
      const session = readSessionCookie(c);
      return session === null ? withoutKey(c) : bySession(c, session);
    }
    if (keyRing.isAdmin(text)) return admin;

    const hash = keyRing.hashOf(text);
    if (hash === null) return wrongKey(c, scheme, 'unknown');
    const known = keyRing.recall(hash);
    return known === undefined ? byLookUp(c, hash) : byState(c, known);
  }

  function withoutKey(c: CallerContext): Response {
    return problem(c, { ...keyNeeded, detail: scheme.keyNeeded }, { 'www-authenticate': scheme.challenge() });
  }

  /** A browser that signed in to the console. */
  async function bySession(c: CallerContext, text: string): Promise<Caller | Response> {
    if (isFromElsewhere(c)) return problem(c, crossSite);
    return (await ports.sessions.find(text)) ?? withoutKey(c);
  }

  async function byLookUp(c: CallerContext, hash: string): Promise<Caller | Response> {
    const client = { limit: 'key_lookup_ip', caller: clientNetwork(ports.clientAddress(c)) } as const;
    return (await charge(c, limiters, [client], callCost)) ?? byState(c, await keyRing.find(hash));
  }

  function byState(c: CallerContext, key: Key | null): Caller | Response {
    const state = key === null ? 'unknown' : stateOf(key, ports.now());
    if (state === 'valid') return { kind: 'key', key: key! };
    if (key !== null) ports.keyUses.countRefused(key.id);
    return wrongKey(c, scheme, state);
  }

  function chargesOf(c: CallerContext, { kind, id }: Key): Charge[] {
    if (kind === 'secret') return [{ limit: 'secret_key', caller: id }];
    // Charge the visitor first, so one visitor cannot exhaust the quota of the key.
    return [
      { limit: 'publishable_ip', caller: clientNetwork(ports.clientAddress(c)) },
      { limit: 'publishable_key', caller: id },
    ];
  }
}

const noCharges: readonly Charge[] = [];
const spendNothing: CallerVariables['spend'] = async () => null;

const keylessCaller: Caller = { kind: 'keyless' };
const admin: Caller = { kind: 'admin' };
const bySender: Caller = { kind: 'sender' };

/** The pattern on which the key check of the API is mounted. If no later pattern matches a request, there is no such route. */
export const everyRoute = '/v1/*';

/**
 * Whether the caller has the scope. The admin key has every scope, and so has a caller without a key. A publishable key and the
 * sender of a webhook have none.
 */
export const hasScope = (caller: Caller, scope: Scope): boolean =>
  caller.kind === 'key'
    ? caller.key.kind === 'secret' && (caller.key.scopes?.includes(scope) ?? true)
    : caller.kind !== 'sender';

/** The caller as the audit names it. */
export const actorOf = (caller: Caller): Actor =>
  caller.kind === 'key'
    ? { kind: 'key', keyId: caller.key.id }
    : { kind: caller.kind === 'admin' ? 'admin_key' : 'no_key', keyId: null };

interface Opened {
  readonly route: string;
  readonly scope: RouteScope | 'any';
}

function refuse(key: Key, { route, scope }: Opened, origin: string | undefined): Problem | null {
  if (key.kind === 'publishable') {
    if (route !== publishableRoute) return publishableOnly;
    return origin !== undefined && key.origins.includes(origin) ? null : wrongOrigin;
  }
  return scope === 'any' || key.scopes === null || (key.scopes as readonly string[]).includes(scope)
    ? null
    : scopeMissing(scope);
}

const wrongKey = (c: Context, scheme: Scheme, state: keyof typeof wrongKeys): Response =>
  problem(
    c,
    { ...keyNeeded, title: 'Invalid API key', detail: wrongKeys[state] },
    {
      'www-authenticate': scheme.challenge('invalid_token'),
    },
  );

const wrongKeys = {
  unknown: 'Unknown key. Check that it was copied in full.',
  expired: 'The key was rotated and has expired. Use the new key.',
  revoked: 'The key was revoked. Use another key.',
} as const;

const keyNeeded: Problem = {
  type: 'unauthorized',
  title: 'API key required',
  status: 401,
};

const scopeMissing = (scope: string): Problem => ({
  type: 'forbidden:scope',
  title: 'Insufficient scope',
  status: 403,
  detail: `This route requires the scope "${scope}". Use a key that has it.`,
});

const publishableOnly: Problem = {
  type: 'forbidden:scope',
  title: 'Insufficient scope',
  status: 403,
  detail: 'A publishable key is valid for POST /v1/validate only. Use a secret key on your server.',
};

const wrongOrigin: Problem = {
  type: 'forbidden:origin',
  title: 'Origin not allowed',
  status: 403,
  detail:
    'The Origin header is missing or is not one of the origins of the publishable key. Create a key for the origin of your page; on a server, use a secret key.',
};

export const crossSite: Problem = {
  type: 'forbidden:origin',
  title: 'Origin not allowed',
  status: 403,
  detail: 'The request comes from a page of another origin. Sign in and use the console in its own window.',
};

const keylessProblems: Readonly<Record<KeylessRefusal, Problem>> = {
  proxied: {
    type: 'forbidden:proxied',
    title: 'API key required',
    status: 403,
    detail:
      'Requests through a proxy need an API key. Create a key with "presend keys create", or set ADMIN_KEY.',
  },
  host: {
    type: 'misdirected-request',
    title: 'Misdirected request',
    status: 421,
    detail:
      'As long as no API key exists, the service answers only under localhost or a loopback IP address. To use another host name, create a key with "presend keys create", or set ADMIN_KEY.',
  },
  origin: {
    type: 'forbidden:origin',
    title: 'API key required',
    status: 403,
    detail: 'Requests from a page of another origin need a publishable key. Create a key for that origin.',
  },
};

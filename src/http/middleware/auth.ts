// Who may call, and what: keys are bearer tokens (RFC 6750).

import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { type Key, type Scope, stateOf } from '../../keys/key.ts';
import { isPublishableText } from '../../keys/key-text.ts';
import type { AnswerVariables } from '../answer.ts';
import type { RouteScope, RouteScopes } from '../operation.ts';
import type { HttpPorts } from '../ports.ts';
import { notFound, type Problem, problem } from '../problem.ts';
import { answerPreflight, isPreflight, letPageRead, publishableRoute } from './cors.ts';
import { type Charge, callCost, charge, clientNetwork } from './limits.ts';
import { foreignPage } from './loopback.ts';

export type Caller =
  /** A service on loopback for which no key was made yet. */
  | { readonly kind: 'keyless' }
  | { readonly kind: 'admin' }
  /** A request that its route recognises by the sender's own signature. */
  | { readonly kind: 'sender' }
  | { readonly kind: 'key'; readonly key: Key };

export interface CallerVariables {
  caller: Caller;
  /** Takes `cost` more than a call costs from the caller's limits; 429 where they are exceeded, else null. */
  spend: (cost: number) => Promise<Response | null>;
}

type CallerEnvironment = { Variables: CallerVariables & AnswerVariables };

type CallerContext = Context<CallerEnvironment>;

type AuthPorts = Pick<HttpPorts, 'keyRing' | 'keyless' | 'limiters' | 'clientAddress' | 'now' | 'logError'>;

/** How a request carries its key. */
export interface Scheme {
  /** The key out of the header Authorization, or null. */
  readonly read: (authorization: string) => string | null;
  readonly challenge: (error?: string) => string;
  readonly keyNeeded: string;
}

export const byBearer: Scheme = {
  read: (authorization) => /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1] ?? null,
  challenge: (error) => `Bearer realm="presend"${error === undefined ? '' : `, error="${error}"`}`,
  keyNeeded: 'Send it as "Authorization: Bearer KEY".',
};

/** For a page, since a browser can ask for no bearer: the password of HTTP Basic (RFC 7617), with any name. */
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
  keyNeeded: 'Enter it as the password; the name does not matter.',
};

/**
 * Lets a request pass if its key has the scope of its route. Handlers read the caller with `c.get('caller')`. A route
 * that has no scope is closed to every caller.
 * @param scopes the scope of each route, or one scope for all routes that the middleware is mounted on.
 */
export function requireKey(
  ports: AuthPorts,
  scopes: RouteScopes | RouteScope,
  scheme: Scheme = byBearer,
): MiddlewareHandler<CallerEnvironment> {
  const { keyRing, limiters } = ports;

  return async (c, next) => {
    if (isPreflight(c)) return answerPreflight(c);
    const text = scheme.read(c.req.header('authorization') ?? '');
    if (text !== null && isPublishableText(text)) letPageRead(c);
    const pattern = routePath(c, -1);
    const isRoute = pattern !== everyRoute;
    const route = `${c.req.method === 'HEAD' ? 'GET' : c.req.method} ${pattern}`;
    const scope = typeof scopes === 'string' ? scopes : scopes[route];
    if (isRoute && scope === undefined) return problem(c, notFound);

    let recognised: Caller | Response;
    try {
      // Most callers are recognised without waiting, and every wait costs.
      const caller = scope === 'sender' ? bySender : recognise(c, text);
      recognised = caller instanceof Promise ? await caller : caller;
    } catch (error) {
      ports.logError(error, c.get('requestId'));
      return problem(c, storageUnavailable, { 'retry-after': '1' });
    }
    if (recognised instanceof Response) return recognised;
    let charges: Charge[] = [];
    if (recognised.kind === 'key') {
      const { key } = recognised;
      const refusal = scope === undefined ? null : refuse(key, { route, scope }, c.req.header('origin'));
      if (refusal !== null)
        return problem(c, refusal, { 'www-authenticate': scheme.challenge('insufficient_scope') });
      charges = chargesOf(c, key);
      const tooMany = await charge(c, limiters, charges, callCost);
      if (tooMany !== null) return tooMany;
    }
    c.set('caller', recognised);
    c.set('spend', async (cost) =>
      cost > 0 && charges.length > 0 ? charge(c, limiters, charges, cost, callCost) : null,
    );
    await next();
  };

  function recognise(c: CallerContext, text: string | null): Caller | Response | Promise<Caller | Response> {
    if (!ports.keyless) return byKey(c, text);
    const keysMade = keyRing.anyMade();
    const recogniseNow = (made: boolean) => (made ? byKey(c, text) : byPlace(c));
    return keysMade instanceof Promise ? keysMade.then(recogniseNow) : recogniseNow(keysMade);
  }

  function byPlace(c: CallerContext): Caller | Response {
    const foreign = foreignPage(c.req.url, c.req.header('origin'));
    return foreign === null ? keylessCaller : problem(c, foreignProblems[foreign]);
  }

  function byKey(c: CallerContext, text: string | null): Caller | Response | Promise<Caller | Response> {
    if (text === null)
      return problem(
        c,
        { ...keyNeeded, detail: scheme.keyNeeded },
        { 'www-authenticate': scheme.challenge() },
      );
    if (keyRing.isAdmin(text)) return admin;

    const hash = keyRing.hashOf(text);
    if (hash === null) return wrongKey(c, scheme, 'unknown');
    const known = keyRing.recall(hash);
    return known === undefined ? byLookUp(c, hash) : byState(c, known);
  }

  async function byLookUp(c: CallerContext, hash: string): Promise<Caller | Response> {
    const client = { limit: 'key_lookup_ip', caller: clientNetwork(ports.clientAddress(c)) } as const;
    return (await charge(c, limiters, [client], callCost)) ?? byState(c, await keyRing.lookUp(hash));
  }

  function byState(c: CallerContext, key: Key | null): Caller | Response {
    const state = key === null ? 'unknown' : stateOf(key, ports.now());
    return state === 'valid' ? { kind: 'key', key: key! } : wrongKey(c, scheme, state);
  }

  function chargesOf(c: CallerContext, { kind, id }: Key): Charge[] {
    if (kind === 'secret') return [{ limit: 'secret_key', caller: id }];
    // The visitor first: one who asks too often must not use up what all visitors share.
    return [
      { limit: 'publishable_ip', caller: clientNetwork(ports.clientAddress(c)) },
      { limit: 'publishable_key', caller: id },
    ];
  }
}

const keylessCaller: Caller = { kind: 'keyless' };
const admin: Caller = { kind: 'admin' };
const bySender: Caller = { kind: 'sender' };

/** Where the key is asked for; as the last matching pattern it means that no route matches. */
export const everyRoute = '/v1/*';

/** Whether `caller` may do what `scope` names. */
export const may = (caller: Caller, scope: Scope): boolean =>
  caller.kind === 'key'
    ? caller.key.kind === 'secret' && (caller.key.scopes?.includes(scope) ?? true)
    : caller.kind !== 'sender';

interface Opened {
  readonly route: string;
  readonly scope: RouteScope;
}

function refuse(key: Key, { route, scope }: Opened, origin: string | undefined): Problem | null {
  if (key.kind === 'publishable') {
    if (route !== publishableRoute) return publishableOnly;
    return origin !== undefined && key.origins.includes(origin) ? null : wrongOrigin;
  }
  return key.scopes === null || (key.scopes as readonly string[]).includes(scope)
    ? null
    : scopeMissing(scope);
}

const wrongKey = (c: Context, scheme: Scheme, state: keyof typeof wrongKeys): Response =>
  problem(
    c,
    { ...keyNeeded, title: 'The key is not valid', detail: wrongKeys[state] },
    {
      'www-authenticate': scheme.challenge('invalid_token'),
    },
  );

const wrongKeys = {
  unknown: 'There is no such key. Was it copied whole?',
  expired: 'The key was rotated, and its time is over. Use the key in its place.',
  revoked: 'The key was revoked.',
} as const;

const keyNeeded: Problem = {
  type: 'unauthorized',
  title: 'A key is needed',
  status: 401,
};

const scopeMissing = (scope: string): Problem => ({
  type: 'forbidden:scope',
  title: 'The key does not open this route',
  status: 403,
  detail: `The scope "${scope}" is needed.`,
});

const publishableOnly: Problem = {
  type: 'forbidden:scope',
  title: 'The key does not open this route',
  status: 403,
  detail: 'A publishable key opens POST /v1/validate only. Use a secret key, on a server.',
};

const wrongOrigin: Problem = {
  type: 'forbidden:origin',
  title: 'The key is not for this page',
  status: 403,
  detail: 'A publishable key works in the pages of its origins only, and not without the header Origin.',
};

const foreignProblems: Readonly<Record<'host' | 'origin', Problem>> = {
  host: {
    type: 'misdirected-request',
    title: 'This service answers on loopback only',
    status: 421,
    detail:
      'Without keys it answers to localhost and 127.0.0.1. Make a key, or set ADMIN_KEY, to use another name.',
  },
  origin: {
    type: 'forbidden:origin',
    title: 'Pages of other origins need a key',
    status: 403,
    detail: 'Make a publishable key for the origin.',
  },
};

const storageUnavailable: Problem = {
  type: 'storage-unavailable',
  title: 'The key could not be checked',
  status: 503,
  detail: 'Storage does not answer. Try again.',
};

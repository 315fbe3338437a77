// Rate limits: their names and defaults, who is charged, and the response headers.

import type { Context } from 'hono';
import type { AnswerVariables } from '../answer.ts';
import { type Problem, problem } from '../problem.ts';
import type { LimitPolicy, RateLimiter, Taken } from './token-buckets.ts';

/**
 * The default rate limits: `quota` units per `windowMs` milliseconds. POST /v1/validate/batch, POST /v1/annotate and
 * POST /v1/backtests cost one unit for each address, record or line, and preflights one for each DNS query that they send, with a
 * minimum. Any other call costs one unit.
 */
export const defaultLimits = {
  /** Per secret key. */
  secret_key: { quota: 60_000, windowMs: 60_000 },
  /** Per publishable key, for all its visitors together. */
  publishable_key: { quota: 600, windowMs: 60_000 },
  /** Per visitor (client network), for all publishable keys together. */
  publishable_ip: { quota: 30, windowMs: 60_000 },
  /** Per client network: lookups of keys that are not in memory. Each may query storage, so they are limited. */
  key_lookup_ip: { quota: 60, windowMs: 60_000 },
} as const satisfies Readonly<Record<string, LimitPolicy>>;

export type LimitName = keyof typeof defaultLimits;

export type LimitPolicies = Readonly<Record<LimitName, LimitPolicy>>;

export type Limiters = Readonly<Record<LimitName, RateLimiter>>;

/** A rate limit to charge. It has one bucket per `caller`, which is the id of a key or a client network. */
export interface Charge {
  readonly limit: LimitName;
  readonly caller: string;
}

/** Units that are charged for every call before its body is read. The rest of a batch is charged when its size is known. */
export const callCost = 1;

/**
 * Takes `cost` units from the bucket of each charge, in order, and stops at the first bucket that has too few. Sets the headers
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10). Resolves to a 429 response if a limit is
 * exceeded, else to null. `alreadyPaid` units were charged for
 * this call before, in addition to `cost`. Both together are at most a full bucket (`quota`).
 */
export async function charge(
  c: Context,
  limiters: Limiters,
  charges: readonly Charge[],
  cost: number,
  alreadyPaid = 0,
): Promise<Response | null> {
  const policies: string[] = [];
  const states: string[] = [];
  let refusal: Taken | null = null;
  for (const { limit, caller } of charges) {
    const { policy, take } = limiters[limit];
    const answer = take(caller, Math.min(cost, policy.quota - alreadyPaid));
    const taken = answer instanceof Promise ? await answer : answer;
    policies.push(`"${limit}";q=${policy.quota};w=${seconds(policy.windowMs)}`);
    states.push(`"${limit}";r=${taken.remaining};t=${seconds(taken.fullInMs)}`);
    if (taken.allowed) continue;
    refusal = taken;
    break;
  }
  const headers: AnswerVariables['headers'] = c.get('headers');
  headers['ratelimit-policy'] = policies.join(', ');
  headers['ratelimit'] = states.join(', ');
  if (refusal === null) return null;
  return problem(c, tooManyRequests, { 'retry-after': String(Math.max(1, seconds(refusal.retryInMs))) });
}

const seconds = (ms: number): number => Math.ceil(ms / 1000);

export const tooManyRequests: Problem = {
  type: 'too-many-requests',
  title: 'Too many requests',
  status: 429,
  detail:
    'Retry after the number of seconds in Retry-After. Some calls count as several requests. POST /v1/validate/batch, POST /v1/annotate, POST /v1/backtests and POST /v1/probes count as one request for each address, record or line of the list. POST /v1/preflight counts as one request for each DNS query that it sends, at least 30; POST /v1/preflights, as the same number for each domain. POST /v1/preflight/message counts as one request for each DNS query, at least 20, and one for each 64 KiB.',
};

/**
 * Returns the network that counts as one client: an IPv4 address, or the /64 of an IPv6 address, because a subscriber gets at
 * least a /64 (RFC 6177). An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) counts as the IPv4 address in it.
 */
export function clientNetwork(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...new Array<string>(missing).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

// Rate limits: their names and defaults, who is charged, and the response headers.

import type { Context } from 'hono';
import type { AnswerVariables } from '../answer.ts';
import { type Problem, problem } from '../problem.ts';
import type { LimitPolicy, RateLimiter, Taken } from './token-buckets.ts';

/**
 * The rate limits and their defaults: `quota` units per `windowMs`. A batch costs one unit for each of its addresses or
 * records, any other call one unit.
 */
export const defaultLimits = {
  /** Per secret key. */
  secret_key: { quota: 60_000, windowMs: 60_000 },
  /** Per publishable key, for all its visitors together. */
  publishable_key: { quota: 600, windowMs: 60_000 },
  /** Per visitor, for all publishable keys together. */
  publishable_ip: { quota: 30, windowMs: 60_000 },
  /** Per client: lookups of keys that are not in memory. They are limited because each one may query storage. */
  key_lookup_ip: { quota: 60, windowMs: 60_000 },
} as const satisfies Readonly<Record<string, LimitPolicy>>;

export type LimitName = keyof typeof defaultLimits;

export type LimitPolicies = Readonly<Record<LimitName, LimitPolicy>>;

export type Limiters = Readonly<Record<LimitName, RateLimiter>>;

/** A rate limit to charge. `caller` identifies the bucket: the id of a key, or the network of a client. */
export interface Charge {
  readonly limit: LimitName;
  readonly caller: string;
}

/** Units that every call costs. They are charged before the body is read, when the size of a batch is not known yet. */
export const callCost = 1;

/**
 * Takes `cost` units from the bucket of each charge, in order, and stops at the first bucket that has too few. Sets the headers
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10). Resolves to a 429 response if a limit is
 * exceeded, else to null. A call costs at most a full bucket, including the units that were `alreadyPaid`.
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
    'Retry after the number of seconds in Retry-After. Each address or record in a batch counts as one request.',
};

/**
 * The network that counts as one client: an IPv4 address, or the /64 of an IPv6 address (RFC 6177: a subscriber has at
 * least that). IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2) is IPv4.
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

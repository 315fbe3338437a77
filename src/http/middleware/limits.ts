// Limits on callers: which there are, whom they count, and how an answer tells of them.

import type { Context } from 'hono';
import type { AnswerVariables } from '../answer.ts';
import { type Problem, problem } from '../problem.ts';
import type { LimitPolicy, RateLimiter, Taken } from './token-buckets.ts';

/** Every limit, with what it is where the settings do not say otherwise. A batch costs its rows, another call 1. */
export const defaultLimits = {
  /** Of a secret key. */
  secret_key: { quota: 60_000, windowMs: 60_000 },
  /** Of a publishable key, over all visitors of its pages. */
  publishable_key: { quota: 600, windowMs: 60_000 },
  /** Of one visitor with any publishable key. */
  publishable_ip: { quota: 30, windowMs: 60_000 },
  /** Look-ups of keys that are not known yet, by one client: each may cost storage a question. */
  key_lookup_ip: { quota: 60, windowMs: 60_000 },
  /** Webhook calls of one client whose signature or secret was wrong. */
  hook_ip: { quota: 120, windowMs: 60_000 },
} as const satisfies Readonly<Record<string, LimitPolicy>>;

export type LimitName = keyof typeof defaultLimits;

export type LimitPolicies = Readonly<Record<LimitName, LimitPolicy>>;

export type Limiters = Readonly<Record<LimitName, RateLimiter>>;

/** A limit that a caller is under, and the name of its bucket there. */
export interface Charge {
  readonly limit: LimitName;
  readonly caller: string;
}

/** What a call costs at least, taken before its body is read. */
export const callCost = 1;

/**
 * Takes `cost` from each bucket in turn until one has not enough. Sets `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10), and gives the answer 429 where a limit is exceeded, else null.
 * With what was paid already a call costs at most a full bucket.
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

const tooManyRequests: Problem = {
  type: 'too-many-requests',
  title: 'That is more than the limit allows',
  status: 429,
  detail: 'Wait as many seconds as Retry-After says. A batch costs as much as it has rows.',
};

/**
 * What counts as one client: an IPv4 address, or the /64 that one IPv6 subscriber has at least (RFC 6177).
 * IPv4 written as IPv6 (RFC 4291 section 2.5.5.2) is IPv4.
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

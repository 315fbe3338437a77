// Token buckets in memory: a limit on how much each caller may ask for.

import { LRUCache } from 'lru-cache';

/** `quota` units in `windowMs` milliseconds, all of them at once if need be. */
export interface LimitPolicy {
  readonly quota: number;
  readonly windowMs: number;
}

export interface Taken {
  readonly allowed: boolean;
  /** Whole units that are left. */
  readonly remaining: number;
  /** Milliseconds until all units are there again. */
  readonly fullInMs: number;
  /** Milliseconds until what was asked for is there; 0 where it was allowed. */
  readonly retryInMs: number;
}

export interface RateLimiter {
  readonly policy: LimitPolicy;
  /** Takes `cost` units from the caller's bucket, or none where they are not there. */
  take(caller: string, cost: number): Taken | Promise<Taken>;
}

/** Callers that are told apart. The one that asked longest ago is forgotten first: its bucket is the likeliest to be full. */
const callersAtMost = 50_000;

/** Amounts are sums of fractions: so much less than a unit counts as one. */
const tolerance = 1e-6;

/** A cost above the quota takes a full bucket, since no bucket could ever pay it. */
export function tokenBuckets(
  policy: LimitPolicy,
  now: () => number,
  { max = callersAtMost }: { readonly max?: number } = {},
): RateLimiter {
  const { quota, windowMs } = policy;
  const perMs = quota / windowMs;
  const buckets = new LRUCache<string, { units: number; at: number }>({ max });

  return {
    policy,
    take(caller, cost) {
      const at = now();
      let bucket = buckets.get(caller);
      if (bucket === undefined) {
        bucket = { units: quota, at };
        buckets.set(caller, bucket);
      }
      bucket.units = Math.min(quota, bucket.units + Math.max(0, at - bucket.at) * perMs);
      bucket.at = at;
      const wanted = Math.min(cost, quota);
      const allowed = bucket.units + tolerance >= wanted;
      if (allowed) bucket.units = Math.max(0, bucket.units - wanted);
      return {
        allowed,
        remaining: Math.floor(bucket.units + tolerance),
        fullInMs: (quota - bucket.units) / perMs,
        retryInMs: allowed ? 0 : (wanted - bucket.units) / perMs,
      };
    },
  };
}

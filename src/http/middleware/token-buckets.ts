// In-memory token buckets: the rate limiter of one process.

import { createMemory } from '../../memory.ts';

/** Allows `quota` units per `windowMs` milliseconds. A caller may use all of them at once. */
export interface LimitPolicy {
  readonly quota: number;
  readonly windowMs: number;
}

export interface Taken {
  readonly allowed: boolean;
  /** Number of whole units that are left in the bucket. */
  readonly remaining: number;
  /** Milliseconds until the bucket is full again. */
  readonly fullInMs: number;
  /** Milliseconds until the requested cost is available; 0 if it was allowed. */
  readonly retryInMs: number;
}

export interface RateLimiter {
  readonly policy: LimitPolicy;
  /** Takes `cost` units from the caller's bucket, or none if it has fewer. */
  take(caller: string, cost: number): Taken | Promise<Taken>;
}

export interface TokenBuckets extends RateLimiter {
  take(caller: string, cost: number): Taken;
  /** Returns whether `take` would allow the cost, and the state of the bucket. Takes nothing. */
  peek(caller: string, cost: number): Taken;
}

/**
 * Maximum number of buckets in memory; each caller has one. When there are more, the least recently used bucket is dropped. No
 * caller profits from that: the dropped bucket was most likely full again, and a new bucket starts full, too.
 */
const callersAtMost = 50_000;

/** By how many units a bucket may be short of a cost. Buckets fill by fractions of a unit, whose sums have rounding errors. */
const tolerance = 1e-6;

/** Creates the buckets for one policy. A cost above the quota counts as the quota: a bucket never holds more units. */
export function tokenBuckets(
  policy: LimitPolicy,
  now: () => number,
  { max = callersAtMost }: { readonly max?: number } = {},
): TokenBuckets {
  const { quota, windowMs } = policy;
  const perMs = quota / windowMs;
  const buckets = createMemory<{ units: number; at: number }>(max);

  const bucketOf = (caller: string): { units: number; at: number } => {
    const at = now();
    let bucket = buckets.get(caller);
    if (bucket === undefined) {
      bucket = { units: quota, at };
      buckets.set(caller, bucket);
    }
    bucket.units = Math.min(quota, bucket.units + Math.max(0, at - bucket.at) * perMs);
    bucket.at = at;
    return bucket;
  };
  const stateOf = (units: number, wanted: number, allowed: boolean): Taken => ({
    allowed,
    remaining: Math.floor(units + tolerance),
    fullInMs: (quota - units) / perMs,
    retryInMs: allowed ? 0 : (wanted - units) / perMs,
  });

  return {
    policy,
    take(caller, cost) {
      const bucket = bucketOf(caller);
      const wanted = Math.min(cost, quota);
      const allowed = bucket.units + tolerance >= wanted;
      if (allowed) bucket.units = Math.max(0, bucket.units - wanted);
      return stateOf(bucket.units, wanted, allowed);
    },
    peek(caller, cost) {
      const { units } = bucketOf(caller);
      const wanted = Math.min(cost, quota);
      return stateOf(units, wanted, units + tolerance >= wanted);
    },
  };
}

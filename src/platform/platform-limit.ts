// The rate-limit binding of Cloudflare Workers, in addition to each isolate's bucket.

import type { RateLimiter } from '../http/middleware/token-buckets.ts';

/** The part of a rate-limit binding that is used. */
export interface PlatformLimit {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/**
 * Allows a request if both `bucket` and the platform allow it. The platform counts calls over all isolates
 * of a location but only says yes or no; the bucket counts rows and provides the numbers for headers. If
 * the platform fails, the bucket decides.
 */
export function limitAlsoBy(platform: PlatformLimit | undefined, bucket: RateLimiter): RateLimiter {
  if (platform === undefined) return bucket;
  const { policy } = bucket;
  return {
    policy,
    async take(caller, cost) {
      const taken = await bucket.take(caller, cost);
      if (!taken.allowed) return taken;
      const isAllowed = await platform.limit({ key: caller }).then(
        ({ success }) => success,
        () => true,
      );
      return isAllowed
        ? taken
        : { allowed: false, remaining: 0, fullInMs: policy.windowMs, retryInMs: policy.windowMs };
    },
  };
}

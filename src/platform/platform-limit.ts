// Rate limits on Cloudflare Workers: the platform's rate-limit binding, in addition to the bucket in the memory of each
// isolate.

import type { RateLimiter } from '../http/middleware/token-buckets.ts';

/** The part of a rate-limit binding that this code uses. */
export interface PlatformLimit {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/**
 * Returns a limiter that allows a request if both `bucket` and the platform allow it. The platform counts the requests
 * to all isolates in one location, but answers only yes or no. The bucket counts the e-mail addresses in the requests
 * to this isolate, and provides the numbers for the RateLimit headers. If the platform fails, the bucket alone decides.
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

// What the time of the next try is taken from.

/**
 * `reply`: the reply names it. `reply_cut`: the reply names it, but it was cut to the limits of `retryTime`. `provider`: a rule about
 * the provider (data/reply-limits.tsv). `reason`: the reason of the bounce (data/retry-rules.tsv).
 */
export const retryBases = ['reply', 'reply_cut', 'provider', 'reason'] as const;
export type RetryBasis = (typeof retryBases)[number];

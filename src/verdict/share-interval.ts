// The interval of a share that was counted, such as the share of bounces that were predicted.

import { betaQuantile } from './beta.ts';

/** A share between 0 and 1, and its 90% interval. Null if nothing was counted. */
export type ShareEstimate = {
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
};

/**
 * Estimates a share from `hits` of `all`: Jeffreys' interval, the 5% and 95% quantiles of the beta distribution with ½ added to
 * both counts, but 0 without hits and 1 without misses (Brown, Cai and DasGupta, Statistical Science 16 (2001), 101–133).
 * `designEffect` is by how much the counts vary more than independent ones do, at least 1. Counts are divided by it.
 */
export function shareEstimate(hits: number, all: number, designEffect = 1): ShareEstimate {
  if (all === 0) return { share: null, low: null, high: null };
  const share = hits / all;
  const belief = { a: hits / designEffect + 0.5, b: (all - hits) / designEffect + 0.5 };
  return {
    share,
    low: hits === 0 ? 0 : Math.min(share, betaQuantile(belief, 0.05)),
    high: hits === all ? 1 : Math.max(share, betaQuantile(belief, 0.95)),
  };
}

/** Hits and all counted items of one cluster, such as the addresses of one domain. */
export interface ClusterCount {
  hits: number;
  all: number;
}

/**
 * How much more the share of hits varies than if every item were independent, because items of one cluster tend to be alike.
 * The variance of a ratio over clusters (Cochran, Sampling Techniques, 1977, section 9A.1), divided by that of a binomial
 * share. At least 1.
 */
export function clusterDesignEffect(clusters: Iterable<ClusterCount>): number {
  const counts = [...clusters];
  const hits = counts.reduce((sum, each) => sum + each.hits, 0);
  const all = counts.reduce((sum, each) => sum + each.all, 0);
  const share = hits / all;
  if (counts.length < 2 || share === 0 || share === 1) return 1;
  const squares = counts.reduce((sum, each) => sum + (each.hits - share * each.all) ** 2, 0);
  const variance = (squares / all ** 2) * (counts.length / (counts.length - 1));
  return Math.max(1, variance / ((share * (1 - share)) / all));
}

// Statistics of counts that vary more than chance alone explains. Bounce rates do: each day's mail goes to other people.

import { regularizedBeta } from '../../beta-function.ts';

/**
 * Returns the probability of at least `count` failures if the count has a negative binomial distribution with this mean
 * and size. Its variance is mean + mean² / size, so a small size stands for rates that vary much.
 */
export function chanceOfCount(count: number, mean: number, size: number): number {
  if (count <= mean || count <= 0) return 1;
  return regularizedBeta(mean / (mean + size), count, size);
}

/**
 * Returns the standard score of the Mann–Kendall test: how steadily the values rise. The test compares ranks, so it
 * holds whatever the distribution of the values is. 0 for fewer than six values.
 */
export function trendScore(values: readonly number[]): number {
  const n = values.length;
  if (n < 6) return 0;
  let score = 0;
  for (const [index, earlier] of values.entries())
    for (const later of values.slice(index + 1)) score += Math.sign(later - earlier);
  return (score - Math.sign(score)) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
}

/**
 * Returns the excess variance of daily rates: the squared coefficient of variation that remains without the variance of
 * pure chance. Each day has a count and its expected value. A few days say little, so the result is a weighted mean with `usual`.
 */
export function excessVariance(
  days: readonly { readonly count: number; readonly expected: number }[],
  usual: number,
): number {
  let squares = 0;
  let weights = 0;
  for (const { count, expected } of days) {
    squares += (count - expected) ** 2 - expected;
    weights += expected * expected;
  }
  // A day with few expected failures says little about the variance, so the weight of the data is at most the days.
  const weight = Math.min(days.length, weights / 4);
  const found = weights === 0 ? 0 : Math.max(0, squares / weights);
  return (found * weight + usual * 5) / (weight + 5);
}

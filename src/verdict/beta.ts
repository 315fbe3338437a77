// The beta distribution. It describes what is believed about a rate between 0 and 1, such as a bounce rate.

import { regularizedBeta } from '../beta-function.ts';

/** A beta distribution: `a` is its parameter α, `b` its parameter β. */
export interface Beta {
  readonly a: number;
  readonly b: number;
}

/** Returns the beta distribution with this mean and variance. Reduces a variance that is too large for the mean. */
export function betaOf(mean: number, variance: number): Beta {
  // The concentration is α + β. Below 1/2, nearly all of the probability would be close to 0 and to 1.
  const concentration = Math.max((mean * (1 - mean)) / variance - 1, 0.5);
  return { a: mean * concentration, b: (1 - mean) * concentration };
}

/** The probability that the rate is at most `x`. */
const betaCdf = ({ a, b }: Beta, x: number): number => regularizedBeta(x, a, b);

/**
 * The probability that a binomial count is at most `k` (NIST DLMF 8.17.5). `trials` need not be an integer: callers
 * approximate a sum of counts with different rates by one binomial count with the same mean and variance.
 */
export const binomialCdf = (k: number, trials: number, rate: number): number =>
  k < 0 ? 0 : k >= trials ? 1 : 1 - betaCdf({ a: k + 1, b: trials - k }, rate);

/** The value that the rate does not exceed with probability `p`. Found by bisection, to 1e-9. */
export function betaQuantile(beta: Beta, p: number): number {
  let low = 0;
  let high = 1;
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (betaCdf(beta, middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

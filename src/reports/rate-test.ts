// Statistics of rates: the probability that a rise is chance, and a lower confidence bound.

import { logGamma } from '../beta-function.ts';

/**
 * Returns the probability of seeing a rise at least this large by chance although the rate is constant. `count` of
 * `exposure` messages failed, and earlier `before` of `exposureBefore`. If the rate is constant, each of the `count +
 * before` failures falls into the later mail with the probability `exposure / (exposure + exposureBefore)`. This is the
 * exact conditional test of two Poisson rates (Przyborowski and Wilenski, 1940). Returns 1 if the rate did not rise.
 */
export function chanceOfRise(
  count: number,
  exposure: number,
  before: number,
  exposureBefore: number,
): number {
  const all = count + before;
  const share = exposure / (exposure + exposureBefore);
  if (count <= all * share) return 1;
  let term = Math.exp(
    logFactorial(all) -
      logFactorial(count) -
      logFactorial(before) +
      count * Math.log(share) +
      before * Math.log1p(-share),
  );
  if (Number.isNaN(term)) return 1;
  let tail = 0;
  // Each term is smaller than the previous one, because `count` is above the mean. The terms after `k = all` are 0.
  for (let k = count; term > tail * 1e-12; k++) {
    tail += term;
    term *= ((all - k) / (k + 1)) * (share / (1 - share));
  }
  return Math.min(tail, 1);
}

/** Returns ln n!. */
const logFactorial = (n: number): number => logGamma(n + 1);

/**
 * Returns the lower end of Wilson's interval for a rate of `count` in `total`: with 99% confidence, the true rate is
 * higher.
 */
export function leastRate(count: number, total: number): number {
  const z = 2.326;
  const rate = count / total;
  const centre = rate + (z * z) / (2 * total);
  const spread = z * Math.sqrt((rate * (1 - rate)) / total + (z * z) / (4 * total * total));
  return Math.max(0, (centre - spread) / (1 + (z * z) / total));
}

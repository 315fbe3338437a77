// Statistics of rates: the probability that a rise is chance, and a lower confidence bound.

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

/** Returns ln n!. It is exact below 10; from 10 on it uses Stirling's series. */
function logFactorial(n: number): number {
  if (n < 10) {
    let product = 1;
    for (let factor = 2; factor <= n; factor++) product *= factor;
    return Math.log(product);
  }
  const square = n * n;
  return (
    n * Math.log(n) -
    n +
    Math.log(2 * Math.PI * n) / 2 +
    (1 - (1 / 30 - 1 / (105 * square)) / square) / (12 * n)
  );
}

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

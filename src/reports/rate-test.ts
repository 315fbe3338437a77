// Statistical tests of rates: whether a rise is more than chance, and a lower confidence bound.

/**
 * The probability that at least `count` of all `count + before` events fall into `exposure` of all `exposure +
 * exposureBefore` mail if the rate is constant: the exact conditional test of two Poisson rates (Przyborowski and
 * Wilenski, 1940). Returns 1 for a rate that did not rise.
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
  // Above the mean each term is smaller than the previous one; after the last it is 0.
  for (let k = count; term > tail * 1e-12; k++) {
    tail += term;
    term *= ((all - k) / (k + 1)) * (share / (1 - share));
  }
  return Math.min(tail, 1);
}

/** ln n!: exact below 10, by Stirling's series from there. */
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

/** The lower end of Wilson's interval for `count` of `total`, at 99% one-sided. */
export function leastRate(count: number, total: number): number {
  const z = 2.326;
  const rate = count / total;
  const centre = rate + (z * z) / (2 * total);
  const spread = z * Math.sqrt((rate * (1 - rate)) / total + (z * z) / (4 * total * total));
  return Math.max(0, (centre - spread) / (1 + (z * z) / total));
}

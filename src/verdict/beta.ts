// The beta distribution. It describes what is believed about a rate between 0 and 1, such as a bounce rate.

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

/** The probability that the rate is at most `x`: the regularized incomplete beta function (NIST DLMF 8.17). */
function betaCdf({ a, b }: Beta, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The continued fraction converges fast for `x` below about the mean. Above it, compute 1 − P(rate > x) instead.
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(a, b, x)) / a
    : 1 - (front * continuedFraction(b, a, 1 - x)) / b;
}

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

/** The continued fraction of NIST DLMF 8.17.22, evaluated with Lentz's method. */
function continuedFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < 1e-12) break;
  }
  return value;
}

/**
 * ln Γ(x) for x > 0, by Stirling's series (NIST DLMF 5.11.1). The series is exact enough only from x = 10, so a smaller x is
 * first raised with Γ(x) = Γ(x + 1) / x.
 */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) {
    shift += Math.log(z);
    z++;
  }
  const square = z * z;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / z;
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}

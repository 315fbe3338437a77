// Statistics of counts that vary more than chance alone explains. Bounce rates do: each day's mail goes to other people.

/**
 * Returns the probability of at least `count` failures if the count has a negative binomial distribution with this mean
 * and size. Its variance is mean + mean² / size, so a small size stands for rates that vary much.
 */
export function chanceOfCount(count: number, mean: number, size: number): number {
  if (count <= mean || count <= 0) return 1;
  return incompleteBeta(mean / (mean + size), count, size);
}

/** The regularized incomplete beta function, by its continued fraction (DLMF 8.17.22). For x below a / (a + b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(
    a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) + logGamma(a + b) - logGamma(a) - logGamma(b),
  );
  // Evaluates the fraction by the modified method of Lentz.
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 + term * d;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      c = 1 + term / c;
      if (Math.abs(c) < tiny) c = tiny;
      change = c * d;
      fraction *= change;
    }
    if (Math.abs(change - 1) < 1e-10) break;
  }
  return Math.min(1, front * fraction);
}

/** Returns ln Γ(x) for x above 0, by Stirling's series from 10 on. */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 10) {
    shift += Math.log(y);
    y += 1;
  }
  const square = y * y;
  const series = (1 - (1 / 30 - 1 / (105 * square)) / square) / (12 * y);
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift;
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
 * pure chance. Each day has a count and its expected value. A few days say little, so the result is drawn to `usual`.
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

// Random counts and rates.

import type { Random } from '../simulate/random.ts';

const rounded = (value: number, most: number): number => Math.min(Math.max(Math.round(value), 0), most);

/** The number of successes in `count` trials with probability `chance` (a normal approximation for large counts). */
export function binomial(random: Random, count: number, chance: number): number {
  if (count <= 0 || chance <= 0) return 0;
  if (chance >= 1) return count;
  if (chance > 0.5) return count - binomial(random, count, 1 - chance);
  const mean = count * chance;
  if (mean > 25) return rounded(mean + random.normal() * Math.sqrt(mean * (1 - chance)), count);
  // Skip from one success to the next: the distances are geometric.
  const log = Math.log1p(-chance);
  let successes = 0;
  let trial = Math.floor(Math.log(1 - random.unit()) / log);
  while (trial < count) {
    successes++;
    trial += 1 + Math.floor(Math.log(1 - random.unit()) / log);
  }
  return successes;
}

export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 25) return rounded(mean + random.normal() * Math.sqrt(mean), Number.MAX_SAFE_INTEGER);
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.unit(); product > limit; product *= random.unit()) count++;
  return count;
}

/**
 * A factor with mean 1 and variance 1/`shape` (gamma distribution, method of Marsaglia and Tsang, 2000). `shape` is at
 * least 1.
 */
export function gammaFactor(random: Random, shape: number): number {
  const scale = shape - 1 / 3;
  const step = 1 / Math.sqrt(9 * scale);
  for (;;) {
    const normal = random.normal();
    const cube = (1 + step * normal) ** 3;
    if (cube <= 0) continue;
    if (Math.log(1 - random.unit()) < normal ** 2 / 2 + scale * (1 - cube + Math.log(cube)))
      return (scale * cube) / shape;
  }
}

export const between = (random: Random, low: number, high: number): number =>
  low + random.unit() * (high - low);

/** A number between `low` and `high` whose logarithm is uniform. */
export const logBetween = (random: Random, low: number, high: number): number =>
  low * (high / low) ** random.unit();

/** Whether something with probability `chance` happens. */
export const happens = (random: Random, chance: number): boolean => random.unit() < chance;

// The statistics against values that are known exactly.

import { describe, expect, test } from 'vitest';
import { logGamma } from '../../../src/beta-function.ts';
import { chanceOfCount, excessVariance, trendScore } from '../../../src/reports/incidents/overdispersed.ts';

/** P(K ≥ count), summed term by term. */
function tailOf(count: number, mean: number, size: number): number {
  const p = size / (size + mean);
  let term = p ** size;
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += term;
    term *= ((k + size) / (k + 1)) * (1 - p);
  }
  return 1 - below;
}

describe('chanceOfCount', () => {
  test.each([
    [3, 1, 4],
    [10, 2, 2.5],
    [12, 5, 16],
    [40, 20, 8],
    [2, 0.3, 1],
  ])('%d or more with mean %d and size %d', (count, mean, size) => {
    expect(chanceOfCount(count, mean, size)).toBeCloseTo(tailOf(count, mean, size), 10);
  });

  test('a size of 1 is the geometric distribution', () => {
    expect(chanceOfCount(50, 2, 1) / (2 / 3) ** 50).toBeCloseTo(1, 8);
  });

  test('a count up to the mean is no rise', () => {
    expect(chanceOfCount(5, 5, 4)).toBe(1);
    expect(chanceOfCount(0, 0, 4)).toBe(1);
  });

  test('millions of messages have a chance too, and a larger variance makes it larger', () => {
    const steady = chanceOfCount(150_000, 100_000, 16);
    const varying = chanceOfCount(150_000, 100_000, 4);
    expect(steady).toBeGreaterThan(0.01);
    expect(steady).toBeLessThan(0.05);
    expect(varying).toBeGreaterThan(2 * steady);
    expect(chanceOfCount(1_000_000, 100_000, 16)).toBeLessThan(1e-40);
  });
});

test('logGamma', () => {
  expect(logGamma(1)).toBeCloseTo(0, 9);
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 10);
  expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 10);
});

describe('trendScore', () => {
  test('a steady rise of ten values scores (45 - 1) / √125', () => {
    expect(trendScore([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBeCloseTo(44 / Math.sqrt(125), 10);
    expect(trendScore([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toBeCloseTo(-44 / Math.sqrt(125), 10);
  });

  test('equal and few values have no trend', () => {
    expect(trendScore([3, 3, 3, 3, 3, 3, 3])).toBe(0);
    expect(trendScore([1, 2, 3, 4, 5])).toBe(0);
    expect(trendScore([1, 2, 3, 4, 5, 6])).toBeGreaterThan(2);
  });
});

describe('excessVariance', () => {
  const days = (counts: readonly number[], expected: number) => counts.map((count) => ({ count, expected }));

  test('without days it is the usual one', () => {
    expect(excessVariance([], 0.25)).toBe(0.25);
  });

  test('counts that vary as chance does have little', () => {
    const counts = Array.from({ length: 100 }, (_, index) => 100 + (index % 2 === 0 ? 10 : -10));
    expect(excessVariance(days(counts, 100), 0.25)).toBeCloseTo((0.25 * 5) / 105, 10);
  });

  test('counts that vary by half of their mean have a quarter', () => {
    const counts = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 1500 : 500));
    expect(excessVariance(days(counts, 1000), 0)).toBeCloseTo((0.249 * 200) / 205, 4);
  });

  test('days with hardly any failures say little', () => {
    const counts = Array.from({ length: 40 }, (_, index) => (index === 0 ? 4 : 0));
    expect(excessVariance(days(counts, 0.1), 0.25)).toBeLessThan(1);
  });
});

// Random counts and rates of the synthetic months have the distributions that they claim.

import { expect, test } from 'vitest';
import { between, binomial, gammaFactor, happens, logBetween, poisson } from '../../bench/months/sample.ts';
import { randomFrom } from '../../bench/simulate/random.ts';

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw);
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const variance = (values: readonly number[]) => {
  const middle = mean(values);
  return mean(values.map((one) => (one - middle) ** 2));
};

test.each([
  [0, 0.5, 0],
  [-1, 0.5, 0],
  [10, 0, 0],
  [10, -0.1, 0],
  [10, 1, 10],
  [10, 1.5, 10],
])('of %d trials with probability %d, %d succeed', (count, chance, successes) => {
  expect(binomial(randomFrom(1), count, chance)).toBe(successes);
});

test.each([
  [20, 0.1],
  [20, 0.9],
  [4000, 0.001],
  [1000, 0.3],
  [1000, 0.8],
])(
  'the successes of %d trials with probability %d have the mean and the variance of the binomial distribution',
  (count, chance) => {
    const random = randomFrom(2);
    const values = draws(4000, () => binomial(random, count, chance));
    const exact = count * chance * (1 - chance);
    expect(Math.abs(mean(values) - count * chance)).toBeLessThan(5 * Math.sqrt(exact / 4000));
    expect(variance(values) / exact).toBeGreaterThan(0.9);
    expect(variance(values) / exact).toBeLessThan(1.1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(count);
  },
);

test.each([0.3, 6, 24, 26, 400])(
  'counts with mean %d have the mean and the variance of the Poisson distribution',
  (expected) => {
    const random = randomFrom(3);
    const values = draws(4000, () => poisson(random, expected));
    expect(Math.abs(mean(values) - expected)).toBeLessThan(5 * Math.sqrt(expected / 4000));
    expect(variance(values) / expected).toBeGreaterThan(0.88);
    expect(variance(values) / expected).toBeLessThan(1.12);
  },
);

test('nothing is expected of a mean of zero', () => {
  expect(poisson(randomFrom(1), 0)).toBe(0);
});

test.each([1, 5, 40])('a gamma factor of shape %d has mean 1 and variance 1/shape', (shape) => {
  const random = randomFrom(4);
  const values = draws(20_000, () => gammaFactor(random, shape));
  expect(mean(values)).toBeCloseTo(1, 1);
  expect(variance(values) * shape).toBeGreaterThan(0.9);
  expect(variance(values) * shape).toBeLessThan(1.1);
  expect(Math.min(...values)).toBeGreaterThan(0);
});

test('numbers between two bounds stay there', () => {
  const random = randomFrom(5);
  const even = draws(2000, () => between(random, 2, 6));
  expect(mean(even)).toBeCloseTo(4, 0);
  expect(Math.min(...even)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...even)).toBeLessThan(6);
  const logs = draws(2000, () => Math.log10(logBetween(random, 10, 1000)));
  expect(mean(logs)).toBeCloseTo(2, 0);
  expect(Math.min(...logs)).toBeGreaterThanOrEqual(1);
  expect(
    draws(2000, () => Number(happens(random, 0.25))).filter((one) => one === 1).length / 2000,
  ).toBeCloseTo(0.25, 1);
});

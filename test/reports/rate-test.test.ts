// Whether a rate rose by more than chance: against sums that can be written down.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chanceOfRise, leastRate } from '../../src/reports/rate-test.ts';

test('all of ten in a tenth of the mail: one in ten thousand million', () => {
  expect(chanceOfRise(10, 1, 0, 9)).toBeCloseTo(1e-10, 15);
});

test('a rate that did not rise is no surprise', () => {
  expect(chanceOfRise(5, 100, 50, 1000)).toBe(1);
  expect(chanceOfRise(0, 100, 50, 1000)).toBe(1);
});

test('is the tail of the binomial distribution', () => {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 0, max: 25 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 1000 }),
      (count, before, exposure, exposureBefore) => {
        const all = count + before;
        const share = exposure / (exposure + exposureBefore);
        fc.pre(count > all * share);
        let tail = 0;
        for (let k = count; k <= all; k++) tail += choose(all, k) * share ** k * (1 - share) ** (all - k);
        expect(chanceOfRise(count, exposure, before, exposureBefore) / tail).toBeCloseTo(1, 6);
      },
    ),
  );
});

test('millions neither overflow nor take long', () => {
  expect(chanceOfRise(120_000, 1_000_000, 1_000_000, 10_000_000)).toBeLessThan(1e-100);
  expect(chanceOfRise(100_100, 1_000_000, 1_000_000, 10_000_000)).toBeGreaterThan(0.1);
});

test('few messages leave a rate uncertain', () => {
  expect(leastRate(1, 10)).toBeLessThan(0.02);
  expect(leastRate(1000, 10_000)).toBeGreaterThan(0.09);
  expect(leastRate(0, 10)).toBe(0);
});

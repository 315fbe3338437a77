// The interval of a counted share, and how clusters widen it.

import { describe, expect, test } from 'vitest';
import { clusterDesignEffect, shareEstimate } from '../../src/verdict/share-interval.ts';

describe('a share that was counted', () => {
  // The quantiles of the beta distribution by another method: numerical integration of its density.
  test.each([
    [5, 10, 0.5, 0.26192, 0.73808],
    [1, 100, 0.01, 0.00176, 0.03841],
    [0, 100, 0, 0, 0.01898],
    [100, 100, 1, 0.98102, 1],
  ])('%i of %i', (hits, all, share, low, high) => {
    const estimate = shareEstimate(hits, all);
    expect(estimate.share).toBe(share);
    expect(estimate.low).toBeCloseTo(low, 3);
    expect(estimate.high).toBeCloseTo(high, 3);
  });

  test('of nothing there is no share', () => {
    expect(shareEstimate(0, 0)).toEqual({ share: null, low: null, high: null });
  });

  test('a design effect of 4 makes the interval as wide as that of a quarter of the counts', () => {
    expect(shareEstimate(40, 100, 4)).toEqual({ ...shareEstimate(10, 25), share: 0.4 });
  });
});

describe('the design effect of clusters', () => {
  test('is the size of clusters in which all are alike', () => {
    const clusters = Array.from({ length: 400 }, (_, index) => ({ hits: index % 2 === 0 ? 5 : 0, all: 5 }));
    expect(clusterDesignEffect(clusters)).toBeCloseTo(5, 1);
  });

  test('is 1 if clusters are single addresses, or more alike than by chance', () => {
    const single = Array.from({ length: 400 }, (_, index) => ({ hits: index % 2, all: 1 }));
    expect(clusterDesignEffect(single)).toBeCloseTo(1, 2);
    expect(clusterDesignEffect([...single, ...single].map(() => ({ hits: 1, all: 2 })))).toBe(1);
  });

  test.each([
    ['no cluster', []],
    ['one cluster', [{ hits: 3, all: 5 }]],
    ['no hits', [0, 0].map(() => ({ hits: 0, all: 5 }))],
    ['no misses', [0, 0].map(() => ({ hits: 5, all: 5 }))],
  ])('is 1 for %s, which does not tell it', (_, clusters) => {
    expect(clusterDesignEffect(clusters)).toBe(1);
  });
});

// What requests and caches may hold follows the heap that V8 was given.

import { expect, test } from 'vitest';
import { memoryLimitsOf } from '../../src/platform/memory-limits.ts';

const mib = 1024 * 1024;

test('a heap of Node’s usual size has the full limits', () => {
  expect(memoryLimitsOf(2048 * mib)).toEqual({ batchRows: 20_000, bodyBytes: 16 * mib, domains: null });
});

test.each([64, 76, 128, 256])(
  'with a heap of %i MiB, everything admitted fits beside the service',
  (size) => {
    const { batchRows, bodyBytes, domains } = memoryLimitsOf(size * mib);
    expect(40 * mib + batchRows * 2500 + bodyBytes + domains! * 2000).toBeLessThanOrEqual(size * mib);
  },
);

test('the limits grow with the heap', () => {
  const sizes = [64, 80, 96, 112, 128].map((size) => memoryLimitsOf(size * mib));
  for (const name of ['batchRows', 'bodyBytes', 'domains'] as const) {
    const values = sizes.map((limits) => limits[name]!);
    expect(values).toEqual(values.toSorted((one, other) => one - other));
    expect(values.at(-1)!).toBeGreaterThan(values[0]!);
  }
});

test('the smallest heap still admits one batch and one body of the largest sizes', () => {
  expect(memoryLimitsOf(8 * mib)).toEqual({ batchRows: 1000, bodyBytes: 4 * mib, domains: 2000 });
});

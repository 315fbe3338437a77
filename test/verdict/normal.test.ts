// The normal quantiles, against values with 15 digits.

import { expect, test } from 'vitest';
import { normalQuantile } from '../../src/verdict/normal.ts';

test.each([
  [0.5, 0],
  [0.6, 0.253347103135799],
  [0.95, 1.64485362695147],
  [0.975, 1.95996398454005],
  [0.999, 3.09023230616781],
  [1e-10, -6.36134090240406],
  [1e-20, -9.26234008979841],
])('%d: %d', (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 12);
  if (p > 1e-3) expect(normalQuantile(1 - p)).toBeCloseTo(-z, 12);
});

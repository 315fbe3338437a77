// Rows in, the same rows out.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasRowBit, rowBits } from '../../src/jobs/row-bits.ts';

test('no rows are null, and null has none', () => {
  expect(rowBits([], 10)).toBeNull();
  expect(hasRowBit(null, 3)).toBe(false);
});

test('four rows are a digit, the first in its lowest bit', () => {
  expect(rowBits([0, 5, 7], 9)).toBe('1a0');
});

test('exactly the rows that were set are told', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(2000), { minLength: 1 }), (rows) => {
      const bits = rowBits(
        rows.toSorted((a, b) => a - b),
        2001,
      );
      const told = Array.from({ length: 2001 }, (_, row) => row).filter((row) => hasRowBit(bits, row));
      expect(told).toEqual(rows.toSorted((a, b) => a - b));
    }),
  );
});

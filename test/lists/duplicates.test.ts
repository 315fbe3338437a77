// Given these addresses in this order, those stood further up.

import { expect, test } from 'vitest';
import { createSeenAddresses } from '../../src/lists/duplicates.ts';

test('an address was seen from its second time on, in any letter case', () => {
  const { seen } = createSeenAddresses(100);
  expect(['a@b.com', 'c@b.com', 'A@B.com', 'a@b.com', ''].map(seen)).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});

test.each([undefined, 8 * 20_000])(
  'in a list of %s bytes each of 20,000 addresses is told apart',
  (bytes) => {
    const { seen } = createSeenAddresses(bytes);
    const addresses = Array.from({ length: 20_000 }, (_, index) => `${index}@b.com`);
    expect(addresses.filter(seen)).toEqual([]);
    expect(addresses.filter(seen).length).toBe(20_000);
  },
);

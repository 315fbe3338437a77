// Given these addresses in this order, those stood further up.

import { expect, test } from 'vitest';
import { createSeenAddresses } from '../../src/lists/duplicates.ts';

test('an address was seen from its second time on, in any letter case', () => {
  const { seen } = createSeenAddresses(100);
  expect(seen(['a@b.com', 'c@b.com', 'A@B.com', 'a@b.com', '', 'JÖRG@b.com', 'jörg@b.com'])).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
    true,
  ]);
});

test.each([undefined, 8 * 20_000])(
  'in a list of %s bytes each of 20,000 addresses is told apart',
  (bytes) => {
    const { seen } = createSeenAddresses(bytes);
    const addresses = Array.from({ length: 20_000 }, (_, index) => `${index}@b.com`);
    expect(seen(addresses)).not.toContain(true);
    expect(seen(addresses)).not.toContain(false);
  },
);

// Addresses in a cell: what separates them, what is removed around them, and hostile cells.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressesInCell } from '../../src/lists/address-cell.ts';

test.each([
  ['a@x.org  :::\t b@x.org', ['a@x.org', 'b@x.org']],
  ['a@x.org / b@x.org', ['a@x.org', 'b@x.org']],
  ['a@x.org   /\u00a0  b@x.org', ['a@x.org', 'b@x.org']],
  ['a@x.org/b@x.org c@x.org', ['a@x.org', 'b@x.org', 'c@x.org']],
  [' Ann ; a@x.org ,, b@x.org | ', ['a@x.org', 'b@x.org']],
  ['a@x.org, A@X.org, b@x.org, a@x.org', ['a@x.org', 'b@x.org']],
  ['\u200b a@x.org \u{e0001}\u200b', ['a@x.org']],
  ['\u{e0001}', []],
  ['😀', ['😀']],
  ['😀 ', ['😀']],
  ['ab\udc01', ['ab\udc01']],
  [' \udc01 ', ['\udc01']],
])('%j has %j', (cell, addresses) => {
  expect(addressesInCell(cell)).toEqual(addresses);
});

test('no result begins or ends with a space or an invisible character', () => {
  const unit = fc.constantFrom(
    'a',
    '@',
    '.',
    ' ',
    '\t',
    '\u200b',
    '\u{e0001}',
    ',',
    '/',
    ':',
    '😀',
    '\udc01',
  );
  const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), (cell) => {
      for (const found of addressesInCell(cell)) {
        expect(found).not.toMatch(/^[\s\p{Cc}\p{Cf}]|[\s\p{Cc}\p{Cf}]$/u);
        expect(visible(cell)).toContain(visible(found.split(/[ @]/)[0]!));
      }
    }),
  );
});

test.each([
  ['spaces', `a${' '.repeat(100_000)}b`],
  ['spaces beside an address', `a@x.org${' '.repeat(100_000)}b@x.org`],
  ['addresses', Array.from({ length: 100_000 }, (_, index) => `a${index}@x.org`).join()],
])('a cell of very many %s is read in one go', (_, cell) => {
  expect(addressesInCell(cell).length).toBeGreaterThan(0);
});

// Addresses in running text and in return paths.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressesIn, verpRecipient } from '../../src/bounce/address-text.ts';

test('finds addresses in running text without the characters around them', () => {
  const text = 'To <jane@EXAMPLE.org>, "joe@example.net" and mailto:ann@example.com. Not @here, nor there@.';
  expect(addressesIn(text).map(({ address }) => address)).toEqual([
    'jane@example.org',
    'joe@example.net',
    'ann@example.com',
  ]);
});

test.each([
  ['bounce+jane=example.org@lists.example.com', 'jane@example.org'],
  ['bounces+123-jane.doe=Example.ORG@lists.example.com', 'jane.doe@example.org'],
  ['bounces+123-0a1b-jane=example.org@em.example.com', 'jane@example.org'],
  ['bounces-jane=example.org@lists.example.com', 'jane@example.org'],
  ['list-return-42-jane=example.org@lists.example.com', 'jane@example.org'],
  ['news@example.com', null],
  ['a=b@example.com', null],
  ['bounce+jane=@example.com', null],
  ['', null],
])('the recipient in %j is %j', (returnPath, recipient) => {
  expect(verpRecipient(returnPath)).toBe(recipient);
});

test('reported positions match the addresses in any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '@', '.', '"', '<', ' ', 'é', '=', '[', ']') }),
      (text) => {
        for (const { address, start, end } of addressesIn(text))
          expect(text.slice(start, end).toLowerCase()).toBe(address.toLowerCase());
      },
    ),
  );
});

test.each([
  ['收件人：jane@example.org', 'jane@example.org'],
  ['（jane@example.org）は存在しません', 'jane@example.org'],
  ['jane@example.org不存在', 'jane@example.org'],
  ['«jane@example.org» n’existe pas', 'jane@example.org'],
  ['an 用户@例子.公司 gesendet', '用户@例子.公司'],
  ['jürgen@müller.example', 'jürgen@müller.example'],
])('punctuation and words of other scripts do not belong to an address: %s', (text, address) => {
  expect(addressesIn(text).map((found) => found.address)).toEqual([address]);
});

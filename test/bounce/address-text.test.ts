// Addresses in running text and in return paths.

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { addressesIn, verpRecipient } from '../../src/bounce/address-text.ts';

test('finds addresses in running text without the characters around them', () => {
  const text = 'To <jane@EXAMPLE.org>, "joe@example.net" and mailto:ann@example.com. Not @here, nor there@.';
  expect(addressesIn(text).map(({ address }) => address)).toEqual([
    'jane@example.org',
    'joe@example.net',
    'ann@example.com',
  ]);
});

test('a domain literal is in brackets and no longer than a domain', () => {
  const literal = (length: number) => `[${'1'.repeat(length - 1)}]`;
  expect(addressesIn('jane@[192.0.2.7] joe@[192.0.2.7').map(({ address }) => address)).toEqual([
    'jane@[192.0.2.7]',
  ]);
  expect(addressesIn(`jane@${literal(255)}`)).toHaveLength(1);
  expect(addressesIn(`jane@${literal(256)}`)).toHaveLength(0);
});

test('a bracket that nobody closes is searched for no further than a domain reaches', () => {
  let searched = 0;
  const indexOf = String.prototype.indexOf;
  const spy = vi.spyOn(String.prototype, 'indexOf').mockImplementation(function (this: string, ...args) {
    if (args[0] === ']') searched += this.length - (args[1] ?? 0);
    return indexOf.apply(this, args);
  });
  const text = 'a@['.repeat(10_000);
  addressesIn(text);
  spy.mockRestore();
  expect(searched).toBeGreaterThan(10_000);
  expect(searched).toBeLessThan(10_000 * 300);
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

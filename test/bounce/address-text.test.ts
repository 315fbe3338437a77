// Mailboxes in running text, in report fields and in return paths.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressesIn, addressOf, verpRecipient } from '../../src/bounce/address-text.ts';

test('addresses in running text, without what stands around them', () => {
  const text = 'To <jane@EXAMPLE.org>, "joe@example.net" and mailto:ann@example.com. Not @here, nor there@.';
  expect(addressesIn(text).map(({ address }) => address)).toEqual([
    'jane@example.org',
    'joe@example.net',
    'ann@example.com',
  ]);
});

test.each([
  ['rfc822; jane@Example.org', 'jane@example.org'],
  ['RFC822;<jane@example.org>', 'jane@example.org'],
  ['jane@example.org', 'jane@example.org'],
  ['rfc822; "jane doe"@example.org', '"jane doe"@example.org'],
  ['rfc822; jane@[192.0.2.7]', 'jane@[192.0.2.7]'],
  ['utf-8; jäne@exämple.org', 'jäne@exämple.org'],
  ['x-unknown; jane', null],
  ['', null],
])('the address of %j is %j', (field, address) => {
  expect(addressOf(field)).toBe(address);
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

test('any text has addresses at the places that are told', () => {
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

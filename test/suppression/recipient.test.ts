// Whatever text names an address, this is the address that is suppressed, found, lifted and erased.

import { expect, test } from 'vitest';
import { recipientAddress, recipientRefusal } from '../../src/suppression/recipient.ts';

test.each([
  ['Jane@EXAMPLE.org', 'Jane@example.org'],
  ['  jane@example.org\n', 'jane@example.org'],
  ['jane@example.org.', 'jane@example.org'],
  ['mailto:jane@example.org', 'jane@example.org'],
  ['MAILTO:jane%40example.org?subject=unsubscribe', 'jane@example.org'],
  ['mailto:100%@example.org', '100%@example.org'],
  ['<jane@example.org>', 'jane@example.org'],
  ['Jane Doe <jane@example.org>', 'jane@example.org'],
  ['"Doe, Jane" <mailto:jane@example.org>', 'jane@example.org'],
  ['jane@example.org (Jane)', 'jane@example.org'],
  ['Jane <jane@example.org> (work)', 'jane@example.org'],
  ['jane@bücher.example', 'jane@xn--bcher-kva.example'],
  ["o'neil@example.org", "o'neil@example.org"],
  ['"john doe"@example.org', '"john doe"@example.org'],
])('%j is the mailbox %s', (text, address) => {
  expect(recipientAddress(text)).toBe(address);
});

test.each([
  ['abc..def@docomo.ne.jp', 'abc..def@docomo.ne.jp'],
  ['abc.@DoCoMo.ne.jp', 'abc.@docomo.ne.jp'],
  ['x@abc_d.com', 'x@abc_d.com'],
  ['Jane <x@abc_d.com>', 'x@abc_d.com'],
  ['mailto:.x.@ezweb.ne.jp', '.x.@ezweb.ne.jp'],
  ['x@-example-.org.', 'x@-example-.org'],
  [`${'x'.repeat(80)}@example.org`, `${'x'.repeat(80)}@example.org`],
  ['"a b..c"@example.org', '"a b..c"@example.org'],
])('%j is refused by the grammar and named as it is: %s', (text, address) => {
  expect(recipientAddress(text)).toBe(address);
});

test('two texts for one refused address are one address', () => {
  const texts = [
    'abc..def@docomo.ne.jp',
    ' ABC <abc..def@DOCOMO.ne.jp.>',
    'mailto:abc..def@docomo.ne.jp (x)',
  ];
  expect(new Set(texts.map(recipientAddress))).toEqual(new Set(['abc..def@docomo.ne.jp']));
});

test.each([
  '',
  'jane',
  '@',
  '@example.org',
  'jane@',
  'jane@.',
  'john doe@example.org',
  'jane@@example.org',
  'a@b@example.org',
  'jane@example.org, john@example.org',
  'jane@example.org;john@example.org',
  '<jane@example.org> <john@example.org>',
  'jane@exam ple.org',
  'jane\u0000@exa_mple.org',
  'jos\ufffd@example.org',
  'mailto:',
  `${'x'.repeat(1020)}@e.org`,
])('%j names no one address', (text) => {
  expect(recipientAddress(text)).toBeNull();
});

test.each([
  ['jos\ufffd@example.org', /U\+FFFD/],
  ['jane', /needs an @ sign/],
  [`jane@example.org${' '.repeat(1100)}`, /too long|longer/],
])('why %j names no address is said', (text, why) => {
  expect(recipientAddress(text)).toBeNull();
  expect(recipientRefusal(text)).toMatch(why);
});

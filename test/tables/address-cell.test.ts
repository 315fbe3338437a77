// Addresses in a cell: what separates them, what is removed around them, and hostile cells.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRemark } from '../../src/lists/remark.ts';
import { addressesInCell, saysNoAddress } from '../../src/tables/address-cell.ts';

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

test.each([
  ['Jane Doe (a@x.org)', ['a@x.org']],
  ['Jane Doe [mailto:a@x.org]', ['a@x.org']],
  ['Jane Doe: a@x.org', ['a@x.org']],
  ['a@x.org | Jane', ['a@x.org']],
  ['a@x.org - Jane Doe', ['a@x.org']],
  ['Jane Doe - a@x.org', ['a@x.org']],
  ['Jane Doe a@x.org', ['a@x.org']],
  ['doe jane.doe@x.org', ['jane.doe@x.org']],
  ['Mail a@x.org', ['a@x.org']],
  ['+49-151-123456 a@x.org', ['a@x.org']],
  ['a@x.org 0151/123456', ['a@x.org']],
  ['{"email": "a@x.org", "id": 7}', ['a@x.org']],
  ["[{'value': 'a@x.org', 'primary': True}]", ['a@x.org']],
  ['{a@x.org,b@x.org}', ['a@x.org', 'b@x.org']],
  ['<a href="mailto:a@x.org">Jane</a>', ['a@x.org']],
  ['[Jane](mailto:a@x.org)', ['a@x.org']],
  ['mailto://a@x.org', ['a@x.org']],
  ['A <a@x.org> B <b@x.org>', ['a@x.org', 'b@x.org']],
  ['<a@x.org><b@x.org>', ['a@x.org', 'b@x.org']],
  ['a@x.org and b@x.org', ['a@x.org', 'b@x.org']],
  ['a@x.org & b@x.org + c@x.org', ['a@x.org', 'b@x.org', 'c@x.org']],
  ['a@x.org、b@x.org；c@x.org', ['a@x.org', 'b@x.org', 'c@x.org']],
  ['a@x.org،b@x.org', ['a@x.org', 'b@x.org']],
  ['【a@x.org】', ['a@x.org']],
  ['´a@x.org´', ['a@x.org']],
  ['*a@x.org*', ['a@x.org']],
  ["'a@x.org", ['a@x.org']],
  ['a@x.org\u3164\u2800\ufe0f', ['a@x.org']],
])('among other words: %j has %j', (cell, addresses) => {
  expect(addressesInCell(cell)).toEqual(addresses);
});

test.each([
  'jane doe@x.org',
  'Jane doe@x.org',
  'jane @ doe@x.org',
  'jane - doe@x.org',
  'a@x.co UK',
  'a@x.org com',
  '123456 7@x.org',
  'Mary Ann .doe@x.org',
  'a@x.org and jane@gmail',
])('no address is cut out of %j, because it may belong to another person', (cell) => {
  expect(addressesInCell(cell)).toEqual([cell]);
});

test.each([
  'no email',
  'No e-mail address',
  "pas d'adresse",
  'keine Angabe',
  'nie podano',
  'нет почты',
  '未填写',
  '(none)',
  '[null]',
  '<null>',
  '#VALUE!',
  '#BEZUG!',
  '#NV',
  '/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=abc-B',
])('%j says that there is no address', (cell) => {
  expect([saysNoAddress(cell), addressesInCell(cell)]).toEqual([true, []]);
});

test.each([
  ['see notes', true],
  ['Main Street 5', true],
  ['+49 151 1234567', true],
  ['jane', false],
  ['jane gmail.com', false],
  ['jane at gmail dot com', false],
  ['jane @gmail.com', false],
  ['no.reply gmail.com', false],
])('%j is a remark: %j', (cell, expected) => {
  expect(isRemark(cell)).toBe(expected);
});

test.each([
  ['brackets', `${')'.repeat(200_000)}x`],
  ['dots', `a@${'.'.repeat(200_000)}x`],
  ['angles', '<a@'.repeat(60_000)],
  ['words', 'Jane '.repeat(60_000).concat('a@x.org')],
])('a long cell of %s is read in one go', (_, cell) => {
  expect(addressesInCell(cell).length + Number(isRemark(cell))).toBeGreaterThan(0);
});

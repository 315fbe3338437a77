// Form bodies.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstValue, lastValue, parseForm, parseFormBytes } from '../../src/webhooks/form.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  [
    'a=1&b=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'a=1+2%2B3&b%20=%c3%A9',
    [
      ['a', '1 2+3'],
      ['b ', 'é'],
    ],
  ],
  [
    'a&b=&=c&&',
    [
      ['a', ''],
      ['b', ''],
      ['', 'c'],
    ],
  ],
  ['a=b=c', [['a', 'b=c']]],
  [
    'a=%&b=%4&c=%zz&d=%4g&e=%:0',
    [
      ['a', '%'],
      ['b', '%4'],
      ['c', '%zz'],
      ['d', '%4g'],
      ['e', '%:0'],
    ],
  ],
  ['é=é', [['é', 'é']]],
  ['', []],
])('%j', (text, pairs) => {
  expect(parseForm(bytes(text))).toEqual(pairs);
});

// Of ASCII: Node's URLSearchParams misreads a percent sign before other characters.
test('every form reads as URLSearchParams reads it', () => {
  const unit = fc.constantFrom('a', '&', '=', '+', '%', '4', '1', 'F', 'g', '%2B', '%C3%A9', ' ');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      expect(parseForm(bytes(text)) ?? 'not UTF-8').toEqual(
        [...new URLSearchParams(text)].some((pair) => pair.join('').includes('\ufffd'))
          ? 'not UTF-8'
          : [...new URLSearchParams(text)],
      );
    }),
  );
});

test('a thousand pairs are read, and more are not', () => {
  expect(parseForm(bytes('a&'.repeat(1000)))).toHaveLength(1000);
  expect(parseForm(bytes('a&'.repeat(1001)))).toBeNull();
  expect(parseFormBytes(bytes('a&'.repeat(1001)))).toBeNull();
});

test('a body that is not UTF-8 is not a form', () => {
  expect(parseForm(bytes('a=%ff'))).toBeNull();
  expect(parseForm(Uint8Array.of(0xff))).toBeNull();
});

test('of several values of a name there is a first and a last', () => {
  const pairs = parseForm(bytes('a=1&b=2&a=3'))!;
  expect([
    firstValue(pairs, 'a'),
    lastValue(pairs, 'a'),
    firstValue(pairs, 'c'),
    lastValue(pairs, 'c'),
  ]).toEqual(['1', '3', null, null]);
});

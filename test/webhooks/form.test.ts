// Form bodies.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstValue, lastValue, parseForm, parseUnverifiedForm } from '../../src/webhooks/form.ts';

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

test('a thousand pairs are read, and more are not', async () => {
  expect(parseForm(bytes('a&'.repeat(1000)))).toHaveLength(1000);
  expect(parseForm(bytes('a&'.repeat(1001)))).toBeNull();
  expect(await parseUnverifiedForm(bytes('a&'.repeat(1000)))).toHaveLength(1000);
  expect(await parseUnverifiedForm(bytes('a&'.repeat(1001)))).toBeNull();
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

describe('a form that nobody has verified yet', () => {
  const megabyte = 1024 * 1024;
  const bodies = {
    'one value of escapes': `a=${'%41'.repeat(megabyte / 3)}`,
    'one value of broken escapes': `a=${'%4'.repeat(megabyte / 2)}`,
    'one value of escapes that cross the slices': `a=+${'%41'.repeat(megabyte / 3)}%4`,
    'one long name': '+'.repeat(megabyte),
    'many pairs': `${'%61'.repeat(340)}=${'%62'.repeat(340)}&`.repeat(500),
  };

  test.each(Object.entries(bodies))('%s reads as the verified one', async (_, body) => {
    const decoder = new TextDecoder();
    const pairs = (await parseUnverifiedForm(bytes(body)))!.map((pair) =>
      pair.map((part) => decoder.decode(part)),
    );
    expect(pairs).toEqual(parseForm(bytes(body)));
  });

  test.each(Object.entries(bodies))('%s lets others go on in between', async (_, body) => {
    let turns = 0;
    let isReading = true;
    const count = () => {
      turns += 1;
      if (isReading) setTimeout(count);
    };
    setTimeout(count);
    await parseUnverifiedForm(bytes(body));
    isReading = false;
    expect(turns).toBeGreaterThan(5);
  });
});

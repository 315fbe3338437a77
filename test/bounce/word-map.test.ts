// A map of words and stems.

import { expect, test } from 'vitest';
import { WordMap } from '../../src/bounce/word-map.ts';

const map = new WordMap<number>();
map.add('refus', 1);
map.add('refus*', 2);
map.add('refuse', 3);
map.add('ref*', 4);
map.add('refus*', 5);
map.add('none', 6);

test.each<[string, number[][]]>([
  ['refus', [[1], [2, 5], [4]]],
  ['refuse', [[3], [2, 5], [4]]],
  ['refused', [[2, 5], [4]]],
  ['reflect', [[4]]],
  ['none', [[6]]],
  ['re', []],
  ['prerefus', []],
])('%s', (word, groups) => {
  expect(map.get(word)).toEqual(groups);
});

test('a map without stems knows whole words only', () => {
  const words = new WordMap<number>();
  words.add('spam', 1);
  words.add('spam', 2);
  expect([words.get('spam'), words.get('spams')]).toEqual([[[1, 2]], []]);
});

test('patterns', () => {
  expect(
    map
      .entries()
      .map(([pattern]) => pattern)
      .sort(),
  ).toEqual(['none', 'ref*', 'refus', 'refus*', 'refuse']);
});

test('a stem has at least three letters', () => {
  expect(() => new WordMap().add('re*', 1)).toThrow('re*');
});

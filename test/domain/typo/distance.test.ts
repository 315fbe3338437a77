// How far one word is from another, by the ways in which people mistype.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { typingCost } from '../../../src/domain/typo/distance.ts';

test('the same word costs nothing', () => expect(typingCost('gmail', 'gmail')).toBe(0));

describe('the cost of a slip', () => {
  test.each([
    ['a key beside it', 'gmsil', 'gmail', 1],
    ['a key beside it on another keyboard', 'gmaim', 'gmail', 1.25],
    ['a letter that sounds alike', 'hotmeil', 'hotmail', 1.25],
    ['a digit that looks alike', 'out1ook', 'outlook', 0.7],
    ['any other letter', 'gmpil', 'gmail', 1.9],
    ['any other first letter', 'xmail', 'gmail', 1.9 + 0.45],
    ['a first key beside it', 'fmail', 'gmail', 1],
    ['two letters swapped', 'gmial', 'gmail', 0.9],
    ['two first letters swapped', 'mgail', 'gmail', 0.9],
    ['a letter two places too early', 'hotmlai', 'hotmail', 1.4],
    ['a first letter two places too early', 'thomail', 'hotmail', 1.4],
    ['a letter two places too late', 'icould', 'icloud', 1.4],
    ['a letter three places too early', 'hotlmai', 'hotmail', 1 + 1.45],
    ['a letter typed twice', 'gmmail', 'gmail', 0.8],
    ['a first letter typed twice', 'ggmail', 'gmail', 0.8],
    ['a key beside one, typed with it', 'gmnail', 'gmail', 1],
    ['a first key beside one, typed with it', 'fgmail', 'gmail', 1],
    ['any other letter, typed in between', 'gmxail', 'gmail', 1.45],
    ['any other letter, typed first', 'xgmail', 'gmail', 1.45 + 0.45],
    ['a digit beside no key of it', 'gmx5', 'gmx', 2.2],
    ['a digit beside a key of it', 'yaho0o', 'yahoo', 1],
    ['a hyphen', 'g-mail', 'gmail', 0.5],
    ['no hyphen', 'tonline', 't-online', 0.5],
    ['a letter left out', 'gmal', 'gmail', 1],
    ['one of two equal letters left out', 'outlok', 'outlook', 0.8],
    ['two letters that look like one', 'grnail', 'gmail', 0.8],
    ['one letter that looks like two', 'gmail', 'grnail', 0.8],
    ['two letters that look like the first', 'cleutsche', 'deutsche', 0.8],
    ['one letter that looks like the first two', 'deutsche', 'cleutsche', 0.8],
    ['two letters typed twice', 'yayahoo', 'yahoo', 1.1],
    ['three letters typed twice', 'aolaol', 'aol', 1.1],
    ['four letters typed twice', 'hotmailmail', 'hotmail', 1.1],
  ])('%s', (_, written, meant, cost) => {
    expect(typingCost(written, meant)).toBeCloseTo(cost, 10);
  });

  test.each([
    ['bxa', 'axb'],
    ['cbz', 'abc'],
    ['qpw', 'wqm'],
    ['qpw', 'zwq'],
  ])('three letters of which one does not move along are not a moved letter: %s, %s', (written, meant) => {
    expect(typingCost(`00${written}`, `00${meant}`)).not.toBeCloseTo(1.4, 10);
  });
});

test('a neighbouring key costs less than a far one', () => {
  expect(typingCost('gmsil', 'gmail')).toBeLessThan(typingCost('gmpil', 'gmail'));
});

test('a doubled letter costs less than a strange one', () => {
  expect(typingCost('gmmail', 'gmail')).toBeLessThan(typingCost('gmxail', 'gmail'));
});

test('a swap costs less than two replacements', () => {
  expect(typingCost('gmial', 'gmail')).toBeLessThan(typingCost('gmoul', 'gmail'));
});

test('a letter moved by two places costs less than one dropped and another added', () => {
  const dropped = typingCost('icoud', 'icloud');
  const added = typingCost('iclould', 'icloud');
  expect(typingCost('icould', 'icloud')).toBeLessThan(dropped + added);
});

test('two to four letters written twice are one slip, five are not', () => {
  expect(typingCost('yayahoo', 'yahoo')).toBeLessThan(1.5);
  expect(typingCost('hotmaimail', 'hotmail')).toBeLessThan(1.5);
  expect(typingCost('hotmailmail', 'hotmail')).toBeLessThan(1.5);
  expect(typingCost('yahooyahoo', 'yahoo')).toBeGreaterThan(2);
});

test('rn for m and vv for w are one slip', () => {
  expect(typingCost('grnail', 'gmail')).toBeLessThan(1);
  expect(typingCost('vvanadoo', 'wanadoo')).toBeLessThan(1);
});

test('another first letter costs more than the same slip further on', () => {
  expect(typingCost('xhotmail', 'hotmail')).toBeGreaterThan(typingCost('hotmxail', 'hotmail'));
});

test('more than asked for is infinitely far', () => {
  expect(typingCost('siemens', 'hotmail', 2)).toBe(Number.POSITIVE_INFINITY);
  expect(typingCost('a'.repeat(1000), 'hotmail')).toBe(Number.POSITIVE_INFINITY);
});

test('a limit changes no cost within it, and none is negative', () => {
  const word = fc.stringMatching(/^[a-z0-9-]{0,12}$/);
  fc.assert(
    fc.property(word, word, fc.double({ min: 0, max: 6, noNaN: true }), (written, meant, atMost) => {
      const cost = typingCost(written, meant);
      expect(cost).toBeGreaterThanOrEqual(0);
      expect(typingCost(written, meant, atMost)).toBe(cost > atMost ? Number.POSITIVE_INFINITY : cost);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['hotmailmail', 'hotmail', 1.1],
  ['yayahoo', 'yahoo', 1.1],
  ['hotmailmail-', 'hotmail', 1.6],
  ['abcdabcdefghefgh', 'abcdefgh', 2.2],
])('%s is found as %s up to exactly its cost', (written, meant, cost) => {
  const found = typingCost(written, meant);
  expect(found).toBeCloseTo(cost, 10);
  expect(typingCost(written, meant, found)).toBe(found);
  expect(typingCost(written, meant, found - 0.01)).toBe(Number.POSITIVE_INFINITY);
});

test('a limit changes no cost of a word that repeats its parts', () => {
  const part = fc.stringMatching(/^[a-z-]{1,4}$/);
  fc.assert(
    fc.property(part, part, fc.nat(2), fc.nat(2), (start, end, more, others) => {
      const written = start.repeat(1 + more) + end.repeat(1 + others);
      const cost = typingCost(written, start + end);
      expect(typingCost(written, start + end, cost + 1e-9)).toBe(cost);
    }),
    { numRuns: 2000 },
  );
});

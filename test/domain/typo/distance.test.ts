// How far one word is from another, by the ways in which people mistype.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { typingCost } from '../../../src/domain/typo/distance.ts';

test('the same word costs nothing', () => expect(typingCost('gmail', 'gmail')).toBe(0));

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

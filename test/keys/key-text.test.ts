// The text of a key: random, with a checksum that tells it from what only looks like one.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isKeyText,
  isPublishableText,
  makeKeyId,
  makeKeyText,
  shownPrefix,
} from '../../src/keys/key-text.ts';

test.each([
  ['secret', /^sk_[0-9A-Za-z]{38}$/],
  ['publishable', /^pk_[0-9A-Za-z]{38}$/],
] as const)('a %s key has its form, and is recognised as a key', (kind, form) => {
  const text = makeKeyText(kind);
  expect(text).toMatch(form);
  expect(isKeyText(text)).toBe(true);
  expect(isPublishableText(text)).toBe(kind === 'publishable');
});

test('no two are the same, and every character comes about as often as any other', () => {
  const texts = Array.from({ length: 2000 }, () => makeKeyText('secret'));
  expect(new Set(texts).size).toBe(2000);
  const counts = new Map<string, number>();
  for (const character of texts.flatMap((text) => [...text.slice(3, 35)]))
    counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(62);
  // 64,000 characters: 1,032 of each are expected, with a standard deviation of 32.
  for (const count of counts.values()) expect(Math.abs(count - 1032)).toBeLessThan(8 * 32);
});

test('what is shown of it leaves 160 bits unknown', () => {
  const text = makeKeyText('secret');
  const unknown = 32 - (shownPrefix(text).length - 'sk_'.length);
  expect(unknown * Math.log2(62)).toBeGreaterThan(160);
});

test('one character mistyped, left out or swapped with the next is noticed', () => {
  fc.assert(
    fc.property(fc.nat(37), fc.constantFrom(...'059AZaz'), (offset, other) => {
      const text = makeKeyText('secret');
      const at = 3 + offset;
      const before = text.slice(0, at);
      const typo = before + other + text.slice(at + 1);
      expect(isKeyText(typo)).toBe(typo === text);
      expect(isKeyText(before + text.slice(at + 1))).toBe(false);
      const swapped = before + (text[at + 1] ?? '') + text[at] + text.slice(at + 2);
      expect(isKeyText(swapped)).toBe(swapped === text);
    }),
  );
});

test('a secret key is no publishable key with another beginning', () => {
  expect(isKeyText(makeKeyText('secret').replace('sk_', 'pk_'))).toBe(false);
});

test.each(['', 'sk_', 'an-admin-key-for-tests', `sk_${'0'.repeat(38)}`, `${makeKeyText('secret')} `])(
  '%j is no key',
  (text) => {
    expect(isKeyText(text)).toBe(false);
  },
);

test('an id can stand in a URL', () => {
  expect(makeKeyId()).toMatch(/^key_[0-9A-Za-z]{10}$/);
});

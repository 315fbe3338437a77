// Every word within the promised number of edits is found.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deletionIndex } from '../../../src/domain/typo/deletion-index.ts';

const words = ['gmail', 'hotmail', 'yahoo', 'me', 'protonmail', 'live'];
const index = deletionIndex(words, (number) => words[number]!.length >= 5);

const near = (word: string): string[] => {
  const found: number[] = [];
  index.near(`${word}.com`, word.length, found);
  return found.map((number) => words[number]!);
};

const letter = fc.stringMatching(/^[a-z]$/);
/** One edit of a word: a letter dropped, added, replaced, or two swapped. */
const edited = (word: string) =>
  fc.tuple(fc.nat(3), fc.nat(word.length - 1), letter).map(([kind, at, put]) => {
    const head = word.slice(0, at);
    const tail = word.slice(at + 1);
    if (kind === 0) return head + tail;
    if (kind === 1) return head + put + word[at] + tail;
    if (kind === 2) return head + put + tail;
    return head + tail.slice(0, 1) + word[at] + tail.slice(1);
  });

test('a word is near to itself', () => {
  for (const word of words) expect(near(word)).toContain(word);
});

test('every word within one edit is found', () => {
  const cases = fc.constantFrom(...words).chain((word) => fc.tuple(fc.constant(word), edited(word)));
  fc.assert(
    fc.property(cases, ([word, written]) => {
      if (written !== '') expect(near(written)).toContain(word);
    }),
    { numRuns: 3000 },
  );
});

test('every deep word within two edits is found', () => {
  const deep = words.filter((word) => word.length >= 6);
  const cases = fc
    .constantFrom(...deep)
    .chain((word) => fc.tuple(fc.constant(word), edited(word).chain(edited)));
  fc.assert(
    fc.property(cases, ([word, written]) => {
      expect(near(written)).toContain(word);
    }),
    { numRuns: 3000 },
  );
});

test('a word is found once, strangers and endless words are not', () => {
  expect(near('gmaill')).toEqual(['gmail']);
  expect(near('siemens')).toEqual([]);
  expect(near('')).toEqual([]);
  expect(near('gmail'.repeat(1000))).toEqual([]);
});

// The first searches, which compare the words, find what the index of all words finds.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brands, mailDomains } from '../../../data/packed/typo.js';
import { deferredIndex } from '../../../src/domain/typo/deferred-index.ts';
import { deletionIndex } from '../../../src/domain/typo/deletion-index.ts';
import { soundSpellings } from '../../../src/domain/typo/resemblance.ts';

const providers = new Set(mailDomains.split('\n').map((line) => line.split('.')[0]!));
const coined = brands.split('\n').map((line) => line.split(' ')[0]!);
const words = [...new Set([...coined, ...providers])].slice(0, 600);
const isDeep = (number: number) => words[number]!.length >= 5 && number % 3 > 0;
const spellings = words.slice(0, 40).map((word) => soundSpellings(word));
const others = (number: number) => spellings[number] ?? [];

const whole = deletionIndex(words, isDeep, others);

const letter = fc.stringMatching(/^[a-z0-9.é-]$/);
/** A letter is dropped, added, replaced or moved, or up to five letters are repeated. */
const edited = (text: string) =>
  fc
    .tuple(fc.nat(4), fc.nat(text.length), letter, fc.integer({ min: 1, max: 5 }))
    .map(([kind, at, put, size]) => {
      const head = text.slice(0, at);
      const tail = text.slice(at + 1);
      if (kind === 0) return head + tail;
      if (kind === 1) return head + put + text.slice(at);
      if (kind === 2) return head + put + tail;
      if (kind === 3) return head + tail.slice(0, 1) + (text[at] ?? '') + tail.slice(1);
      return head + text.slice(Math.max(0, at - size));
    });
const forms = fc.constantFrom(...words, ...spellings.flatMap((set) => [...set]));
const once = forms.chain(edited);
const twice = once.chain(edited);
const written = fc.oneof(forms, once, twice, twice.chain(edited), fc.stringMatching(/^[a-z]{0,30}$/));

test('the first searches find the same words as the index, in the same order', () => {
  const deferred = deferredIndex(words, isDeep, others, Number.POSITIVE_INFINITY);
  let hits = 0;
  fc.assert(
    fc.property(written, (text) => {
      const expected: number[] = [];
      const found: number[] = [];
      whole.near(`${text}.com`, text.length, expected);
      deferred.near(`${text}.com`, text.length, found);
      hits += expected.length;
      expect(found).toEqual(expected);
    }),
    { numRuns: 3000 },
  );
  expect(hits).toBeGreaterThan(1000);
});

test('later searches find the same words', () => {
  const deferred = deferredIndex(words, isDeep, others);
  for (let round = 0; round < 3; round += 1)
    for (const text of ['gmial', 'hotmial', 'yaho', 'gmgmail', 'siemens', 'jmeil', '', 'gmail'.repeat(9)]) {
      for (let search = 0; search < 10; search += 1) {
        const expected: number[] = [];
        const found: number[] = [];
        whole.near(text, text.length, expected);
        deferred.near(text, text.length, found);
        expect(found).toEqual(expected);
      }
    }
});

test('what was found before stays, and no word is there twice', () => {
  const deferred = deferredIndex(['gmail', 'ymail'], () => true);
  const found = [1];
  deferred.near('xmail', 5, found);
  expect(found).toEqual([1, 0]);
});

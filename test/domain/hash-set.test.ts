// A set of names as hashes: nothing is lost, and next to nothing foreign is in it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openHashSet, packHashSet } from '../../src/domain/hash-set.ts';

const label = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

test('every packed name is found, and so is what is beneath it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 60 }), label, (names, below) => {
      const set = openHashSet(packHashSet(names));
      for (const each of names) {
        expect(set.hasSuffixOf(each, each.length)).toBe(true);
        expect(set.hasSuffixOf(`${below}.${each}`, each.length)).toBe(true);
        expect(set.hasSuffixOf(`${below}.${each}`, 1)).toBe(true);
      }
    }),
  );
});

test('a parent shorter than asked for does not count, nor does a part of a label', () => {
  const set = openHashSet(packHashSet(['mail.example', 'example']));
  expect(set.hasSuffixOf('a.mail.example', 'a.mail.example'.length)).toBe(false);
  expect(set.hasSuffixOf('hotmail.example', 'hotmail.example'.length)).toBe(false);
});

test('the packed form does not depend on the order of the names', () => {
  expect(packHashSet(['b.example', 'a.example'])).toBe(packHashSet(['a.example', 'b.example', 'a.example']));
});

test('of a million foreign names at most a few are taken for one of a hundred thousand', () => {
  const set = openHashSet(packHashSet(Array.from({ length: 100_000 }, (_, i) => `in-${i}.example`)));
  let taken = 0;
  for (let i = 0; i < 1_000_000; i++) {
    const foreign = `out-${i}.example`;
    if (set.hasSuffixOf(foreign, foreign.length)) taken++;
  }
  expect(taken).toBeLessThanOrEqual(3);
});

// A name written by ear, with its letters in another order, or with other vowels.

import { describe, expect, test } from 'vitest';
import { resemblanceCost, soundSpellings } from '../../../src/domain/typo/resemblance.ts';

const gmail = soundSpellings('gmail');
const cost = (written: string, name: string) => resemblanceCost(written, name, soundSpellings(name));
const never = Number.POSITIVE_INFINITY;

describe('spellings by ear', () => {
  test('the first letter by its name, the end as it sounds', () => {
    for (const spelling of ['gimail', 'jemeil', 'djimail', 'gmeile', 'gemeio'])
      expect(gmail).toContain(spelling);
  });

  test('the name itself is none of them, nor is a word with other consonants', () => {
    for (const other of ['gmail', 'gamil', 'email', 'mail']) expect(gmail).not.toContain(other);
  });

  test('the start of a name is not its middle', () => {
    expect(soundSpellings('agmail')).not.toContain('ajimail');
    expect(soundSpellings('agmail')).toContain('agmeil');
  });

  test('the work for a long name is bounded', () => {
    expect(soundSpellings('aicoxaicoxaicoxaicox').size).toBe(0);
  });
});

test.each([
  ['the same letters', 'gilma', 'gmail', 2.1],
  ['a letter missing', 'homait', 'hotmail', 2.2],
  ['a vowel added', 'gailme', 'gmail', 2.2],
  ['a letter of the name added', 'gmlaim', 'gmail', 2.2],
  ['a consonant added', 'gimbal', 'gmail', never],
  ['another first letter', 'limag', 'gmail', never],
  ['one letter added and one missing', 'gailen', 'gmail', never],
  ['too short', 'icul', 'icloud', never],
  ['two letters longer', 'gmaaeil', 'gmail', never],
])('letters in another order, %s: %s for %s', (_, written, name, expected) => {
  expect(cost(written, name)).toBe(expected);
});

test.each([
  ['two vowels changed', 'hutmeal', 'hotmail', 2.2],
  ['a doubled consonant', 'ucladd', 'icloud', 2.2],
  ['three vowels changed', 'hetmuel', 'hotmail', never],
  ['the consonants in another order', 'ludoce', 'icloud', never],
  ['a consonant at the start for a vowel', 'cluado', 'icloud', never],
  ['a name of two consonants', 'yehue', 'yahoo', never],
])('other vowels, %s: %s for %s', (_, written, name, expected) => {
  expect(cost(written, name)).toBe(expected);
});

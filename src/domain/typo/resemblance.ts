// Recognizes misspellings that are not typing errors at single keys: a name that is written by its sound, has its letters in
// another order, or has other vowels.

import { constants } from './constants.ts';
import { isVowel, withoutVowels } from './vowels.ts';

const cost = constants.resemblance;

/** Minimum result of `resemblanceCost`. If `typingCost` gives no more than this, `resemblanceCost` cannot be lower. */
export const cheapestResemblance: number = cost.sound;

/** Minimum length of words that are compared by their letters. Shorter words have too many anagrams and too few consonants. */
const shortest = 5;
/** Minimum number of consonants of a name that is compared by its consonants. */
const fewestConsonants = 3;
/** Maximum number of letters that may differ between two words with the same consonants. */
const mostVowels = 2;

/** Pieces of a name, each with other spellings of the same sound. */
type Spellings = readonly (readonly [unit: string, others: readonly string[]])[];

/** Spellings in widely used languages, anywhere in a name. */
const anywhere: Spellings = [
  ['ai', ['ei', 'ay', 'ey', 'ae', 'aie', 'aye']],
  ['oo', ['ou', 'u', 'uu']],
  ['ou', ['au', 'ow', 'aou', 'aw']],
  ['c', ['k', 'ck']],
  ['k', ['c', 'ck', 'q']],
  ['x', ['ks', 'cs', 'cks', 'kc']],
];
/** Spellings at the beginning of a name. */
const atStart: Spellings = [
  // In `gmail` the g is pronounced as the name of the letter: `gee mail`.
  [
    'gm',
    [
      'gem',
      'gim',
      'geem',
      'gym',
      'jm',
      'jem',
      'jim',
      'jeem',
      'djm',
      'djem',
      'djim',
      'egm',
      'egam',
      'egem',
      'egim',
    ],
  ],
  ['ic', ['aic', 'eyec', 'eic', 'ayc', 'yc', 'ik', 'aik', 'eyek', 'ayk', 'yk']],
  ['ya', ['ia', 'ja', 'lla']],
];
/** Spellings at the end of a name. */
const atEnd: Spellings = [
  ['ail', ['eil', 'ayl', 'eyl', 'ael', 'aill', 'eill', 'aile', 'eile', 'ayle', 'eio']],
];

/** Maximum number of spellings of a name. It limits the work for long names. Names of providers have up to a few hundred. */
const mostSpellings = 1000;

/** The piece of `name` that begins at `at`, followed by its other spellings. */
const spellingsAt = (name: string, at: number): readonly string[] => {
  const rest = name.slice(at);
  const [unit, others] = (at === 0 ? atStart.find(([start]) => rest.startsWith(start)) : undefined) ??
    atEnd.find(([end]) => rest === end) ??
    anywhere.find(([part]) => rest.startsWith(part)) ?? [rest[0]!, []];
  return [unit, ...others];
};

/** The other ways to write `name` by its sound. None if there are too many. */
export const soundSpellings = (name: string): ReadonlySet<string> => {
  let texts = [''];
  for (let at = 0; at < name.length && texts.length <= mostSpellings; ) {
    const units = spellingsAt(name, at);
    texts = texts.flatMap((text) => units.map((unit) => text + unit));
    at += units[0]!.length;
  }
  return texts.length > mostSpellings ? new Set() : new Set(texts.filter((text) => text !== name));
};

const doubled = /(.)\1+/g;

const consonantsOf = (word: string) => withoutVowels(word).replace(doubled, '$1');

/** The letters of `a` that are missing from `b`. A letter that `a` contains twice and `b` once is missing once. */
const missingLetters = (a: string, b: string): string => {
  let missing = '';
  let rest = b;
  for (const letter of a)
    if (rest.includes(letter)) rest = rest.replace(letter, '');
    else missing += letter;
  return missing;
};

const scrambledCost = (written: string, name: string): number => {
  if (written[0] !== name[0]) return Number.POSITIVE_INFINITY;
  const added = missingLetters(written, name);
  const dropped = missingLetters(name, written);
  if (added.length + dropped.length === 0) return cost.scrambled;
  // An additional letter must be a vowel or occur in the name: `gailme` may mean `gmail`, but `gimbal` is another word.
  const isPlausible = added === '' || isVowel(added) || name.includes(added);
  return added.length + dropped.length === 1 && isPlausible ? cost.almostScrambled : Number.POSITIVE_INFINITY;
};

const vowelsCost = (written: string, name: string): number => {
  const consonants = consonantsOf(name);
  if (consonants.length < fewestConsonants || consonantsOf(written) !== consonants)
    return Number.POSITIVE_INFINITY;
  if (isVowel(written[0]!) !== isVowel(name[0]!)) return Number.POSITIVE_INFINITY;
  const changed = Math.max(missingLetters(written, name).length, missingLetters(name, written).length);
  return changed <= mostVowels ? cost.vowels : Number.POSITIVE_INFINITY;
};

/**
 * The cost of writing `written` when `name`, the name of a very popular provider, was intended, in the unit of `typingCost`.
 * `sounds` are the {@link soundSpellings} of the name. Infinity if `written` resembles the name in none of the ways in `cost`.
 */
export const resemblanceCost = (written: string, name: string, sounds: ReadonlySet<string>): number => {
  if (sounds.has(written)) return cost.sound;
  if (Math.min(written.length, name.length) < shortest || Math.abs(written.length - name.length) > 1)
    return Number.POSITIVE_INFINITY;
  return Math.min(scrambledCost(written, name), vowelsCost(written, name));
};

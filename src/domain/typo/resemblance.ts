// Misspellings that are far from a name key by key: the name written by ear, its letters in another order, or its
// vowels changed.

const cost = {
  sound: 1.2,
  /** All letters, in another order. */
  scrambled: 2.1,
  /** In another order, with one letter more or less. */
  almostScrambled: 2.2,
  /** The consonants in their order, with other vowels. */
  vowels: 2.2,
} as const;

/** No resemblance costs less. */
export const cheapestResemblance: number = cost.sound;

/** Shorter words have too many anagrams and too few consonants. */
const shortest = 5;
const fewestConsonants = 3;
/** The most vowels that may differ. */
const mostVowels = 2;

type Spellings = readonly (readonly [unit: string, others: readonly string[]])[];

/** Spellings of the same sound in the larger languages. */
const anywhere: Spellings = [
  ['ai', ['ei', 'ay', 'ey', 'ae', 'aie', 'aye']],
  ['oo', ['ou', 'u', 'uu']],
  ['ou', ['au', 'ow', 'aou', 'aw']],
  ['c', ['k', 'ck']],
  ['k', ['c', 'ck', 'q']],
  ['x', ['ks', 'cs', 'cks', 'kc']],
];
const atStart: Spellings = [
  // The name of the letter: gmail is read as `gee mail`.
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
const atEnd: Spellings = [
  ['ail', ['eil', 'ayl', 'eyl', 'ael', 'aill', 'eill', 'aile', 'eile', 'ayle', 'eio']],
];

/** Limits the work for a long name; a provider's name has up to a few hundred. */
const mostSpellings = 1000;

const spellingsAt = (name: string, at: number): readonly string[] => {
  const rest = name.slice(at);
  const [unit, others] = (at === 0 ? atStart.find(([start]) => rest.startsWith(start)) : undefined) ??
    atEnd.find(([end]) => rest === end) ??
    anywhere.find(([part]) => rest.startsWith(part)) ?? [rest[0]!, []];
  return [unit, ...others];
};

/** The other ways to write `name` by ear. */
export const soundSpellings = (name: string): ReadonlySet<string> => {
  let texts = [''];
  for (let at = 0; at < name.length && texts.length <= mostSpellings; ) {
    const units = spellingsAt(name, at);
    texts = texts.flatMap((text) => units.map((unit) => text + unit));
    at += units[0]!.length;
  }
  return texts.length > mostSpellings ? new Set() : new Set(texts.filter((text) => text !== name));
};

const vowels = /[aeiouy]/g;
const doubled = /(.)\1+/g;

const consonantsOf = (word: string) => word.replace(vowels, '').replace(doubled, '$1');

/** The letters of `a` that are not in `b`, each as often as it is missing. */
const missingLetters = (a: string, b: string): string => {
  let missing = '';
  let rest = b;
  for (const letter of a)
    if (rest.includes(letter)) rest = rest.replace(letter, '');
    else missing += letter;
  return missing;
};

const isVowel = (letter: string): boolean => letter.search(vowels) === 0;

const scrambledCost = (written: string, name: string): number => {
  if (written[0] !== name[0]) return Number.POSITIVE_INFINITY;
  const added = missingLetters(written, name);
  const dropped = missingLetters(name, written);
  if (added.length + dropped.length === 0) return cost.scrambled;
  // gimbal is another word; gailme is not.
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
 * The cost of `written` for the name of a very popular provider, in the unit of `typingCost`. `sounds`: its
 * {@link soundSpellings}. Infinite if it does not resemble the name in any of these ways.
 */
export const resemblanceCost = (written: string, name: string, sounds: ReadonlySet<string>): number => {
  if (sounds.has(written)) return cost.sound;
  if (Math.min(written.length, name.length) < shortest || Math.abs(written.length - name.length) > 1)
    return Number.POSITIVE_INFINITY;
  return Math.min(scrambledCost(written, name), vowelsCost(written, name));
};

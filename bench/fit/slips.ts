// Generates misspelled domains of mailbox providers, to fit and to check the typing-error model. The same data always gives the
// same slips.

import { readData, rows } from '../../data/packer/tsv.ts';

export interface Slip {
  readonly written: string;
  readonly meant: string;
  /** How often the slip counts: the popularity of the domain, divided by its number of slips. The sum of a domain is 1 or less. */
  readonly weight: number;
}

/** Minimum weight in data/mail-domains.tsv of the domains that are misspelled. */
const lightest = 40;
/** The difference between two weights in data/mail-domains.tsv if one domain has ten times as many users. */
const weightPerDecade = 25;
const heaviest = 100;

const keyRows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

const neighborsOf = (letter: string): string[] =>
  keyRows.flatMap((keys, row) => {
    const column = keys.indexOf(letter);
    if (column < 0) return [];
    const above = keyRows[row - 1] ?? '';
    const below = keyRows[row + 1] ?? '';
    const near = [keys[column - 1], keys[column + 1], above[column], above[column + 1], below[column - 1]];
    return [...near, below[column]].filter((key) => key !== undefined);
  });

/** Spellings of the same sound, in several languages. */
const sounds: readonly (readonly [string, string])[] = [
  ['ai', 'ei'],
  ['ai', 'ay'],
  ['oo', 'u'],
  ['ou', 'au'],
  ['k', 'c'],
  ['c', 'k'],
  ['x', 'ks'],
  ['y', 'i'],
  ['ph', 'f'],
  ['ei', 'ai'],
];

const replaced = (text: string, at: number, length: number, by: string): string =>
  text.slice(0, at) + by + text.slice(at + length);

/** All single slips in a word: dropped, doubled, swapped and neighboring letters, and other spellings of its sounds. */
const slipsIn = (word: string): string[] => {
  const slips: string[] = [];
  for (const [at, letter] of [...word].entries()) {
    slips.push(replaced(word, at, 1, ''), replaced(word, at, 1, letter + letter));
    if (at > 0) slips.push(replaced(word, at - 1, 2, letter + word[at - 1]!));
    for (const key of neighborsOf(letter)) slips.push(replaced(word, at, 1, key), replaced(word, at, 0, key));
    for (const [sound, other] of sounds)
      if (word.startsWith(sound, at)) slips.push(replaced(word, at, sound.length, other));
  }
  return slips;
};

const vowels = 'aeiou';

/** Names that resemble a word as a whole: with other vowels, and with two letters exchanged that are not neighbors. */
const resemblancesOf = (word: string): string[] => {
  const found: string[] = [];
  for (const [at, letter] of [...word].entries()) {
    for (const vowel of vowels.includes(letter) ? vowels : '') found.push(replaced(word, at, 1, vowel));
    for (let other = at + 2; other < word.length; other += 1)
      found.push(replaced(replaced(word, at, 1, word[other]!), other, 1, letter));
  }
  return found.filter((name) => name !== word);
};

const secondLevels = ['co', 'com', 'net', 'org'];

/** Slips in an ending as a whole: labels swapped, repeated, glued, cut or followed by letters, and another second level. */
const wholeSlipsIn = (ending: string): string[] => {
  const [level, country] = ending.split('.') as [string, string?];
  if (country === undefined)
    return [`${level}.${level}`, `${level}${level}`, `${level}.c`, `${level}x`, `${level}.xq`, `w.${level}`];
  return [
    `${country}.${level}`,
    `${level}${country}`,
    `${level}.${level}.${country}`,
    `${level}.${country}.${country}`,
    `${level}.${country}${country}`,
    `${level}.${country.slice(0, -1)}`,
    ...secondLevels.filter((other) => other !== level).map((other) => `${other}.${country}`),
  ];
};

/** A linear congruential generator: it returns whole numbers below `most`. */
const generator = (seed: number) => {
  let state = seed;
  return (most: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
};

/**
 * The misspellings of `domain`: single slips in the name and in the ending, two slips in a long name, names that resemble it as a
 * whole, and wrong dots.
 */
const misspellings = (domain: string, pick: (most: number) => number): string[] => {
  const dot = domain.indexOf('.');
  const name = domain.slice(0, dot);
  const ending = domain.slice(dot + 1);
  const once = slipsIn(name);
  const few = Array.from({ length: 12 }, () => once[pick(once.length)]!);
  const twice = name.length < 5 ? [] : few.map((slip) => slipsIn(slip)[pick(slipsIn(slip).length)]!);
  return [
    ...[...once, ...twice].map((slip) => `${slip}.${ending}`),
    ...[...slipsIn(ending), ...wholeSlipsIn(ending)].map((slip) => `${name}.${slip}`),
    ...(name.length < 5 ? [] : resemblancesOf(name)).map((slip) => `${slip}.${ending}`),
    name + ending,
    `${ending}.${name}`,
    domain.replaceAll('.', ''),
    `${domain}.${ending}`,
    `${name}${domain}`,
  ];
};

/** Generates slips of all popular mailbox domains. None of them is a mailbox domain or a known real domain. */
export function generateSlips(seed = 1): Slip[] {
  const pick = generator(seed);
  const domains = rows(readData('mail-domains.tsv')).map(([domain, , , weight]) => ({
    domain: domain!,
    weight: Number(weight),
  }));
  const real = new Set([...domains.map(({ domain }) => domain), ...knownDomains()]);
  return domains.flatMap(({ domain, weight }) => {
    if (weight < lightest) return [];
    const slips = [...new Set(misspellings(domain, pick))].filter((slip) => !real.has(slip));
    const popularity = 10 ** ((weight - heaviest) / weightPerDecade);
    return slips.map((written) => ({ written, meant: domain, weight: popularity / slips.length }));
  });
}

/** Real domains near a provider, which must not be corrected (data/typo-known-domains.txt). */
export const knownDomains = (): string[] =>
  rows(readData('typo-known-domains.txt')).map(([domain]) => domain!);

// Domains that look like a well-known one without being it: homographs (Unicode Technical Standard #39).

import { confusables, imitated } from '../../data/packed/confusables.js';
import { decodeLabel } from './punycode.ts';

interface Tables {
  readonly letters: ReadonlyMap<string, string>;
  /** From a skeleton to the well-known domain that has it. */
  readonly known: ReadonlyMap<string, string>;
}

let tables: Tables | undefined;

/**
 * What a name looks like: its letters without accents, each replaced by the ASCII letter it passes for, and i, l and 1
 * as one, 0 and o as one. Two names with one skeleton look alike.
 */
const skeleton = (name: string, letters: ReadonlyMap<string, string>): string => {
  let out = '';
  for (const character of name.normalize('NFD').replace(/\p{M}/gu, ''))
    out += letters.get(character) ?? character;
  return out.replace(/[i1]/g, 'l').replaceAll('0', 'o');
};

const unpack = (): Tables => {
  const letters = new Map<string, string>();
  for (const word of confusables.split(' ')) {
    const [letter, ...characters] = word;
    for (const character of characters) letters.set(character, letter!);
  }
  const known = new Map<string, string>();
  for (const domain of imitated.split(' ')) {
    const looks = skeleton(domain, letters);
    if (!known.has(looks)) known.set(looks, domain);
  }
  return { letters, known };
};

/**
 * The well-known domain that `domain` (lower-case A-labels) imitates with letters of other scripts or with accents,
 * or null. A name in plain ASCII imitates nothing here: `rn` for `m` and the like are misspellings.
 */
export const confusableWith = (domain: string): string | null => {
  if (!domain.startsWith('xn--') && !domain.includes('.xn--')) return null;
  const labels = domain.split('.').map(decodeLabel);
  if (labels.includes(null)) return null;
  tables ??= unpack();
  return tables.known.get(skeleton(labels.join('.'), tables.letters)) ?? null;
};

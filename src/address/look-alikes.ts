// Replaces letters that look like ASCII letters: letters with accents, and homoglyphs from other scripts (UTS 39).

import { confusables } from '../../data/packed/confusables.js';

let letters: ReadonlyMap<string, string> | undefined;

const unpack = (): ReadonlyMap<string, string> =>
  new Map(
    confusables.split(' ').flatMap((word) => {
      const [letter, ...characters] = word;
      return characters.map((character) => [character, letter!] as const);
    }),
  );

/** `text` without its accents and other combining marks. */
export const stripAccents = (text: string): string => text.normalize('NFD').replace(/\p{M}+/gu, '');

/** `text` without accents and with each homoglyph of data/confusables.tsv replaced by its ASCII letter. */
export const foldLookAlikes = (text: string): string => {
  letters ??= unpack();
  let folded = '';
  for (const character of stripAccents(text)) folded += letters.get(character) ?? character;
  return folded;
};

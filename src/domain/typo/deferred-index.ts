// Searches a list of words like deletion-index.ts, but builds the index of all words only after some searches. Many processes
// search only a few times: a command for one address, or a Worker that was just started.

import { type DeletionIndex, deletionIndex } from './deletion-index.ts';

/** Number of searches before the index of all words is built. They take about as long as building it. */
const searchesBefore = 32;

// How much shorter or longer a similar word may be than a deep word: two letters are missing, or up to four letters are repeated
// and one more is added.
const mostMissing = 2;
const mostAdded = 5;

/** The letters of a word as a set of 32 bits. Digits and marks share bits with letters. */
const letterSet = (text: string, length: number): number => {
  let letters = 0;
  for (let i = 0; i < length; i += 1) letters |= 1 << (text.charCodeAt(i) & 31);
  return letters;
};

/** `letters` without one of them, or the empty set. */
const withoutOne = (letters: number): number => letters & (letters - 1);

/** Creates an index that finds what `deletionIndex` finds for the same arguments. `searches` is for tests. */
export const deferredIndex = (
  words: readonly string[],
  deep: (number: number) => boolean,
  others: (number: number) => Iterable<string> = () => [],
  searches = searchesBefore,
): DeletionIndex => {
  let index: DeletionIndex | null = null;
  let searched = 0;
  let letters: Int32Array | null = null;
  let byOther: Map<string, number[]> | null = null;

  const listOthers = (): Map<string, number[]> => {
    const numbers = new Map<string, number[]>();
    for (let number = 0; number < words.length; number += 1)
      for (const form of others(number)) numbers.set(form, [...(numbers.get(form) ?? []), number]);
    return numbers;
  };

  /**
   * Adds to `numbers` the words that may differ from `text` by one edit, or by two if they are deep. Two such words have all
   * letters in common except one or two of each.
   */
  const addSimilar = (text: string, numbers: number[]): void => {
    letters ??= Int32Array.from(words, (word) => letterSet(word, word.length));
    const written = letterSet(text, text.length);
    for (let number = 0; number < letters.length; number += 1) {
      const more = withoutOne(written & ~letters[number]!);
      const less = withoutOne(letters[number]! & ~written);
      if (withoutOne(more) !== 0 || withoutOne(less) !== 0) continue;
      const added = text.length - words[number]!.length;
      if (added < -mostMissing || added > mostAdded) continue;
      if ((more === 0 && less === 0 && added >= -1 && added <= 1) || deep(number)) numbers.push(number);
    }
  };

  /** Adds to `numbers` the words that have `text` as another spelling, or `text` without one of its letters. */
  const addOthers = (text: string, numbers: number[]): void => {
    byOther ??= listOthers();
    if (byOther.size === 0) return;
    for (let i = 0; i <= text.length; i += 1)
      numbers.push(...(byOther.get(text.slice(0, i) + text.slice(i + 1)) ?? []));
  };

  const searchFew = (text: string, length: number, found: number[]): void => {
    const word = text.slice(0, length);
    const spelled: number[] = [];
    addOthers(word, spelled);
    const similar = [...spelled];
    addSimilar(word, similar);
    if (similar.length === 0) return;
    const numbers = [...new Set(similar)].sort((a, b) => a - b);
    const few = deletionIndex(
      numbers.map((number) => words[number]!),
      (at) => deep(numbers[at]!),
      (at) => (spelled.includes(numbers[at]!) ? others(numbers[at]!) : []),
    );
    const places: number[] = [];
    few.near(text, length, places);
    for (const place of places) if (!found.includes(numbers[place]!)) found.push(numbers[place]!);
  };

  return {
    near: (text, length, found) => {
      if (index === null && searched < searches) {
        searched += 1;
        searchFew(text, length, found);
        return;
      }
      if (index === null) {
        index = deletionIndex(words, deep, others);
        letters = null;
        byOther = null;
      }
      index.near(text, length, found);
    },
  };
};

// Parses a phrase of a bounce rule, such as `(user|mailbox) … unknown`, and matches it against the words of a reply.

import { WordMap } from './word-map.ts';
import { sentenceEnd, wordsOf } from './words.ts';

/**
 * A choice between alternatives, such as `(user|mailbox)`. Words outside parentheses, such as `does not exist`, are a choice
 * with a single alternative. `byFirstWord` maps the first word of each alternative, or a stem such as `refus*`, to the words
 * that follow it.
 */
interface Choice {
  readonly byFirstWord: WordMap<readonly string[]>;
  /** True if the choice may also match no word, as in `(a|)`. */
  readonly optional: boolean;
  /** True for `!(a|b)`: the next word must not begin any of the alternatives. The choice itself consumes no word. */
  readonly barred: boolean;
}

export interface Phrase {
  /** The choices and gaps in order. Null is a gap (`…`). */
  readonly parts: readonly (Choice | null)[];
  /**
   * For `<!(a|b)` at the start of a phrase: a word of the same sentence must stand before the match, and it must be none of
   * these. A word with a digit never counts as such a word. Null without this condition.
   */
  readonly notAfter: WordMap<readonly string[]> | null;
  /** True for `^`: the phrase matches only at the beginning of the reply. */
  readonly atStart: boolean;
}

/** Maximum number of words that a gap (`…`) may skip. The limit keeps matching linear in the length of the reply. */
const widestGap = 6;

/** Parses a phrase. The head of data/bounce-rules.txt explains the notation. */
export function parsePhrase(source: string): Phrase {
  const parts: (Choice | null)[] = [];
  const atStart = source.startsWith('^');
  const [before, listed] = /^<!\(([^)]*)\)/.exec(source) ?? ['', null];
  for (const [, bar, choices, gap, plain] of source
    .slice(before.length)
    .replace('^', '')
    .matchAll(/(!?)\(([^)]*)\)|(…)|([^(…!]+)/g)) {
    if (gap !== undefined) parts.push(null);
    else if (choices !== undefined) parts.push(choice(choices.split('|'), bar === '!'));
    else if (/[|)]/.test(plain!)) throw new Error(`a choice within a choice: ${source}`);
    else if (wordsOf(plain!).length > 0) parts.push(choice([plain!]));
  }
  return { parts, atStart, notAfter: listed === null ? null : choice(listed.split('|')).byFirstWord };
}

function choice(alternatives: readonly string[], barred = false): Choice {
  const byFirstWord = new WordMap<readonly string[]>();
  let optional = false;
  for (const alternative of alternatives) {
    const [first, ...rest] = patternsOf(alternative);
    if (first === undefined) optional = true;
    else byFirstWord.add(first, rest);
  }
  return { byFirstWord, optional, barred };
}

/** The words of an alternative. A stem such as `refus*` keeps its asterisk. */
const patternsOf = (alternative: string): string[] =>
  alternative.includes('*')
    ? alternative.split(' ').flatMap((word) => {
        const words = wordsOf(word);
        return word.endsWith('*') ? words.map((stem) => `${stem}*`) : words;
      })
    : wordsOf(alternative);

const fits = (pattern: string, word: string | undefined): boolean =>
  word === pattern || (pattern.endsWith('*') && word?.startsWith(pattern.slice(0, -1)) === true);

/** The words and stems with which a match can begin. `compileRules` indexes the phrase under each of them. */
export function firstWords(phrase: Phrase): Set<string> {
  const words = new Set<string>();
  for (const part of phrase.parts) {
    if (part === null) throw new Error('a phrase in the bounce rules must begin with a word, not with a gap');
    if (part.barred)
      throw new Error('a phrase in the bounce rules must not begin with words that it excludes');
    for (const word of part.byFirstWord.patterns()) words.add(word);
    if (!part.optional) return words;
  }
  throw new Error('a phrase in the bounce rules must contain a word that is not optional');
}

/** Whether the phrase matches `words` from index `at` on. */
export function phraseAt(phrase: Phrase, words: readonly string[], at: number): boolean {
  if (phrase.atStart && at > 0) return false;
  if (phrase.notAfter !== null) {
    const before = words[at - 1];
    if (before === undefined || before === sentenceEnd || /\d/.test(before)) return false;
    if (phrase.notAfter.get(before).length > 0) return false;
  }
  return partsAt(phrase.parts, words, at, 0);
}

const none: readonly never[] = [];

function restAt(rest: readonly string[], words: readonly string[], at: number): boolean {
  for (let index = 0; index < rest.length; index++) if (!fits(rest[index]!, words[at + index])) return false;
  return true;
}

function partsAt(
  parts: readonly (Choice | null)[],
  words: readonly string[],
  at: number,
  part: number,
): boolean {
  if (part === parts.length) return true;
  const wanted = parts[part]!;
  if (wanted === null) {
    for (let skipped = 0; skipped <= widestGap; skipped++) {
      if (partsAt(parts, words, at + skipped, part + 1)) return true;
      if (words[at + skipped] === sentenceEnd) return false;
    }
    return false;
  }
  const word = words[at];
  const groups = word === undefined ? none : wanted.byFirstWord.get(word);
  if (wanted.barred) return groups.length === 0 && partsAt(parts, words, at, part + 1);
  for (const rests of groups)
    for (const rest of rests)
      if (restAt(rest, words, at + 1) && partsAt(parts, words, at + 1 + rest.length, part + 1)) return true;
  return wanted.optional && partsAt(parts, words, at, part + 1);
}

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
  /** True for `!(a|b)`: the next word must not be the first word of any alternative. The choice itself consumes no word. */
  readonly barred: boolean;
}

export interface Phrase {
  /** The choices and gaps in order. Null is a gap (`…`). */
  readonly parts: readonly (Choice | null)[];
  /**
   * For `<!(a|b)` at the start of a phrase: a word of the same sentence must stand before the match, and it must be none of
   * these. Of an alternative with several words, only the first counts. A word with a digit fails. Null without this
   * condition.
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
    else if (/[|)]/.test(plain!))
      throw new Error(`a phrase in the bounce rules must not have a choice within a choice: ${source}`);
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

/** One way in which a match can begin: with the word or stem `pattern`, followed by one of `rests`, as the part `part`. */
export interface Beginning {
  readonly pattern: string;
  readonly rests: readonly (readonly string[])[];
  readonly part: number;
}

/** All ways in which a match can begin. `compileRules` indexes the phrase under the pattern of each. */
export function beginnings(phrase: Phrase): Beginning[] {
  const found: Beginning[] = [];
  for (const [at, part] of phrase.parts.entries()) {
    if (part === null) throw new Error('a phrase in the bounce rules must begin with a word, not with a gap');
    if (part.barred)
      throw new Error('a phrase in the bounce rules must not begin with words that it excludes');
    for (const [pattern, rests] of part.byFirstWord.entries()) found.push({ pattern, rests, part: at });
    if (!part.optional) return found;
  }
  throw new Error('a phrase in the bounce rules must contain a word that is not optional');
}

/** Whether the phrase matches `words` from index `at` on, where the word at `at` matches the pattern of `beginning`. */
export function phraseAt(
  phrase: Phrase,
  { rests, part }: Beginning,
  words: readonly string[],
  at: number,
): boolean {
  if (phrase.atStart && at > 0) return false;
  if (phrase.notAfter !== null && !isUnlisted(words[at - 1], phrase.notAfter)) return false;
  for (const rest of rests)
    if (restAt(rest, words, at + 1) && partsAt(phrase.parts, words, at + 1 + rest.length, part + 1))
      return true;
  return false;
}

function isUnlisted(word: string | undefined, listed: WordMap<readonly string[]>): boolean {
  return word !== undefined && word !== sentenceEnd && !/\d/.test(word) && listed.get(word).length === 0;
}

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
      const word = words[at + skipped];
      if (word === sentenceEnd || word === undefined) return false;
    }
    return false;
  }
  const word = words[at];
  if (word !== undefined) {
    const groups = wanted.byFirstWord.get(word);
    if (wanted.barred) return groups.length === 0 && partsAt(parts, words, at, part + 1);
    for (const rests of groups)
      for (const rest of rests)
        if (restAt(rest, words, at + 1) && partsAt(parts, words, at + 1 + rest.length, part + 1)) return true;
  }
  return (wanted.optional || wanted.barred) && partsAt(parts, words, at, part + 1);
}

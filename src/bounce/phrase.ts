// A phrase of a rule: words, choices of words and gaps, matched against the words of a reply.

import { wordsOf } from './words.ts';

/** A choice, by its first word: what may follow that word. `null` is a gap. */
interface Choice {
  readonly byFirstWord: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** The choice may be left out. */
  readonly optional: boolean;
  /** None of these words may stand here; the choice itself takes no word. */
  readonly barred: boolean;
}

export type Phrase = readonly (Choice | null)[];

/** At most this many words may stand in a gap, so that matching stays linear in the length of the reply. */
const widestGap = 6;

/** Reads `(user|mailbox) … unknown`; the notation is explained at the head of data/bounce-rules.txt. */
export function parsePhrase(source: string): Phrase {
  const phrase: (Choice | null)[] = [];
  for (const [, bar, choices, gap, plain] of source.matchAll(/(!?)\(([^)]*)\)|(…)|([^(…!]+)/g)) {
    if (gap !== undefined) phrase.push(null);
    else if (choices !== undefined) phrase.push(choice(choices.split('|'), bar === '!'));
    else if (wordsOf(plain!).length > 0) phrase.push(choice([plain!]));
  }
  return phrase;
}

function choice(alternatives: readonly string[], barred = false): Choice {
  const byFirstWord = new Map<string, string[][]>();
  let optional = false;
  for (const alternative of alternatives) {
    const [first, ...rest] = wordsOf(alternative);
    if (first === undefined) optional = true;
    else byFirstWord.set(first, [...(byFirstWord.get(first) ?? []), rest]);
  }
  return { byFirstWord, optional, barred };
}

/** The words that a match can begin with. */
export function firstWords(phrase: Phrase): Set<string> {
  const words = new Set<string>();
  for (const part of phrase) {
    if (part === null) throw new Error('a phrase begins with a gap');
    if (part.barred) throw new Error('a phrase begins with words that are barred');
    for (const word of part.byFirstWord.keys()) words.add(word);
    if (!part.optional) return words;
  }
  throw new Error('a phrase matches nothing at all');
}

/** Whether the phrase stands in the words at `at`. */
export function phraseAt(phrase: Phrase, words: readonly string[], at: number, part = 0): boolean {
  if (part === phrase.length) return true;
  const wanted = phrase[part]!;
  if (wanted === null) {
    for (let skipped = 0; skipped <= widestGap; skipped++)
      if (phraseAt(phrase, words, at + skipped, part + 1)) return true;
    return false;
  }
  const word = words[at];
  const rests = word === undefined ? undefined : wanted.byFirstWord.get(word);
  if (wanted.barred) return rests === undefined && phraseAt(phrase, words, at, part + 1);
  if (rests !== undefined)
    for (const rest of rests)
      if (
        rest.every((next, index) => words[at + 1 + index] === next) &&
        phraseAt(phrase, words, at + 1 + rest.length, part + 1)
      )
        return true;
  return wanted.optional && phraseAt(phrase, words, at, part + 1);
}

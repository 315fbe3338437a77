// A phrase of a rule: words, choices of words and gaps, matched against the words of a reply.

import { wordsOf } from './words.ts';

/** A choice between words or word sequences: for each first word, the sequences that may follow it. */
interface Choice {
  readonly byFirstWord: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** Whether the reply may lack all of these words. */
  readonly optional: boolean;
  /** None of these words may occur here. The choice itself consumes no word. */
  readonly barred: boolean;
}

export interface Phrase {
  /** In order. Null stands for a gap. */
  readonly parts: readonly (Choice | null)[];
  /** The phrase must be at the beginning of the reply. */
  readonly atStart: boolean;
}

/** The longest gap, in words. The limit keeps matching linear in the length of the reply. */
const widestGap = 6;

/** Reads `(user|mailbox) … unknown`; the notation is explained at the head of data/bounce-rules.txt. */
export function parsePhrase(source: string): Phrase {
  const parts: (Choice | null)[] = [];
  const atStart = source.startsWith('^');
  for (const [, bar, choices, gap, plain] of source
    .replace('^', '')
    .matchAll(/(!?)\(([^)]*)\)|(…)|([^(…!]+)/g)) {
    if (gap !== undefined) parts.push(null);
    else if (choices !== undefined) parts.push(choice(choices.split('|'), bar === '!'));
    else if (/[|)]/.test(plain!)) throw new Error(`a choice within a choice: ${source}`);
    else if (wordsOf(plain!).length > 0) parts.push(choice([plain!]));
  }
  return { parts, atStart };
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
  for (const part of phrase.parts) {
    if (part === null) throw new Error('a phrase begins with a gap');
    if (part.barred) throw new Error('a phrase begins with words that are barred');
    for (const word of part.byFirstWord.keys()) words.add(word);
    if (!part.optional) return words;
  }
  throw new Error('a phrase matches nothing at all');
}

/** Whether the phrase matches `words` from index `at` on. */
export function phraseAt(phrase: Phrase, words: readonly string[], at: number): boolean {
  return !(phrase.atStart && at > 0) && partsAt(phrase.parts, words, at, 0);
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
    for (let skipped = 0; skipped <= widestGap; skipped++)
      if (partsAt(parts, words, at + skipped, part + 1)) return true;
    return false;
  }
  const word = words[at];
  const rests = word === undefined ? undefined : wanted.byFirstWord.get(word);
  if (wanted.barred) return rests === undefined && partsAt(parts, words, at, part + 1);
  if (rests !== undefined)
    for (const rest of rests)
      if (
        rest.every((next, index) => words[at + 1 + index] === next) &&
        partsAt(parts, words, at + 1 + rest.length, part + 1)
      )
        return true;
  return wanted.optional && partsAt(parts, words, at, part + 1);
}

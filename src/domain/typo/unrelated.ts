// A fast check that suffices for most domains: that nothing about a domain resembles the domain of a provider. It gives the same
// answer as the whole search in suggest.ts, without a new string or array.

import { addCandidates, type Candidate, nearNames } from './candidates.ts';
import { longestWord } from './distance.ts';
import { endingOf, type WrittenEnding } from './ending.ts';
import { hasLettersOfTarget, mayBeTarget, typoModel } from './model.ts';
import { isCommonSuffix } from './suffix.ts';

const dotCode = 46;
const hyphenCode = 45;

// `scan` sets these for a text. `dot`: the index of the first dot. `dots`: the number of dots. `letters`: the hash of the text
// without dots and hyphens (`mayBeTarget`). `afterDot`: a hash of the ending.
let dot = -1;
let dots = 0;
let letters = 0;
let afterDot = 0;

/**
 * Reads `text`. Returns false if it is not one of ordinary labels: lower-case letters, digits, and hyphens between them. Also
 * false if the first label contains the same letter three times in a row, or has a hyphen at an edge.
 */
const scan = (text: string): boolean => {
  dot = -1;
  dots = 0;
  letters = 0;
  afterDot = 0;
  let previous = dotCode;
  let run = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === dotCode || code === hyphenCode) {
      if (previous === dotCode || previous === hyphenCode) return false;
      if (code === dotCode) {
        if (dots === 0) dot = i;
        dots += 1;
      }
      run = 0;
    } else {
      if ((code < 97 || code > 122) && (code < 48 || code > 57)) return false;
      letters = Math.imul(letters ^ code, 0x01000193);
      run = code === previous ? run + 1 : 0;
      if (run > 1 && dots === 0) return false;
    }
    if (dots > 0) afterDot = Math.imul(afterDot ^ code, 0x01000193);
    previous = code;
  }
  return dots > 0 && previous !== dotCode && previous !== hyphenCode;
};

/** Maximum length of a name that may be an ending, such as `com` in `com.yahoo`. */
const longestEndingName = 6;

/** An ending, and whether a provider has it as its name, so that `com.yahoo` may be meant the other way round. */
interface SeenEnding {
  readonly ending: WrittenEnding;
  readonly isName: boolean;
}

/** A cache of endings. The hash of an ending selects its slot, and each slot keeps the ending that was seen last. */
const seenEndings: (SeenEnding | undefined)[] = new Array(1024).fill(undefined);

const hasAt = (text: string, at: number, part: string): boolean => {
  if (text.length - at !== part.length) return false;
  for (let i = 0; i < part.length; i += 1) if (text.charCodeAt(at + i) !== part.charCodeAt(i)) return false;
  return true;
};

/** The ending of the scanned `text`. */
const seenEnding = (text: string): SeenEnding => {
  const slot = (afterDot ^ (afterDot >>> 10) ^ (afterDot >>> 20)) & 1023;
  const seen = seenEndings[slot];
  if (seen !== undefined && hasAt(text, dot + 1, seen.ending.text)) return seen;
  const ending = text.slice(dot + 1);
  const fresh = { ending: endingOf(ending), isName: typoModel().numbers.has(ending) };
  seenEndings[slot] = fresh;
  return fresh;
};

/** Whether the scanned `text` begins with the name of a provider or a company, `end` letters long. */
const beginsWithName = (text: string, end: number): boolean =>
  end > 0 && typoModel().numbers.has(text.slice(0, end));

/** The endings that people write without a dot after the name of a provider, as in `gmailcom.br`. */
const generic = ['com', 'co', 'net'];

/** Whether the name in the scanned `text` is the name of a provider and an ending of `generic`. */
const endsWithGeneric = (text: string): boolean => {
  const last = text.charCodeAt(dot - 1);
  if (last !== 109 && last !== 111 && last !== 116) return false;
  for (const ending of generic)
    if (text.endsWith(ending, dot) && beginsWithName(text, dot - ending.length)) return true;
  return false;
};

/** Whether the name in the scanned `text` is that of a provider and `ending`, which then is there twice: `gmailcom.com`. */
const endsWithEnding = (text: string, ending: string): boolean => {
  if (text.charCodeAt(dot - 1) !== text.charCodeAt(text.length - 1)) return false;
  for (const glue of ['', '-']) {
    const glued = ending.replaceAll('.', glue);
    const end = dot - glued.length;
    if (!text.endsWith(glued, dot)) continue;
    if (beginsWithName(text, end) || (text[end - 1] === '-' && beginsWithName(text, end - 1))) return true;
  }
  return false;
};

/** Candidates are collected here to avoid a new array for each domain. */
const candidates: Candidate[] = [];

/**
 * Whether there is surely nothing to suggest for `text`, because it is a name under an existing ending, and no name of a
 * provider resembles it. If false, there may be a suggestion or not.
 */
export const isUnrelated = (text: string): boolean => {
  if (!scan(text) || dot > longestWord || dots > 2) return false;
  if (mayBeTarget(letters) && hasLettersOfTarget(text)) return false;
  const { ending, isName } = seenEnding(text);
  if (ending.kind !== 'real' || (dots > 1 && !isCommonSuffix(ending.text))) return false;
  if (isName && dot <= longestEndingName && isCommonSuffix(text.slice(0, dot))) return false;
  if (endsWithGeneric(text) || endsWithEnding(text, ending.text)) return false;
  if (nearNames(text, dot).length === 0) return true;
  const name = text.slice(0, dot);
  if (typoModel().numbers.has(name)) return false;
  candidates.length = 0;
  addCandidates(name, ending.text, false, candidates);
  return candidates.length === 0;
};

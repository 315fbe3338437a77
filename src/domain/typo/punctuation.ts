// Finds the domain of a provider whose dots, hyphens or labels were typed in the wrong place.

import type { TypoSuggestion } from '../facts.ts';
import { mailWords } from './ending.ts';
import { findName, isProvider, isUnmistakableProvider, lettersOf, typoModel } from './model.ts';
import { isCommonSuffix, isTopLevelDomain } from './suffix.ts';
import { suggestion } from './suggestion.ts';

/**
 * Removes the beginning of the ending, with its dot, from the name of a well-known provider: `g.comail.com` becomes gmail.com.
 * People who type fast begin the ending too early. Null if that gives no such domain.
 */
const withoutEarlyEnding = (text: string, ending: string): string | null => {
  for (let dot = text.indexOf('.'); dot > 0; dot = text.indexOf('.', dot + 1))
    for (let length = 2; length <= ending.length; length += 1) {
      if (!text.startsWith(ending.slice(0, length), dot + 1)) break;
      const rest = text.slice(0, dot) + text.slice(dot + 1 + length);
      if (dot < rest.indexOf('.') && isUnmistakableProvider(rest)) return rest;
    }
  return null;
};

/**
 * Finds the domain of a provider that was typed with wrong dots or hyphens (`gmailcom`), with its labels in reverse order
 * (`com.gmail`), with a part of its ending within the name (`g.comail.com`), or with an additional label such as `www` before
 * it. Null if no such error is found.
 */
export const repunctuated = (text: string, labels: readonly string[]): TypoSuggestion | null => {
  const domain = typoModel().byLetters.get(lettersOf(text));
  // A short domain whose top-level domain exists is probably a real one.
  const owned = labels.length > 1 && text.length < 7 && isTopLevelDomain(labels.at(-1)!);
  if (domain !== undefined && !owned && !text.startsWith('-')) return suggestion(domain, true);
  const brand = findName(labels.join(''));
  if (brand?.brand && (labels.length === 1 || !isTopLevelDomain(labels.at(-1)!)))
    return suggestion(brand.targets[0]!.domain, false);
  if (labels.length === 1) return null;
  const reversed = labels.toReversed().join('.');
  if (isProvider(reversed) && isCommonSuffix(labels.slice(0, -1).toReversed().join('.')))
    return suggestion(reversed, true);
  const early = labels.length > 2 ? withoutEarlyEnding(text, labels.at(-1)!) : null;
  if (early !== null) return suggestion(early, false);
  const rest = text.slice(labels[0]!.length + 1);
  return mailWords.has(labels[0]!) && isProvider(rest) ? suggestion(rest, labels[0]!.startsWith('w')) : null;
};

/**
 * Splits a label into two by inserting the missing dot before a final `com`: `gmialcom` becomes `gmial` and `com`. If the
 * label does not end with `com`, the second label is empty.
 */
export const withCom = (label: string): readonly string[] =>
  label.endsWith('com') ? [label.slice(0, -3), 'com'] : [label, ''];

/** Inserts the missing dot after the name of a provider: gmailcom.br becomes gmail.com.br. Null if there is none to insert. */
export const unglued = ([first, ...rest]: readonly string[]): readonly string[] | null => {
  const glued = /^(.{3,})(com?|net)$/.exec(first!);
  if (glued === null) return null;
  return findName(glued[1]!)?.brand ? [glued[1]!, glued[2]!, ...rest] : null;
};

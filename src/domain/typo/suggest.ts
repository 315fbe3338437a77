// Suggests the intended domain for a misspelled one, such as gmail.com for gmial.com.
//
// In this directory, a domain consists of a name (`gmail`) and an ending (`com`). The cost of a misspelling says how unlikely
// it is: about 1 for an ordinary typing error (see `typingCost`). The weight of a domain is its popularity from 1 to 100.

import { findLookAlike } from '../confusable.ts';
import type { TypoSuggestion } from '../facts.ts';
import { latinReadings, layoutReadings } from './keyboard-layout.ts';
import { type DomainSet, isProvider, isUnmistakableProvider, typoModel } from './model.ts';
import { repunctuated, unglued, withCom } from './punctuation.ts';
import { respelt } from './respelling.ts';
import { isCommonSuffix, isPublicSuffix, isTopLevelDomain, repairSuffix } from './suffix.ts';
import { suggestion } from './suggestion.ts';
import { isPlain, type PlainText, plainText, unicodeText } from './text.ts';
import { isUnrelated } from './unrelated.ts';

const hyphenAtEdge = /^-|-$/;

const asciiOnly = /^[\0-\x7f]*$/;

/**
 * Returns the domain that was meant by `text`, if `text` was typed while another keyboard layout was active, or written by its
 * sound in another script. If the ending that was typed exists, only a domain whose name is exactly the invented name of a
 * provider, such as `gmail`, is suggested. Null if there is no suggestion.
 */
const withOtherLayout = (text: string): TypoSuggestion | null => {
  if (asciiOnly.test(text) && !text.includes('xn--')) return null;
  const unicode = unicodeText(text);
  if (unicode === null || asciiOnly.test(unicode)) return null;
  const exists = isTopLevelDomain(unicode.slice(unicode.lastIndexOf('.') + 1));
  for (const { text: read, isTyped } of layoutReadings(unicode)) {
    const domain = plainText(read)?.text ?? '';
    const dot = domain.indexOf('.');
    if (dot < 0) continue;
    if (isTyped && isUnmistakableProvider(domain)) return suggestion(domain, !exists);
    const corrected = isProvider(domain) ? domain : suggestDomain(domain)?.domain;
    const isMeant = exists
      ? (target: string) => isUnmistakableProvider(target) && target.startsWith(domain.slice(0, dot + 1))
      : isProvider;
    if (corrected !== undefined && isMeant(corrected)) return suggestion(corrected, false);
    if (isTyped && !exists && isCommonSuffix(domain.slice(dot + 1))) return suggestion(domain, false);
  }
  return null;
};

/**
 * The domain of a provider with an invented name if `text` was typed on another Latin keyboard. Null if there is none, or if
 * `text` has no marks: it may be a real domain then.
 */
const withOtherLatinLayout = (text: string): TypoSuggestion | null => {
  if (isPlain(text)) return null;
  // An `m` may come out as `;` or `,` (`g;qil.co;` for gmail.com). At the end of the address such punctuation was already
  // removed, so also try the text with an `m` added.
  for (const read of latinReadings(text))
    for (const domain of [read, `${read}m`])
      if (isUnmistakableProvider(domain)) return suggestion(domain, false);
  return null;
};

/** The well-known domain that looks like `text`, which need not be that of a provider. Null if there is none. */
const imitated = (text: string): TypoSuggestion | null => {
  const domain = findLookAlike(text);
  return domain === null ? null : suggestion(domain, false);
};

/**
 * Corrects the dots or the ending of a domain. If the corrected domain still is a misspelling, returns the domain that was
 * intended. Null if there is nothing to correct.
 */
const mended = (plain: PlainText, labels: readonly string[]): TypoSuggestion | null => {
  const repair = repairSuffix(labels);
  if (repair !== null) {
    const further = suggestDomain(repair.domain);
    return further === null ? suggestion(repair.domain, repair.certain) : suggestion(further.domain, false);
  }
  const whole = isCommonSuffix(labels.slice(1).join('.')) && !hyphenAtEdge.test(labels[0]!);
  return plain.repaired === 'marks' && whole ? suggestion(plain.text, true) : null;
};

/**
 * The domain that was probably intended when `text` was typed after the @. Null if nothing indicates a misspelling, or if it is
 * not clear which domain was intended. `text` is a domain in lower-case A-labels, or a text that is not a valid domain, such as
 * `gmail,com`. The suggestion is usually the domain of a mailbox provider. It may also be the typed domain with corrected dots
 * or a corrected ending. A domain that is known to exist is never corrected. Never throws. The time is limited for any length
 * of `text`.
 */
export const suggestDomain = (text: string): TypoSuggestion | null => suggest(text, typoModel().real);

/**
 * The suggestion for a domain that `suggestDomain` never corrects, because a list contains it as a real domain, such as
 * ahoo.com. Use it only if DNS shows that the domain accepts no mail or is parked. Null for the domains of mailbox providers.
 * `domain` is in lower-case A-labels.
 */
export const suggestForUnused = (domain: string): TypoSuggestion | null => {
  const { real, mailboxDomains } = typoModel();
  const found = real.has(domain) ? suggest(domain, mailboxDomains) : null;
  return found === null ? null : suggestion(found.domain, true);
};

/** Implements `suggestDomain`. `real` contains the domains that are not corrected. */
const suggest = (text: string, real: DomainSet): TypoSuggestion | null => {
  if (real.has(text) || isUnrelated(text)) return null;
  const latin = withOtherLatinLayout(text);
  if (latin !== null) return latin;
  const plain = plainText(text);
  const isFolded = plain !== null && isProvider(plain.text);
  const retyped = isFolded ? null : withOtherLayout(text);
  if (retyped !== null || plain === null) return retyped;
  const sameLetters = plain.repaired === 'none' || plain.repaired === 'marks';
  // A domain that contained accents or other look-alike letters may be a real one. So suggest only the domains of mailbox
  // providers for it here.
  if (sameLetters ? real.has(plain.text) : isProvider(plain.text))
    return plain.text === text.toLowerCase() ? null : suggestion(plain.text, plain.repaired !== 'accents');
  const labels = plain.text.split('.');
  const glued = unglued(labels);
  if (glued !== null && isPublicSuffix(glued.slice(1).join('.'))) {
    const domain = glued.join('.');
    return real.has(domain) ? suggestion(domain, true) : suggestDomain(domain);
  }
  const provider =
    repunctuated(plain.text, labels) ?? respelt(labels.length > 1 ? labels : withCom(labels[0]!));
  if (!sameLetters) return provider ?? imitated(plain.text);
  return provider === undefined ? mended(plain, labels) : provider;
};

// Suggests the intended domain for a misspelled one, such as gmail.com for gmial.com.
//
// In this directory, a domain consists of a name (`gmail`) and an ending (`com`). The cost of a misspelling says how unlikely
// it is: about 1 for an ordinary typing error (see `typingCost`). The weight of a domain is its popularity from 1 to 100.

import { findLookAlike } from '../confusable.ts';
import type { TypoSuggestion } from '../facts.ts';
import { constants } from './constants.ts';
import { longestWord, typingCost } from './distance.ts';
import { endingCost, endingOf, mailWords, maxSlipCost, mayReplace } from './ending.ts';
import { lettersOf, type Name, typoModel } from './model.ts';
import { maxNationalCost, mayBeNational, repairNationalEnding } from './national.ts';
import { cheapestResemblance, resemblanceCost } from './resemblance.ts';
import { isCommonSuffix, isPublicSuffix, isTopLevelDomain, repairSuffix } from './suffix.ts';
import { isPlain, type PlainText, plainText } from './text.ts';
import { isVowel } from './vowels.ts';

/** A domain that may be intended. */
interface Candidate {
  readonly domain: string;
  readonly weight: number;
  /** The cost of the misspelling, less a discount for popular domains. The candidate with the lowest total is chosen. */
  readonly total: number;
  /** Whether the suggestion is certain enough for the confidence `likely`. */
  readonly certain: boolean;
}

/**
 * Maximum cost of a misspelling (the limit), by the length of the typed or the intended name, whichever is shorter. A long
 * name may differ more than a short one, because fewer other domains resemble it. Nearly every name of three letters is a real
 * domain.
 */
const limits = [0, 0, 0.87, 1.03, 1.35, 1.8, 1.8, 2.2, 2.5];
/**
 * Minimum length, both of the typed and of the intended name, for which `leeway.ownEnding` raises the limit. The intended name
 * must also be an invented one such as `hotmail`, and the ending one of its provider.
 */
const shortestOwnEnding = 8;
/** Minimum length and `Name.bonus` of the names for which `leeway.popular` applies. */
const popular = { bonus: 0.15, shortest: 5 };
/** Maximum cost of the ending if the name is spelled correctly. */
const exactLimit = 2.4;
/**
 * Minimum weight of the provider for a suggestion of confidence `likely`, if the name is misspelled and the ending exists. The
 * domain as typed may then be a real one.
 */
const lightestLikely = 30;
/** A provider with less weight has few users. */
const lightestUsual = 20;
/** The ending for which `leeway.networkOnly` applies. */
const networkEnding = 'ne.jp';
/**
 * How far the cost must be below the limit for a suggestion of confidence `likely`. `short`: for names of fewer than five
 * letters. `otherEnding`: if the ending as typed exists and may be intended. `usual`: in all other cases.
 */
const margins = { usual: 0.5, short: 0.9, otherEnding: 1.8 };
/**
 * If the totals of the two best candidates differ by less than this, nothing is suggested. `rare` applies if the better one
 * has few users (a weight below `lightestUsual`), otherwise `usual`.
 */
const tie = { usual: 0.1, rare: 0.3 };

const limitOf = (written: string, meant: string) =>
  limits[Math.min(written.length, meant.length, limits.length - 1)]!;

const numeric = /^\d+$/;
const hyphenAtEdge = /^-|-$/;
const doubled = /(.)\1/;

/** Shortens each run of the same letter to two letters: `gmaaaail` to `gmaail`. A key that is held down costs one error. */
const withoutRuns = (name: string): string => {
  if (numeric.test(name)) return name;
  for (let i = 2; i < name.length; i += 1)
    if (name[i] === name[i - 1] && name[i] === name[i - 2]) return name.replace(/(.)\1{2,}/g, '$1$1');
  return name;
};

/**
 * Whether the name `written` may be a misspelling of the name `meant`. A number is never misspelled: 162 is not a misspelling
 * of 163. A name of two letters can only be misspelled by a doubled letter. A hyphen at the beginning is not a mistake unless
 * `meant` has a hyphen too. If both names have a hyphen, the words before it must be nearly equal: x-online is not a
 * misspelling of t-online.
 */
const comparable = (written: string, meant: string): boolean => {
  if (numeric.test(meant)) return false;
  if (written.startsWith('-') && !meant.includes('-')) return false;
  if (meant.length < 3) return written.replace(doubled, '$1') === meant;
  const hyphen = meant.indexOf('-');
  const other = written.indexOf('-');
  if (hyphen < 0 || other < 0) return true;
  return typingCost(written.slice(0, other), meant.slice(0, hyphen)) <= 1;
};

/** The cost of typing `written` when the name of a provider was intended. Infinity if it exceeds `limit`. */
const nameCost = (written: string, { name, sounds }: Name, limit: number): number => {
  const cost = typingCost(written, name, limit);
  if (sounds === null || cost <= cheapestResemblance) return cost;
  const other = resemblanceCost(written, name, sounds);
  return other <= limit ? Math.min(cost, other) : cost;
};

/** Names of many other mail services end with one of these words, so such a name is less probably a misspelling. */
const commonEnd = /(?:mail|cloud)$/;

/**
 * Whether the beginnings of the names differ so much that the names are probably different ones. That is not so if a vowel was
 * typed for another vowel, or if the first letter was added, left out, or moved by one or two places.
 */
const startsOtherwise = (written: string, name: string): boolean =>
  written[0] !== name[0] &&
  !(isVowel(written[0]!) && isVowel(name[0]!)) &&
  written[0] !== name[1] &&
  written[1] !== name[0] &&
  !(written[0] === name[2] && written[2] === name[0] && written[1] === name[1]);

/**
 * Maximum cost if the beginnings differ (`startsOtherwise`) and the ending exists. It allows about one typing error. If the
 * typed name has seven or more letters, and its first letter is only a neighboring key of the right one, it allows about two.
 */
const furthestOtherwise = (written: string, name: string): number =>
  written.length >= 7 && written[1] === name[1] && typingCost(written[0]!, name[0]!) === 1 ? 2 : 1.6;

/**
 * The increase of the limit for a popular name (`popular`), or 0. It is 0 if `written` is more probably another name, because
 * it begins otherwise, ends with a word of `commonEnd`, or contains the whole popular name.
 */
const popularLeeway = (written: string, { name, bonus }: Name): number =>
  bonus > popular.bonus &&
  Math.min(written.length, name.length) >= popular.shortest &&
  !startsOtherwise(written, name) &&
  !commonEnd.test(written) &&
  !written.includes(name)
    ? constants.leeway.popular
    : 0;

/** The increase of the limit for a long invented name under an ending of its provider (`leeway.ownEnding`), or 0. */
const ownEndingLeeway = (written: string, ending: string, { name, brand, targets }: Name): number =>
  brand &&
  Math.min(written.length, name.length) >= shortestOwnEnding &&
  targets.some(({ suffix }) => suffix === ending)
    ? constants.leeway.ownEnding
    : 0;

/** Indexes of the names that a search has found. It is kept here to avoid a new array for each search. */
const found: number[] = [];

/**
 * Adds to `candidates` the domains that may be intended by `name` and `ending`. With `strict`, only domains that have exactly
 * this ending.
 */
const addCandidates = (name: string, ending: string, strict: boolean, candidates: Candidate[]): void => {
  if (name.length === 0 || name.length > longestWord) return;
  const { names, numbers, index } = typoModel();
  found.length = 0;
  index.near(name, found);
  if (found.length === 0) return;
  const written = endingOf(ending);
  const { kind } = written;
  const exact = numbers.get(name);
  // Under `com`, most short names are registered. Under other endings of one label, most names of up to three letters are.
  const isCrowded = ending === 'com' || (name.length < 4 && !ending.includes('.'));
  const leeway = kind === 'broken' ? constants.leeway.broken : isCrowded ? 0 : constants.leeway.quiet;
  for (const number of found) {
    const entry = names[number]!;
    const asMeant = number === exact;
    // If a provider has exactly this name and the ending exists, the name is not a misspelling of another provider's name.
    if (!asMeant && (!comparable(name, entry.name) || (exact !== undefined && kind === 'real'))) continue;
    const heaviest = entry.targets[0]!.weight;
    const scarce = kind === 'real' && heaviest < lightestUsual ? constants.leeway.rare : 0;
    const network = ending === networkEnding ? constants.leeway.networkOnly : 0;
    const own = ownEndingLeeway(name, ending, entry);
    const limit = asMeant ? exactLimit : limitOf(name, entry.name) + leeway + network - scarce + own;
    // Nearly every name of three letters is a real domain. So the popularity of the provider does not raise the limit here.
    const tiny = !asMeant && kind === 'real' && name.length < 4 && entry.name.length === name.length;
    const widest =
      limit + (tiny ? Math.min(entry.bonus, 0) : entry.bonus) + (asMeant ? 0 : popularLeeway(name, entry));
    const furthest =
      kind === 'real' && startsOtherwise(name, entry.name) && name.slice(1) !== entry.name.slice(1)
        ? Math.min(widest, furthestOtherwise(name, entry.name))
        : widest;
    const slip = nameCost(name, entry, furthest);
    if (slip === Number.POSITIVE_INFINITY) continue;
    const same = entry.targets.find(({ suffix }) => suffix === ending);
    const targets = same !== undefined ? [same] : strict ? [] : entry.targets;
    for (const target of targets) {
      if (kind === 'real' && target !== entry.targets[0] && !mayReplace(written, target)) continue;
      const other = endingCost(written, target, entry, asMeant);
      const cost = slip + other;
      if (cost > furthest) continue;
      const otherEnding = kind === 'real' && other > maxSlipCost;
      const short = name.length < 5 && !asMeant;
      // For ordinary words of up to three letters, another existing ending may be right: go.co is a domain like go.com.
      const isShortWord = asMeant && name.length < 4 && kind === 'real' && !entry.brand;
      const margin = otherEnding ? margins.otherEnding : short ? margins.short : margins.usual;
      candidates.push({
        domain: target.domain,
        weight: target.weight,
        total: cost - target.bonus,
        certain:
          cost - entry.bonus <= limit - margin &&
          !isShortWord &&
          (asMeant || kind !== 'real' || heaviest >= lightestLikely),
      });
    }
  }
};

/** The candidate with the lowest total. Null if there is none, or if another domain has nearly the same total. */
const bestOf = (candidates: readonly Candidate[]): Candidate | null => {
  let best: Candidate | null = null;
  let second = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (best === null || candidate.total < best.total) {
      if (best !== null && best.domain !== candidate.domain) second = best.total;
      best = candidate;
    } else if (candidate.domain !== best.domain) second = Math.min(second, candidate.total);
  }
  if (best === null) return null;
  return second - best.total >= (best.weight < lightestUsual ? tie.rare : tie.usual) ? best : null;
};

/** Whether `domain` (lower case) belongs to a mailbox provider that has enough users to be suggested. */
export const isProvider = (domain: string): boolean => typoModel().targets.has(domain);

/** Whether `domain` (lower case) belongs to a provider whose name is an invented word: gmail.com, but not mail.com. */
export const isUnmistakableProvider = (domain: string): boolean => {
  const { names, numbers } = typoModel();
  return isProvider(domain) && names[numbers.get(domain.slice(0, domain.indexOf('.'))) ?? -1]?.brand === true;
};

const suggestion = (domain: string, certain: boolean): TypoSuggestion => ({
  domain,
  confidence: certain ? 'likely' : 'possible',
});

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
const repunctuated = (text: string, labels: readonly string[]): TypoSuggestion | null => {
  const { byLetters, names, numbers } = typoModel();
  const domain = byLetters.get(lettersOf(text));
  // A short domain whose top-level domain exists is probably a real one.
  const owned = labels.length > 1 && text.length < 7 && isTopLevelDomain(labels.at(-1)!);
  if (domain !== undefined && !owned && !text.startsWith('-')) return suggestion(domain, true);
  const brand = names[numbers.get(labels.join('')) ?? -1];
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
 * A fast check that suffices for most domains. Returns true if the domain is a single name under a popular ending, and no name
 * of a provider resembles it, so there is nothing to suggest.
 */
const isUnrelated = (text: string): boolean => {
  const dot = text.indexOf('.');
  if (dot < 0 || dot > longestWord || !isPlain(text)) return false;
  const ending = text.slice(dot + 1);
  if (!isCommonSuffix(ending)) return false;
  const name = text.slice(0, dot);
  if (name.includes('-') || name.endsWith(ending)) return false;
  found.length = 0;
  typoModel().index.near(withoutRuns(name), found);
  return found.length === 0;
};

/**
 * Minimum weight of a provider whose `name` is an ordinary word. If the provider has less weight, `renationalized` does not
 * correct the ending, because the name may belong to any company.
 */
const lightestWord = (name: string): number => (name.length < 4 ? 30 : 20);

/**
 * Corrects a misspelled national ending after the correctly typed name of a provider: yahoo.conuk becomes yahoo.co.uk. Null if
 * it is not clear which ending was intended. Undefined if the labels are not the name of a provider and such an ending.
 */
const renationalized = (labels: readonly string[]): TypoSuggestion | null | undefined => {
  const { names, numbers } = typoModel();
  const ending = labels.slice(1).join('.');
  const entry = names[numbers.get(labels[0]!) ?? -1];
  if (entry === undefined || !mayBeNational(ending, entry)) return undefined;
  const isWord = mailWords.has(entry.name) || entry.targets[0]!.weight < lightestWord(entry.name);
  if (!entry.brand && isWord) return undefined;
  const exists = isPublicSuffix(ending);
  if (exists && (!entry.brand || !ending.includes('.'))) return undefined;
  const repaired = repairNationalEnding(ending, entry, exists ? 1 : maxNationalCost);
  if (repaired === null) return exists ? undefined : null;
  return suggestion(`${entry.name}.${repaired.suffix}`, repaired.isLikely && !exists);
};

/**
 * Splits a label into two by inserting the missing dot before a final `com`: `gmialcom` becomes `gmial` and `com`. If the
 * label does not end with `com`, the second label is empty.
 */
const withCom = (label: string): readonly string[] =>
  label.endsWith('com') ? [label.slice(0, -3), 'com'] : [label, ''];

/** Inserts the missing dot after the name of a provider: gmailcom.br becomes gmail.com.br. Null if there is none to insert. */
const unglued = ([first, ...rest]: readonly string[]): readonly string[] | null => {
  const glued = /^(.{3,})(com?|net)$/.exec(first!);
  if (glued === null) return null;
  const { names, numbers } = typoModel();
  const entry = names[numbers.get(glued[1]!) ?? -1];
  return entry?.brand ? [glued[1]!, glued[2]!, ...rest] : null;
};

/**
 * Finds the domain of a provider that was misspelled as `labels`. Null if it is not clear which domain was intended. Undefined
 * if no domain of a provider resembles the labels.
 */
const respelt = (labels: readonly string[]): TypoSuggestion | null | undefined => {
  if (labels[1] === '') return null;
  const national = renationalized(labels);
  if (national !== undefined) return national;
  const name = withoutRuns(labels[0]!);
  const ending = labels.slice(1).join('.');
  const candidates: Candidate[] = [];
  addCandidates(name, ending, false, candidates);
  const glued = ending.replaceAll('.', name.includes('-') ? '-' : '');
  const hyphenated = name.slice(0, -glued.length - 1);
  if (name.endsWith(`-${glued}`) && typoModel().numbers.has(hyphenated))
    addCandidates(hyphenated, ending, true, candidates);
  if (name.endsWith(glued) && typoModel().numbers.has(name.slice(0, -glued.length)))
    addCandidates(name.slice(0, -glued.length), ending, true, candidates);
  if (labels.length > 2) {
    addCandidates(name + labels[1]!, labels.slice(2).join('.'), true, candidates);
    if (name.length < 3) addCandidates(`${name}.${labels[1]!}`, labels.slice(2).join('.'), false, candidates);
  }
  if (candidates.length === 0) return undefined;
  const best = bestOf(candidates);
  return best === null ? null : suggestion(best.domain, best.certain);
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
const suggest = (text: string, real: ReadonlySet<string>): TypoSuggestion | null => {
  if (isUnrelated(text)) return null;
  if (real.has(text)) return null;
  const plain = plainText(text);
  if (plain === null) return null;
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

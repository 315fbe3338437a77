// Names the domains of providers that may have been intended by a name and an ending, and chooses the most probable one.

import { constants } from './constants.ts';
import type { DeletionIndex } from './deletion-index.ts';
import { longestWord, typingCost } from './distance.ts';
import { endingCost, endingOf, maxSlipCost, mayReplace } from './ending.ts';
import { type Name, typoModel } from './model.ts';
import { cheapestResemblance, resemblanceCost } from './resemblance.ts';
import { isVowel } from './vowels.ts';

/** A domain that may be intended. */
export interface Candidate {
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
const doubled = /(.)\1/;

/** Shortens each run of the same letter to two letters: `gmaaaail` to `gmaail`. A key that is held down costs one error. */
export const withoutRuns = (name: string): string => {
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

/**
 * The cost of typing `written` when the name of a provider was intended. Infinity if it exceeds `limit`. `typed` is the result
 * of `typingCost`.
 */
const nameCost = (written: string, { name, sounds }: Name, typed: number, limit: number): number => {
  const cost = typed <= limit ? typed : Number.POSITIVE_INFINITY;
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

/** How much `ownEndingLeeway` and `popularLeeway` may raise the limit of a name at most. */
const raisable = ({ brand, bonus }: Name): number =>
  (brand ? constants.leeway.ownEnding : 0) + (bonus > popular.bonus ? constants.leeway.popular : 0);

/** Indexes of the names that the last search has found. They are kept here to avoid a new array for each search. */
const found: number[] = [];
/** What the last search looked for: the first `lastLength` letters of `lastText` in `lastIndex`. */
let lastText = '';
let lastLength = 0;
let lastIndex: DeletionIndex | null = null;

/** Whether the first `length` letters of `text` are what the last search looked for. */
const isLastSearch = (text: string, length: number): boolean => {
  if (length !== lastLength) return false;
  for (let i = 0; i < length; i += 1) if (text.charCodeAt(i) !== lastText.charCodeAt(i)) return false;
  return true;
};

/**
 * The indexes of the names of providers that may resemble the first `length` letters of `text`. The array is valid until the
 * next call.
 */
export const nearNames = (text: string, length = text.length): readonly number[] => {
  const { index } = typoModel();
  // A domain with near names is searched for several times in a row.
  if (found.length > 0 && index === lastIndex && isLastSearch(text, length)) return found;
  found.length = 0;
  index.near(text, length, found);
  lastText = text;
  lastLength = length;
  lastIndex = index;
  return found;
};

/**
 * Adds to `candidates` the domains that may be intended by `name` and `ending`. With `strict`, only domains that have exactly
 * this ending.
 */
export const addCandidates = (
  name: string,
  ending: string,
  strict: boolean,
  candidates: Candidate[],
): void => {
  if (name.length === 0 || name.length > longestWord) return;
  const { nameAt, numbers } = typoModel();
  if (nearNames(name).length === 0) return;
  const written = endingOf(ending);
  const { kind } = written;
  const exact = numbers.get(name);
  // Under `com`, most short names are registered. Under other endings of one label, most names of up to three letters are.
  const isCrowded = ending === 'com' || (name.length < 4 && !ending.includes('.'));
  const leeway = kind === 'broken' ? constants.leeway.broken : isCrowded ? 0 : constants.leeway.quiet;
  const network = ending === networkEnding ? constants.leeway.networkOnly : 0;
  for (const number of found) {
    const entry = nameAt(number);
    const asMeant = number === exact;
    // If a provider has exactly this name and the ending exists, the name is not a misspelling of another provider's name.
    if (!asMeant && (!comparable(name, entry.name) || (exact !== undefined && kind === 'real'))) continue;
    // Most names that a search finds are farther away than any limit, so this saves the rest of the work.
    const highest = limitOf(name, entry.name) + leeway + network + Math.max(0, entry.bonus) + raisable(entry);
    const typed = typingCost(name, entry.name, asMeant ? exactLimit : highest);
    if (typed === Number.POSITIVE_INFINITY && entry.sounds === null) continue;
    const heaviest = entry.targets[0]!.weight;
    const scarce = kind === 'real' && heaviest < lightestUsual ? constants.leeway.rare : 0;
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
    const slip = nameCost(name, entry, typed, furthest);
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
export const bestOf = (candidates: readonly Candidate[]): Candidate | null => {
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

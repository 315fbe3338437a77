// Suggests the intended domain for a misspelled one.

import { findLookAlike } from '../confusable.ts';
import type { TypoSuggestion } from '../facts.ts';
import { longestWord, typingCost } from './distance.ts';
import { endingCost, endingOf, mailWords, maxSlipCost, mayReplace } from './ending.ts';
import { lettersOf, type Name, typoModel } from './model.ts';
import { maxNationalCost, mayBeNational, repairNationalEnding } from './national.ts';
import { isCommonSuffix, isPublicSuffix, isTopLevelDomain, repairSuffix } from './suffix.ts';
import { isPlain, type PlainText, plainText } from './text.ts';

interface Candidate {
  readonly domain: string;
  /** The cost of the misspelling. Lower is more likely. Comparable only among candidates for one text. */
  readonly total: number;
  /** Whether the candidate is close enough to act on. */
  readonly certain: boolean;
}

/**
 * Maximum cost by the length of the shorter name. Longer names have higher limits, because fewer real domains are close to
 * them. Nearly every name of three letters is a real domain.
 */
const limits = [0, 0, 0.87, 1.03, 1.35, 1.8, 1.8, 2.2, 2.5];
/** Added to the limit if the domain cannot exist, because its ending does not. */
const brokenLeeway = 0.6;
/** Added to the limit under endings with fewer registrations than .com. */
const quietLeeway = 0.35;
/** Added to the limit for big providers: most names this close to such a provider are misspellings of it. */
const popular = { bonus: 0.15, leeway: 0.4, shortest: 5 };
/** Maximum cost of the ending if the name is spelled correctly. */
const exactLimit = 2.4;
/** Minimum weight of a name for a certain suggestion if the domain as written may exist. */
const lightestLikely = 30;
/** Subtracted from the limit if the provider has few users, because a real domain is then more likely than a slip. */
const rare = { lightest: 20, strictness: 0.3 };
/** Added to the limit under an ending that only access providers have. */
const networkOnly = { ending: 'ne.jp', leeway: 0.35 };
/** How far below the limit the cost of a certain suggestion must be. Short names and existing endings require more. */
const margins = { usual: 0.5, short: 0.9, otherEnding: 1.8 };
/** Two candidates tie if their costs differ by less than this. */
const tie = 0.1;

const limitOf = (written: string, meant: string) =>
  limits[Math.min(written.length, meant.length, limits.length - 1)]!;

const numeric = /^\d+$/;
const hyphenAtEdge = /^-|-$/;
const doubled = /(.)\1/;

/** `name` with each run of a letter cut to two: a held key counts as one doubled letter. */
const withoutRuns = (name: string): string => {
  for (let i = 2; i < name.length; i += 1)
    if (name[i] === name[i - 1] && name[i] === name[i - 2]) return name.replace(/(.)\1{2,}/g, '$1$1');
  return name;
};

/**
 * Whether `written` may be a slip of `meant`. Numbers such as 162 for 163, other two-letter names, and another word before
 * the hyphen, as in x-online for t-online, are names of their own.
 */
const comparable = (written: string, meant: string): boolean => {
  if (numeric.test(meant)) return false;
  if (written.startsWith('-') && !meant.includes('-')) return false;
  if (meant.length < 3) return written.replace(doubled, '$1') === meant;
  const hyphen = meant.indexOf('-');
  const other = written.indexOf('-');
  if (hyphen < 0 || other < 0) return true;
  return hyphen === other && typingCost(written.slice(0, other), meant.slice(0, hyphen)) <= 1;
};

/** The cost of an anagram of a name, and the minimum length of the name. Few other words have the same letters. */
const scrambled = { cost: 2.1, shortest: 5 };

const sorted = (word: string) => [...word].sort().join('');

/** The cost of typing `written` instead of the name `entry`; infinity if it exceeds `limit`. */
const nameCost = (written: string, entry: Name, limit: number): number => {
  const { name, bonus } = entry;
  const cost = typingCost(written, name, limit);
  const possible = bonus > 0 && name.length >= scrambled.shortest && written.length === name.length;
  if (!possible || cost <= scrambled.cost || limit < scrambled.cost || written[0] !== name[0]) return cost;
  return sorted(written) === sorted(name) ? scrambled.cost : cost;
};

/** Many services have their own name that ends with one of these words. */
const commonEnd = /(?:mail|cloud)$/;

/** Whether the first letter was replaced, not added or omitted. */
const startsOtherwise = (written: string, name: string): boolean =>
  written[0] !== name[0] && written[0] !== name[1] && written[1] !== name[0];

/** Maximum cost under an existing ending if the first letter differs: one slip. */
const furthestOtherwise = 1.6;

/** What the popularity of a name adds to the limit; nothing if `written` looks like a compound. */
const popularLeeway = (written: string, { name, bonus }: Name): number =>
  bonus > popular.bonus &&
  Math.min(written.length, name.length) >= popular.shortest &&
  !startsOtherwise(written, name) &&
  !commonEnd.test(written) &&
  !written.includes(name)
    ? popular.leeway
    : 0;

const found: number[] = [];

/** Adds the domains that `name` with `ending` may misspell to `candidates`. With `strict`, only domains with that ending. */
const addCandidates = (name: string, ending: string, strict: boolean, candidates: Candidate[]): void => {
  if (name.length === 0 || name.length > longestWord) return;
  const { names, numbers, index } = typoModel();
  found.length = 0;
  index.near(name, found);
  if (found.length === 0) return;
  const written = endingOf(ending);
  const { kind } = written;
  const exact = numbers.get(name);
  const leeway = kind === 'broken' ? brokenLeeway : ending === 'com' || name.length < 4 ? 0 : quietLeeway;
  for (const number of found) {
    const entry = names[number]!;
    const asMeant = number === exact;
    // If a provider has exactly this name and the ending exists, the name is not a slip of another provider's name.
    if (!asMeant && (!comparable(name, entry.name) || (exact !== undefined && kind === 'real'))) continue;
    const heaviest = entry.targets[0]!.weight;
    const scarce = kind === 'real' && heaviest < rare.lightest ? rare.strictness : 0;
    const network = ending === networkOnly.ending ? networkOnly.leeway : 0;
    const limit = asMeant ? exactLimit : limitOf(name, entry.name) + leeway + network - scarce;
    // Nearly every name of three letters is a real domain, so popularity does not raise the limit.
    const tiny = !asMeant && kind === 'real' && name.length < 4 && entry.name.length === name.length;
    const widest =
      limit + (tiny ? Math.min(entry.bonus, 0) : entry.bonus) + (asMeant ? 0 : popularLeeway(name, entry));
    const furthest =
      kind === 'real' && startsOtherwise(name, entry.name) && name.slice(1) !== entry.name.slice(1)
        ? Math.min(widest, furthestOtherwise)
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
      const margin = otherEnding ? margins.otherEnding : short ? margins.short : margins.usual;
      candidates.push({
        domain: target.domain,
        total: cost - target.bonus,
        certain:
          cost - entry.bonus <= limit - margin && (asMeant || kind !== 'real' || heaviest >= lightestLikely),
      });
    }
  }
};

const bestOf = (candidates: readonly Candidate[]): Candidate | null => {
  let best: Candidate | null = null;
  let second = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (best === null || candidate.total < best.total) {
      if (best !== null && best.domain !== candidate.domain) second = best.total;
      best = candidate;
    } else if (candidate.domain !== best.domain) second = Math.min(second, candidate.total);
  }
  return best !== null && second - best.total >= tie ? best : null;
};

/** Whether `domain` (lower case) belongs to a mailbox provider with enough users to be intended. */
export const isProvider = (domain: string): boolean => typoModel().targets.has(domain);

/** Whether `domain` (lower case) is a popular provider's, under a name that it coined: gmail.com, but not mail.com. */
export const isUnmistakableProvider = (domain: string): boolean => {
  const { names, numbers } = typoModel();
  return isProvider(domain) && names[numbers.get(domain.slice(0, domain.indexOf('.'))) ?? -1]?.brand === true;
};

const suggestion = (domain: string, certain: boolean): TypoSuggestion => ({
  domain,
  confidence: certain ? 'likely' : 'possible',
});

/** The provider's domain that differs only in its dots and hyphens, or null. */
const repunctuated = (text: string, labels: readonly string[]): TypoSuggestion | null => {
  const { byLetters, names, numbers } = typoModel();
  const domain = byLetters.get(lettersOf(text));
  // A short domain under an existing suffix is probably registered.
  const owned = labels.length > 1 && text.length < 7 && isTopLevelDomain(labels.at(-1)!);
  if (domain !== undefined && !owned && !text.startsWith('-')) return suggestion(domain, true);
  const brand = names[numbers.get(labels.join('')) ?? -1];
  if (brand?.brand && (labels.length === 1 || !isTopLevelDomain(labels.at(-1)!)))
    return suggestion(brand.targets[0]!.domain, false);
  if (labels.length === 1) return null;
  const reversed = labels.toReversed().join('.');
  if (isProvider(reversed) && isCommonSuffix(labels.slice(0, -1).toReversed().join('.')))
    return suggestion(reversed, true);
  const rest = text.slice(labels[0]!.length + 1);
  return mailWords.has(labels[0]!) && isProvider(rest) ? suggestion(rest, labels[0]!.startsWith('w')) : null;
};

/** A fast check that decides for most domains: one name under a common ending, and no provider's name near it. */
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

/** Minimum weight of a name that is not coined. A name with less weight is a word that a company may use. */
const lightestWord = (name: string): number => (name.length < 4 ? 30 : 20);

/**
 * The provider's domain if the first label is its exact name and the ending is a broken national ending. Null for a tie;
 * undefined for any other labels.
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

/** Splits a single label before a final `com`, where a dot is missing. Without `com`, the second label is empty. */
const withCom = (label: string): readonly string[] =>
  label.endsWith('com') ? [label.slice(0, -3), 'com'] : [label, ''];

/**
 * Separates a second level from the provider's name before it: gmailcom.br becomes gmail.com.br. Null if there is none.
 */
const unglued = ([first, ...rest]: readonly string[]): readonly string[] | null => {
  const glued = /^(.{3,})(com?|net)$/.exec(first!);
  if (glued === null) return null;
  const { names, numbers } = typoModel();
  const entry = names[numbers.get(glued[1]!) ?? -1];
  return entry?.brand ? [glued[1]!, glued[2]!, ...rest] : null;
};

/** The provider's domain that the labels misspell. Null for a tie; undefined if none is close. */
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

/** The well-known domain, of a provider or not, that a name with foreign letters looks like. */
const imitated = (text: string): TypoSuggestion | null => {
  const domain = findLookAlike(text);
  return domain === null ? null : suggestion(domain, false);
};

/** The domain with its dots or its ending repaired, or what that domain misspells; null if there is nothing to repair. */
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
 * The domain that was probably intended by `text` after the @, or null if nothing indicates a misspelling. `text` is
 * a parsed domain in lower-case A-labels or any text that is not a domain, such as `gmail,com`. The suggestion is a
 * mailbox provider's domain, or the domain as written with its ending or dots repaired. A domain that is known to
 * exist is never corrected. Never throws; the time is bounded for any length.
 */
export const suggestDomain = (text: string): TypoSuggestion | null => suggest(text, typoModel().real);

/**
 * The suggestion for a domain in lower-case A-labels that `suggestDomain` leaves alone because a list knows it, such as
 * ahoo.com. For use where the DNS says that the domain receives no mail or is parked. Mailbox domains have none.
 */
export const suggestForUnused = (domain: string): TypoSuggestion | null => {
  const { real, mailboxDomains } = typoModel();
  const found = real.has(domain) ? suggest(domain, mailboxDomains) : null;
  return found === null ? null : suggestion(found.domain, true);
};

const suggest = (text: string, real: ReadonlySet<string>): TypoSuggestion | null => {
  if (isUnrelated(text)) return null;
  if (real.has(text)) return null;
  const plain = plainText(text);
  if (plain === null) return null;
  const sameLetters = plain.repaired === 'none' || plain.repaired === 'marks';
  // A name with foreign letters may be correct, so compare it only with mailbox providers.
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

// A domain that was probably misspelt, and the one that was probably meant.

import { brands, knownDomains, mailDomains } from '../../data/packed/typo.ts';
import type { TypoSuggestion } from './facts.ts';
import { longestWord, typingCost } from './typo-distance.ts';
import { type DeletionIndex, deletionIndex } from './typo-index.ts';
import { isPublicSuffix, isTopLevelDomain, repairSuffix } from './typo-suffix.ts';
import { plainText } from './typo-text.ts';

interface Target {
  readonly domain: string;
  readonly suffix: string;
  readonly weight: number;
  /** What the popularity of a target takes off the cost of every misspelling of it. */
  readonly bonus: number;
}

interface Name {
  readonly name: string;
  /** The heaviest first. */
  readonly targets: readonly Target[];
  readonly brand: boolean;
  /** At home under many country codes, so that one more may well be real. */
  readonly international: boolean;
}

interface Model {
  readonly real: ReadonlySet<string>;
  readonly names: readonly Name[];
  readonly byName: ReadonlyMap<string, number>;
  /** The heaviest target with these letters, dots and hyphens aside. */
  readonly byLetters: ReadonlyMap<string, string>;
  readonly index: DeletionIndex;
}

/** Lighter domains are real, but too rare to be what somebody meant. */
const lightestTarget = 3;
/** Heavier names are looked for two slips away, where they are long enough. */
const lightestDeepName = 14;

const bonusOf = (weight: number) => (weight < 20 ? 0.03 : 0.008) * (weight - 20);

const heaviestBonus = bonusOf(100);

const letters = (text: string) => text.replaceAll('.', '').replaceAll('-', '');

const build = (): Model => {
  const rows = mailDomains.split('\n').map((line) => {
    const [domain, weight] = line.split(' ') as [string, string];
    return { domain, weight: Number(weight) };
  });
  rows.sort((a, b) => b.weight - a.weight || (a.domain < b.domain ? -1 : 1));
  const real = new Set(knownDomains.split('\n'));
  const coined = new Map(brands.split('\n').map((line) => line.split(' ') as [string, string | undefined]));
  const grouped = new Map<string, { suffix: string; domain: string; weight: number }[]>();
  const byLetters = new Map<string, string>();
  for (const { domain, weight } of rows) {
    real.add(domain);
    if (weight < lightestTarget) continue;
    const dot = domain.indexOf('.');
    const name = domain.slice(0, dot);
    if (!byLetters.has(letters(domain))) byLetters.set(letters(domain), domain);
    const group = grouped.get(name) ?? [];
    group.push({ suffix: domain.slice(dot + 1), domain, weight });
    grouped.set(name, group);
  }
  const groups = [...grouped];
  const names = groups.map(([name, group]) => ({
    name,
    targets: group.map(({ suffix, domain, weight }) => ({ suffix, domain, weight, bonus: bonusOf(weight) })),
    brand: coined.has(name),
    international: coined.get(name) === 'everywhere',
  }));
  const deep = (number: number) => {
    const [name, group] = groups[number]!;
    return name.length >= 5 && group[0]!.weight >= lightestDeepName;
  };
  return {
    real,
    names,
    byName: new Map(names.map(({ name }, number) => [name, number])),
    byLetters,
    index: deletionIndex(
      names.map(({ name }) => name),
      deep,
    ),
  };
};

let built: Model | null = null;
const model = (): Model => {
  built ??= build();
  return built;
};

/** The more letters, the fewer domains are in use that are this near to a provider's by chance. */
const limits = [0, 0, 0.75, 0.91, 1.3, 1.7, 2.1, 2.5, 2.7];
const limitOf = (written: string, meant: string) =>
  limits[Math.min(written.length, meant.length, limits.length - 1)]!;

/** Endings that exist, but are more often a slip of .com or .net after a provider's name. */
const slips = new Set(['co', 'cm', 'om', 'cam', 'ne', 'nt', 'et']);

const cost = {
  /** Of one slip in the ending, relative to one in the name. */
  ending: 0.9,
  otherGeneric: 1.2,
  otherCountry: 1.3,
  sameCountry: 0.6,
  repeated: 0.6,
  appended: 0.6,
  appendedLetter: 0.2,
  garbage: 1.9,
} as const;

const mailWords = new Set('www ww wwww mail email e-mail webmail m my smtp pop pop3 imap'.split(' '));

const impossible = Number.POSITIVE_INFINITY;

const country = (suffix: string) => suffix.slice(suffix.lastIndexOf('.') + 1);

interface Ending {
  readonly text: string;
  /** `real`: a public suffix. `below`: labels under a real top-level domain. `broken`: no such top-level domain. */
  readonly kind: 'real' | 'below' | 'broken';
}

const endingOf = (text: string): Ending => {
  if (isPublicSuffix(text)) return { text, kind: 'real' };
  return { text, kind: isTopLevelDomain(country(text)) ? 'below' : 'broken' };
};

/** The cost of labels or letters that stand around the right ending: `com.com`, `co.com`, `com.ar` for `com`. */
const surroundCost = (text: string, meant: string, name: string): number => {
  if (text.length > meant.length && text.replaceAll(`${meant}.`, '') === meant) return cost.repeated;
  if (text.startsWith(meant)) return cost.appended + cost.appendedLetter * (text.length - meant.length);
  if (text.endsWith(`.${meant}`)) {
    const extra = text.slice(0, -meant.length - 1);
    if (extra === name || mailWords.has(extra)) return cost.repeated;
    if (meant.startsWith(extra) || typingCost(extra, meant) <= 1.5) return cost.repeated;
  }
  const cc = text.lastIndexOf('.');
  if (cc < 0 || text.length - cc !== 3) return impossible;
  return typingCost(text.slice(0, cc), meant) * cost.ending + cost.appended + 2 * cost.appendedLetter;
};

/** The cost of the ending `written` where a target was meant; `exact` tells that its name is written without a slip. */
const endingCost = (written: Ending, target: Target, name: Name, exact: boolean): number => {
  const { text, kind } = written;
  const meant = target.suffix;
  if (text === meant) return 0;
  const main = name.targets[0] === target;
  const slip = typingCost(text, meant);
  if (kind === 'real') {
    if (slips.has(text)) {
      if (slip <= 1) return slip * cost.ending;
      const nearer = name.targets.some(({ suffix }) => typingCost(text, suffix) <= 1);
      return main && !nearer && target.weight >= 30 ? cost.otherGeneric : impossible;
    }
    const ending = country(text);
    const national = ending.length === 2;
    if (national && ending === country(meant)) {
      if (slip <= 1 && text.includes('.') && meant.includes('.')) return slip * cost.ending;
      if (!name.brand) return impossible;
      return exact && name.international && (text === ending || text === `com.${ending}`)
        ? impossible
        : cost.sameCountry;
    }
    if (!name.brand || !main) return impossible;
    if (!national) return cost.otherGeneric;
    if (exact && name.international) return impossible;
    return text.startsWith(`${meant}.`) ? cost.appended : cost.otherCountry;
  }
  const around =
    name.brand || text === `${meant}.${meant}` ? surroundCost(text, meant, name.name) : impossible;
  if (kind === 'below') {
    const sameCountry = meant.includes('.') && country(text) === country(meant);
    const allowed = name.brand ? 1.5 : sameCountry && exact ? 1 : -1;
    return slip <= allowed ? Math.min(slip * cost.ending, around) : around;
  }
  return Math.min(slip * cost.ending, around, main && name.brand ? cost.garbage : impossible);
};

interface Candidate {
  readonly domain: string;
  readonly total: number;
  /** Good enough to act on. */
  readonly certain: boolean;
}

const found: number[] = [];

const doubled = /(.)\1/;
const longRun = /(.)\1{2,}/g;
const numeric = /^\d+$/;

/** Numbers near 163 and short names before a hyphen, as in t-online, are names of their own, not slips. */
const comparable = (written: string, meant: string): boolean => {
  if (numeric.test(meant)) return written === meant;
  if (meant.length < 3) return written.replace(doubled, '$1') === meant;
  const hyphen = meant.indexOf('-');
  const other = written.indexOf('-');
  if (hyphen < 0 || other < 0) return true;
  return hyphen === other && typingCost(written.slice(0, other), meant.slice(0, hyphen)) <= 1;
};

/** The candidates for one way of reading the text as a name and an ending. */
const candidates = (name: string, ending: string, into: Candidate[]): void => {
  const { names, byName, index } = model();
  if (name.length === 0 || name.length > longestWord) return;
  found.length = 0;
  index.near(name, found);
  if (found.length === 0) return;
  const written = endingOf(ending);
  const exact = byName.get(name);
  const leeway = written.kind === 'broken' ? 0.6 : ending === 'com' || name.length < 4 ? 0 : 0.2;
  for (const number of found) {
    const entry = names[number]!;
    const slip = number === exact ? 0 : typingCost(name, entry.name);
    const limit = number === exact ? 2.4 : limitOf(name, entry.name) + leeway;
    if (slip > limit + heaviestBonus || !comparable(name, entry.name)) continue;
    for (const target of entry.targets) {
      const total = slip + endingCost(written, target, entry, slip === 0) - target.bonus;
      if (total > limit) continue;
      const margin =
        written.kind === 'real' && ending !== target.suffix ? 1.4 : name.length < 5 && slip > 0 ? 0.9 : 0.5;
      into.push({ domain: target.domain, total, certain: total <= limit - margin });
    }
  }
};

const best = (all: readonly Candidate[]): Candidate | null => {
  let first: Candidate | null = null;
  let second = impossible;
  for (const candidate of all) {
    if (first === null || candidate.total < first.total) {
      if (first !== null && first.domain !== candidate.domain) second = first.total;
      first = candidate;
    } else if (candidate.domain !== first.domain && candidate.total < second) second = candidate.total;
  }
  return first !== null && second - first.total >= 0.1 ? first : null;
};

/**
 * The domain that somebody probably meant who wrote `text` after the @, or null where nothing says that it is a misspelling.
 * `text` is a parsed domain in lower-case A-labels or whatever failed the grammar, such as `gmail,com`. The suggestion is the domain
 * of a mailbox provider, or the same name with its broken ending repaired. A domain that is known to exist is never corrected.
 * Never throws; the time is bounded whatever the length.
 */
export const suggestDomain = (text: string): TypoSuggestion | null => {
  const { real, byLetters, byName } = model();
  if (real.has(text)) return null;
  const plain = plainText(text);
  if (plain === null) return null;
  const { repaired } = plain;
  if (repaired !== 'none' || plain.text !== text) {
    if (real.has(plain.text))
      return plain.text === text.toLowerCase()
        ? null
        : { domain: plain.text, confidence: repaired === 'accents' ? 'possible' : 'likely' };
  }
  const labels = plain.text.split('.');
  const together = byLetters.get(letters(plain.text));
  if (together !== undefined && together.length > 5) return { domain: together, confidence: 'likely' };

  const rest = labels.slice(1).join('.');
  if (labels.length > 2 && mailWords.has(labels[0]!) && real.has(rest))
    return { domain: rest, confidence: labels[0]!.startsWith('w') ? 'likely' : 'possible' };

  const all: Candidate[] = [];
  if (labels.length > 1) {
    candidates(labels[0]!.replace(longRun, '$1$1'), rest, all);
    const glued = rest.replaceAll('.', '');
    if (labels[0]!.length > glued.length + 2 && labels[0]!.endsWith(glued)) {
      const name = labels[0]!.slice(0, -glued.length);
      if (byName.has(name)) candidates(name, rest, all);
    }
    if (labels.length > 2) candidates(labels[0]! + labels[1]!, labels.slice(2).join('.'), all);
  }
  const chosen = best(all);
  if (chosen !== null) return { domain: chosen.domain, confidence: chosen.certain ? 'likely' : 'possible' };
  if (all.length > 0) return null;
  const suffix = repairSuffix(labels);
  if (suffix !== null) return { domain: suffix.domain, confidence: suffix.cost <= 1 ? 'likely' : 'possible' };
  return null;
};

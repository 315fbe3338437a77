// The data for correcting misspelled domains: the domains of mailbox providers, grouped by name (`gmail`, `yahoo`), and the
// domains that are never corrected.

import { brands, companies, knownDomains, mailDomains } from '../../../data/packed/typo.js';
import { dataPart } from '../../data-part.ts';
import { type DeletionIndex, deletionIndex } from './deletion-index.ts';
import { soundSpellings } from './resemblance.ts';
import { lastLabel } from './suffix.ts';

/** A domain that can be suggested. */
export interface Target {
  readonly domain: string;
  /** The ending after the name: `com`, `co.uk`. */
  readonly suffix: string;
  /** The last label of the suffix. */
  readonly lastLabel: string;
  /** The popularity of the domain, from 1 to 100, as in data/mail-domains.tsv. */
  readonly weight: number;
  /** A discount on the cost of misspelling this domain. It is higher for popular domains, so these are suggested first. */
  readonly bonus: number;
}

/** A name with which mailbox domains begin, such as `yahoo` (usually their first label), and the domains that begin with it. */
export interface Name {
  readonly name: string;
  /** The domains that can be suggested, highest weight first. */
  readonly targets: readonly Target[];
  /**
   * How much the maximum cost of a misspelling increases because of the popularity of the main domain: misspellings of a
   * popular name may differ more from it. Negative for little-known names.
   */
  readonly bonus: number;
  /**
   * Whether the name means this provider under any ending: it is an invented word (`gmail`, not `mail`), or it has two labels
   * (`i.softbank`).
   */
  readonly brand: boolean;
  /** Whether the provider has domains in so many countries that the ending of any country may be right. */
  readonly international: boolean;
  /** Whether data/mail-domains.tsv contains all country endings of two labels, such as co.uk, that the provider has. */
  readonly listed: boolean;
  /** Whether this is an internet access provider. Such a company often has its website under `com`. */
  readonly isp: boolean;
  /** Whether this is a company that offers no mailboxes. It may use its name under any existing ending. */
  readonly company: boolean;
  /** How a very popular invented name may be written by its sound (`soundSpellings`). Null for other names. */
  readonly sounds: ReadonlySet<string> | null;
  /** All endings of the provider's domains, including those of domains too rare to suggest. */
  readonly endings: readonly ProviderEnding[];
}

export interface ProviderEnding {
  readonly suffix: string;
  /** The popularity of the domain with this ending, from 0 to 100. */
  readonly weight: number;
}

export interface Model {
  /** Domains that are known to exist, so `suggestDomain` never corrects them. They include the targets. */
  readonly real: ReadonlySet<string>;
  /** All domains of data/mail-domains.tsv. */
  readonly mailboxDomains: ReadonlySet<string>;
  readonly names: readonly Name[];
  /** The domains of mailbox providers that can be suggested. */
  readonly targets: ReadonlySet<string>;
  /** The index of each name in `names`. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Popular targets by their text without dots and hyphens (`gmailcom`), to find those with missing or misplaced dots. */
  readonly byLetters: ReadonlyMap<string, string>;
  /** A bitmap of the hashes of the keys of `byLetters` (`mayBeTarget`). */
  readonly listed: Uint32Array;
  /** Finds the indexes of names that are similar to a word. */
  readonly index: DeletionIndex;
}

// A weight is the popularity of a domain from 1 to 100, as in data/mail-domains.tsv.

/** Minimum weight of a domain that is suggested. */
const lightestTarget = 6;
/** Minimum weight of a name that is found with two typing errors. The name must also have at least five letters. */
const lightestDeepName = 22;
/**
 * Minimum weight of a domain that is found even if dots and hyphens are missing or wrong. If a domain is little used, a text
 * with the same letters but other dots is more probably another real domain.
 */
const lightestByLetters = 10;

/**
 * Discount on the cost for each unit of weight. In national.ts, a cost of 1 makes an error 10 ** 2.5 times less probable, and
 * 25 units of weight make a domain 10 times more probable. So one unit of weight is worth a cost of 1 / (2.5 * 25).
 */
const rankingSlope = 0.016;

/** An invented name with a bonus above this is also found if it is spelled as it sounds, or its letters are in another order. */
const resembledBonus = 0.15;

/** The weight that is assumed for well-known companies. It is so low that their names are not found with two typing errors. */
const companyWeight = 20;

const bonusOf = (weight: number) => (weight < 40 ? 0.01 : 0.012) * (weight - 40);

/** `text` without its dots and hyphens. */
export const lettersOf = (text: string): string => text.replaceAll('.', '').replaceAll('-', '');

/** Number of bits of a hash of letters in `Model.listed`. */
const lettersBits = 15;
const lettersSlot = (hash: number): number => Math.imul(hash, 0x9e3779b1) >>> (32 - lettersBits);

/** A hash of the letters and digits of `text`, without its dots and hyphens. */
const lettersHash = (text: string): number => {
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 46) hash = Math.imul(hash ^ code, 0x01000193);
  }
  return hash;
};

/**
 * Length of the name in a domain. The name is the first label. If that has only one or two letters, a second label of at least
 * four letters belongs to the name too: `i.softbank` in i.softbank.jp.
 */
const nameLength = (domain: string): number => {
  const dot = domain.indexOf('.');
  const next = domain.indexOf('.', dot + 1);
  return dot < 3 && next - dot > 4 ? next : dot;
};

const build = (text: string): Model => {
  const given = sectionsOf(text);
  const rows = given.mailDomains.split('\n').map((line) => {
    const [domain, weight, isp] = line.split(' ') as [string, string, string?];
    return { domain, weight: Number(weight), isp: isp !== undefined };
  });
  rows.sort((a, b) => b.weight - a.weight || (a.domain < b.domain ? -1 : 1));

  const real = new Set(given.knownDomains.split('\n'));
  const byLetters = new Map<string, string>();
  const targets = new Set<string>();
  const groups = new Map<string, { suffix: string; domain: string; weight: number; isp: boolean }[]>();
  const endings = new Map<string, ProviderEnding[]>();
  for (const { domain, weight, isp } of rows) {
    real.add(domain);
    const dot = nameLength(domain);
    const name = domain.slice(0, dot);
    endings.set(name, [...(endings.get(name) ?? []), { suffix: domain.slice(dot + 1), weight }]);
    if (weight < lightestTarget) continue;
    targets.add(domain);
    const letters = lettersOf(domain);
    if (weight >= lightestByLetters && letters.length > 3 && !byLetters.has(letters))
      byLetters.set(letters, domain);
    const group = groups.get(name) ?? [];
    group.push({ suffix: domain.slice(dot + 1), domain, weight, isp });
    groups.set(name, group);
  }

  const companyNames = new Set<string>();
  for (const domain of given.companies.split('\n')) {
    real.add(domain);
    const dot = domain.indexOf('.');
    const name = domain.slice(0, dot);
    if (groups.has(name)) continue;
    companyNames.add(name);
    groups.set(name, [{ suffix: domain.slice(dot + 1), domain, weight: companyWeight, isp: false }]);
  }

  const coined = new Map(
    given.brands.split('\n').map((line) => line.split(' ') as [string, string | undefined]),
  );
  const names = [...groups].map(([name, group]): Name => {
    const bonus = bonusOf(group[0]!.weight);
    return {
      name,
      targets: group.map((target) => ({
        ...target,
        lastLabel: lastLabel(target.suffix),
        bonus: bonus + rankingSlope * (target.weight - group[0]!.weight),
      })),
      bonus,
      // A name of two labels, such as i.softbank, is used by only one provider.
      brand: coined.has(name) || name.includes('.'),
      international: coined.get(name) === 'everywhere' || coined.get(name) === 'listed',
      listed: coined.get(name) === 'listed',
      isp: group[0]!.isp && !name.includes('.') && coined.get(name) !== 'gone',
      company: companyNames.has(name),
      sounds: coined.has(name) && bonus > resembledBonus ? soundSpellings(name) : null,
      endings: endings.get(name) ?? [],
    };
  });
  const listed = new Uint32Array(2 ** (lettersBits - 5));
  for (const letters of byLetters.keys()) {
    const slot = lettersSlot(lettersHash(letters));
    listed[slot >>> 5]! |= 1 << (slot & 31);
  }
  const deep = (number: number) => {
    const { name, targets } = names[number]!;
    return name.length >= 5 && targets[0]!.weight >= lightestDeepName;
  };
  return {
    real,
    mailboxDomains: new Set(rows.map(({ domain }) => domain)),
    names,
    targets,
    numbers: new Map(names.map(({ name }, number) => [name, number])),
    byLetters,
    listed,
    index: deletionIndex(
      names.map(({ name }) => name),
      deep,
      (number) => names[number]!.sounds ?? [],
    ),
  };
};

/** The sections of the text of the model, in their order. A blank line separates them. */
const sections = ['mailDomains', 'knownDomains', 'companies', 'brands'] as const;

type Sections = Readonly<Record<(typeof sections)[number], string>>;

const sectionsOf = (text: string): Sections => {
  const texts = text.split('\n\n');
  return Object.fromEntries(sections.map((name, index) => [name, texts[index]!])) as Sections;
};

const domainText = '[a-z0-9-]+(?:\\.[a-z0-9-]+)+';
const lineOf: Readonly<Record<(typeof sections)[number], RegExp>> = {
  mailDomains: new RegExp(`^${domainText} (?:100|\\d\\d?)(?: isp)?$`),
  knownDomains: new RegExp(`^${domainText}$`),
  companies: new RegExp(`^${domainText}$`),
  brands: /^[a-z0-9-]+(?: [a-z]+)?$/,
};

export const typoDomains = dataPart({
  name: 'typo-domains',
  builtIn: () => [mailDomains, knownDomains, companies, brands].join('\n\n'),
  isValid: (text) =>
    text.split('\n\n').length === sections.length &&
    Object.entries(sectionsOf(text)).every(([name, section]) =>
      section.split('\n').every((line) => lineOf[name as keyof Sections].test(line)),
    ),
  entriesOf: (text) =>
    Object.entries(sectionsOf(text)).flatMap(([name, section]) =>
      section.split('\n').map((line) => `${name} ${line}`),
    ),
  build,
});

/** Returns the model. It is built on the first call, which takes a few milliseconds, and needs about one megabyte. */
export const typoModel = typoDomains.current;

/**
 * Whether a domain whose letters and digits have this hash may be a popular target, except for its dots and hyphens. The hash
 * begins with 0; each character code is combined by exclusive or, then multiplied by 0x01000193 in 32 bits.
 */
export const mayBeTarget = (hash: number): boolean => {
  const slot = lettersSlot(hash);
  return (typoModel().listed[slot >>> 5]! & (1 << (slot & 31))) !== 0;
};

/** Whether `text` is a popular target, except for its dots and hyphens. */
export const hasLettersOfTarget = (text: string): boolean => typoModel().byLetters.has(lettersOf(text));

/** Whether `domain` (lower case) belongs to a mailbox provider that has enough users to be suggested. */
export const isProvider = (domain: string): boolean => typoModel().targets.has(domain);

/** Whether `domain` (lower case) belongs to a provider whose name is an invented word: gmail.com, but not mail.com. */
export const isUnmistakableProvider = (domain: string): boolean => {
  const { names, numbers } = typoModel();
  return isProvider(domain) && names[numbers.get(domain.slice(0, domain.indexOf('.'))) ?? -1]?.brand === true;
};

// The data for correcting misspelled domains: the domains of mailbox providers, grouped by name (`gmail`, `yahoo`), and the
// domains that are never corrected.

import { brands, companies, knownDomains, mailDomains } from '../../../data/packed/typo.js';
import { dataPart } from '../../data-part.ts';
import { deferredIndex } from './deferred-index.ts';
import type { DeletionIndex } from './deletion-index.ts';
import { lineIndex } from './line-index.ts';
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
  /**
   * How people may spell a very popular name that is no word, such as Google, by its sound (`soundSpellings`). Null for other
   * names.
   */
  readonly sounds: ReadonlySet<string> | null;
  /** All endings of the provider's domains, including those of domains too rare to suggest. */
  readonly endings: readonly ProviderEnding[];
}

export interface ProviderEnding {
  readonly suffix: string;
  /** The popularity of the domain with this ending, from 0 to 100. */
  readonly weight: number;
}

/** A set that can be searched but not changed. */
export type DomainSet = Pick<ReadonlySet<string>, 'has'>;

export interface Model {
  /** Domains that are known to exist, so `suggestDomain` never corrects them. They include the targets. */
  readonly real: DomainSet;
  /** All domains of data/mail-domains.tsv. */
  readonly mailboxDomains: DomainSet;
  /** The domains of mailbox providers that can be suggested. */
  readonly targets: DomainSet;
  /** The index of each name, most popular first and those of companies last. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Returns the name with an index of `numbers`. */
  readonly nameAt: (number: number) => Name;
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

/** A row of data/mail-domains.tsv. */
interface Row {
  readonly domain: string;
  readonly weight: number;
  readonly isp: boolean;
}

const rowOf = (line: string): Row => {
  const end = line.indexOf(' ');
  return {
    domain: line.slice(0, end),
    weight: Number.parseInt(line.slice(end + 1), 10),
    isp: line.endsWith(' isp'),
  };
};

/**
 * Matches each row that has a weight of at least `lightestTarget`. One search of the text takes less time than to read all rows.
 */
const heavyRows = new RegExp(`^\\S+ (?:[${lightestTarget}-9]|\\d\\d).*$`, 'gm');

/** The rows of the targets, highest weight first. */
const targetRows = (mailDomains: string): Row[] =>
  (mailDomains.match(heavyRows) ?? [])
    .map(rowOf)
    .filter(({ weight }) => weight >= lightestTarget)
    .sort((a, b) => b.weight - a.weight || (a.domain < b.domain ? -1 : 1));

/** All endings of the domains in `mailDomains` that begin with `name`. */
const endingsOf = (mailDomains: string, name: string): ProviderEnding[] => {
  const lines = `\n${mailDomains}`;
  const endings: ProviderEnding[] = [];
  for (let at = lines.indexOf(`\n${name}.`); at >= 0; at = lines.indexOf(`\n${name}.`, at + 1)) {
    const { domain, weight } = rowOf(lines.slice(at + 1).split('\n', 1)[0]!);
    if (nameLength(domain) === name.length) endings.push({ suffix: domain.slice(name.length + 1), weight });
  }
  return endings;
};

/** What makes a name: its targets, highest weight first, and whether they belong to a company that offers no mailboxes. */
interface Group {
  readonly name: string;
  readonly rows: Row[];
  readonly company: boolean;
}

/** The names of the targets and of `companies`. */
const groupsOf = (rows: readonly Row[], companies: string): Group[] => {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const name = row.domain.slice(0, nameLength(row.domain));
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { name, rows: [row], company: false });
    else group.rows.push(row);
  }
  for (const domain of companies.split('\n')) {
    const name = domain.slice(0, domain.indexOf('.'));
    if (groups.has(name)) continue;
    groups.set(name, { name, rows: [{ domain, weight: companyWeight, isp: false }], company: true });
  }
  return [...groups.values()];
};

interface NameLists {
  readonly mailDomains: string;
  /** The invented names of providers, with the word that follows them in data/typo-brands.tsv. */
  readonly coined: ReadonlyMap<string, string | undefined>;
}

const nameOf = ({ name, rows, company }: Group, { mailDomains, coined }: NameLists): Name => {
  const heaviest = rows[0]!;
  const bonus = bonusOf(heaviest.weight);
  let endings: readonly ProviderEnding[] | null = null;
  return {
    name,
    targets: rows.map(({ domain, weight }) => {
      const suffix = domain.slice(name.length + 1);
      return {
        domain,
        suffix,
        lastLabel: lastLabel(suffix),
        weight,
        bonus: bonus + rankingSlope * (weight - heaviest.weight),
      };
    }),
    bonus,
    // A name of two labels, such as i.softbank, is used by only one provider.
    brand: coined.has(name) || name.includes('.'),
    international: coined.get(name) === 'everywhere' || coined.get(name) === 'listed',
    listed: coined.get(name) === 'listed',
    isp: heaviest.isp && !name.includes('.') && coined.get(name) !== 'gone',
    company,
    sounds: coined.has(name) && bonus > resembledBonus ? soundSpellings(name) : null,
    // Few searches need the endings.
    get endings() {
      endings ??= endingsOf(mailDomains, name);
      return endings;
    },
  };
};

/** The popular targets by their letters, and a bitmap of the hashes of these letters. */
const lettersIndex = (rows: readonly Row[]): Pick<Model, 'byLetters' | 'listed'> => {
  const byLetters = new Map<string, string>();
  const listed = new Uint32Array(2 ** (lettersBits - 5));
  for (const { domain, weight } of rows) {
    if (weight < lightestByLetters) break;
    const letters = lettersOf(domain);
    if (letters.length <= 3 || byLetters.has(letters)) continue;
    byLetters.set(letters, domain);
    const slot = lettersSlot(lettersHash(letters));
    listed[slot >>> 5]! |= 1 << (slot & 31);
  }
  return { byLetters, listed };
};

/** The weight that is written at a position of the text. */
const weightAt = (text: string, start: number): number => {
  let weight = 0;
  for (let at = start; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    weight = 10 * weight + digit;
  }
  return weight;
};

const build = (text: string): Model => {
  const { mailDomains, companies, brands } = sectionsOf(text);
  const lines = lineIndex(text, text.lastIndexOf('\n\n'));
  const weightOf = (domain: string): number => {
    const line = lines.find(domain);
    return line < 0 || line >= mailDomains.length ? -1 : weightAt(text, line + domain.length + 1);
  };
  const rows = targetRows(mailDomains);
  const groups = groupsOf(rows, companies);
  const coined = new Map(brands.split('\n').map((line) => line.split(' ') as [string, string | undefined]));
  const names: (Name | undefined)[] = new Array(groups.length).fill(undefined);
  const nameAt = (number: number): Name => {
    names[number] ??= nameOf(groups[number]!, { mailDomains, coined });
    return names[number];
  };
  const isDeep = (number: number) => {
    const { name, rows } = groups[number]!;
    return name.length >= 5 && rows[0]!.weight >= lightestDeepName;
  };
  return {
    real: { has: (domain) => lines.find(domain) >= 0 },
    mailboxDomains: { has: (domain) => weightOf(domain) >= 0 },
    targets: { has: (domain) => weightOf(domain) >= lightestTarget },
    numbers: new Map(groups.map(({ name }, number) => [name, number])),
    nameAt,
    ...lettersIndex(rows),
    index: deferredIndex(
      groups.map(({ name }) => name),
      isDeep,
      (number) =>
        bonusOf(groups[number]!.rows[0]!.weight) > resembledBonus ? (nameAt(number).sounds ?? []) : [],
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

/**
 * Returns the model. It is built on the first call, except for the indexes, which are built after some searches. That takes a few
 * milliseconds each, and about one megabyte.
 */
export const typoModel = typoDomains.current;

/** The name of a provider or company with exactly this text. */
export const findName = (text: string): Name | undefined => {
  const { numbers, nameAt } = typoModel();
  const number = numbers.get(text);
  return number === undefined ? undefined : nameAt(number);
};

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
  return isProvider(domain) && findName(domain.slice(0, domain.indexOf('.')))?.brand === true;
};

// The mailbox domains that a misspelling can mean, grouped by name, and the domains that are never a misspelling.

import { brands, knownDomains, mailDomains } from '../../../data/packed/typo.js';
import { type DeletionIndex, deletionIndex } from './deletion-index.ts';
import { lastLabel } from './suffix.ts';

export interface Target {
  readonly domain: string;
  /** What follows the name: `com`, `co.uk`. */
  readonly suffix: string;
  /** The last label of the suffix. */
  readonly lastLabel: string;
  /** 1 to 100, as in data/mail-domains.tsv. */
  readonly weight: number;
  /** A discount for the popularity of the domain. It ranks the domains of one name. */
  readonly bonus: number;
}

/** The first label of mailbox domains, with all domains that begin with it. */
export interface Name {
  readonly name: string;
  /** The domains that can be suggested, highest weight first. */
  readonly targets: readonly Target[];
  /** A discount for the popularity of the provider. It reduces the cost of every misspelling. */
  readonly bonus: number;
  /** Whether the name is coined, so it identifies the provider under any ending. */
  readonly brand: boolean;
  /** Whether the provider has so many country domains that any country's ending may be real. */
  readonly international: boolean;
  /** Whether this is an internet access provider. The website of such a company often has the ending `com`. */
  readonly isp: boolean;
  /** All endings of the provider, including those too rare to suggest. */
  readonly endings: readonly ProviderEnding[];
}

export interface ProviderEnding {
  readonly suffix: string;
  /** 0 to 100, as in data/mail-domains.tsv. */
  readonly weight: number;
}

export interface Model {
  /** Domains that exist and are never corrected; the targets are among them. */
  readonly real: ReadonlySet<string>;
  /** All domains of data/mail-domains.tsv. */
  readonly mailboxDomains: ReadonlySet<string>;
  readonly names: readonly Name[];
  /** The domains that can be suggested. */
  readonly targets: ReadonlySet<string>;
  /** The index of each name in `names`. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Popular targets keyed by their letters and digits, to match names with missing or moved dots. */
  readonly byLetters: ReadonlyMap<string, string>;
  readonly index: DeletionIndex;
}

/** Domains with less weight are never suggested. */
const lightestTarget = 6;
/** Minimum weight of a name of five or more letters that is matched with two slips. */
const lightestDeepName = 22;
/**
 * Minimum weight of a domain that is matched without regard to dots and hyphens. Otherwise my.yahoo.com would be a slip of
 * the small myyahoo.com.
 */
const lightestByLetters = 10;

const bonusOf = (weight: number) => (weight < 40 ? 0.01 : 0.012) * (weight - 40);

/** `text` without its dots and hyphens. */
export const lettersOf = (text: string): string => text.replaceAll('.', '').replaceAll('-', '');

/** Length of the name in a domain. A first label of one or two letters is too short: in i.softbank.jp it is `i.softbank`. */
const nameLength = (domain: string): number => {
  const dot = domain.indexOf('.');
  const next = domain.indexOf('.', dot + 1);
  return dot < 3 && next - dot > 4 ? next : dot;
};

const build = (): Model => {
  const rows = mailDomains.split('\n').map((line) => {
    const [domain, weight, isp] = line.split(' ') as [string, string, string?];
    return { domain, weight: Number(weight), isp: isp !== undefined };
  });
  rows.sort((a, b) => b.weight - a.weight || (a.domain < b.domain ? -1 : 1));

  const real = new Set(knownDomains.split('\n'));
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

  const coined = new Map(brands.split('\n').map((line) => line.split(' ') as [string, string | undefined]));
  const names = [...groups].map(([name, group]): Name => {
    const bonus = bonusOf(group[0]!.weight);
    return {
      name,
      targets: group.map((target) => ({
        ...target,
        lastLabel: lastLabel(target.suffix),
        bonus: 0.3 * bonus + 0.7 * bonusOf(target.weight),
      })),
      bonus,
      brand: coined.has(name),
      international: coined.get(name) === 'everywhere',
      isp: group[0]!.isp,
      endings: endings.get(name)!,
    };
  });
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
    index: deletionIndex(
      names.map(({ name }) => name),
      deep,
    ),
  };
};

let built: Model | null = null;

/** The model. Built on first use, in a few milliseconds; takes about one megabyte. */
export const typoModel = (): Model => {
  built ??= build();
  return built;
};

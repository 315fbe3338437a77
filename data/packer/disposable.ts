// Decides which disposable mail domains go into the packed set, and records which sources name them.

import { domainToASCII } from 'node:url';
import { parse } from 'tldts';
import type { DisposableSource } from './disposable-sources.ts';

export interface DisposableRecord {
  readonly domain: string;
  /** The letters of the sources that name it, in the order of the sources. */
  readonly sources: string;
}

/** The entries that were left out, by reason: their number, or the domains themselves. */
export interface LeftOut {
  /** Number of entries that are not a domain name under an existing public suffix. */
  malformed: number;
  /** Public suffixes. Different owners have names under them. */
  publicSuffix: string[];
  /**
   * Domains that must never be called disposable (`guarded` in `mergeDisposable`), their parent domains, and domains of
   * public bodies.
   */
  guarded: string[];
  /**
   * Number of domains without enough votes: named only by sources that confirm, or only suggested and too valuable
   * (`isPrecious`).
   */
  undecided: number;
  /** Number of subdomains of another accepted domain, which covers them. */
  covered: number;
}

/** `b.c.d`, `c.d` and `d` of `a.b.c.d`. */
const parents = (domain: string): string[] => {
  const labels = domain.split('.');
  return labels.slice(1).map((_, i) => labels.slice(i + 1).join('.'));
};

/**
 * Returns the lower-case A-labels of an entry, which may be written with `*.`, `@`, upper case or U-labels. Null if it
 * is not a domain under an existing public suffix.
 */
export const normaliseEntry = (entry: string): string | null => {
  const domain = domainToASCII(entry.trim().replace(/^[@.*]+/, ''));
  if (
    domain.length > 253 ||
    !/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(domain)
  )
    return null;
  const { isIcann, isPrivate } = parse(domain, { allowPrivateDomains: true });
  return isIcann || isPrivate ? domain : null;
};

const isPublicSuffix = (domain: string): boolean =>
  parse(domain).publicSuffix === domain ||
  parse(domain, { allowPrivateDomains: true }).publicSuffix === domain;

/** Whether only public bodies and schools can have a name in this place, such as under `.gov`. */
const isRestricted = (domain: string): boolean => /\.(?:gov|mil|edu|int)$|\.gov\.[a-z]{2}$/.test(domain);

/**
 * Whether a name is too valuable for a throw-away service: up to four letters in .com, .net or .org. All of these names
 * were registered decades ago and are expensive. Those in large collections are mostly what people typed at random.
 */
const isPrecious = (domain: string): boolean => /^[a-z]{1,4}\.(?:com|net|org)$/.test(domain);

/** Merges the sources by their votes. `guarded` contains the domains that must never be called disposable. */
export const mergeDisposable = (
  sources: readonly DisposableSource[],
  guarded: ReadonlySet<string>,
): { records: DisposableRecord[]; leftOut: LeftOut } => {
  const leftOut: LeftOut = { malformed: 0, publicSuffix: [], guarded: [], undecided: 0, covered: 0 };
  const never = new Set<string>(guarded);
  for (const domain of guarded) for (const parent of parents(domain)) never.add(parent);

  const letters = new Map<string, string>();
  for (const source of sources)
    for (const entry of new Set(source.read())) {
      if (entry.trim() === '') continue;
      const domain = normaliseEntry(entry);
      if (domain === null) {
        leftOut.malformed++;
        continue;
      }
      const before = letters.get(domain) ?? '';
      if (!before.endsWith(source.letter)) letters.set(domain, before + source.letter);
    }

  const by = (vote: DisposableSource['vote']): string =>
    sources
      .filter((source) => source.vote === vote)
      .map(({ letter }) => letter)
      .join('');
  const decides = by('decides');
  const suggests = by('suggests');
  const isAccepted = (domain: string, named: string): boolean =>
    [...named].some((letter) => decides.includes(letter)) ||
    ([...named].some((letter) => suggests.includes(letter)) && !isPrecious(domain));

  const accepted = new Map<string, string>();
  for (const [domain, named] of letters) {
    if (isPublicSuffix(domain)) leftOut.publicSuffix.push(domain);
    else if (never.has(domain) || isRestricted(domain)) leftOut.guarded.push(domain);
    else if (isAccepted(domain, named)) accepted.set(domain, named);
    else leftOut.undecided++;
  }

  const records: DisposableRecord[] = [];
  for (const [domain, named] of accepted)
    if (parents(domain).some((parent) => accepted.has(parent))) leftOut.covered++;
    else records.push({ domain, sources: named });
  records.sort((a, b) => (a.domain < b.domain ? -1 : 1));
  leftOut.guarded.sort();
  leftOut.publicSuffix.sort();
  return { records, leftOut };
};

/**
 * Returns how an update differs from the previous domains, and whether it drops so many that a source is probably
 * broken.
 */
export const compareRecords = (
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): { added: string[]; removed: string[]; dropsTooMuch: boolean } => {
  const removed = [...before].filter((domain) => !after.has(domain));
  return {
    added: [...after].filter((domain) => !before.has(domain)),
    removed,
    dropsTooMuch: removed.length > before.size * 0.05,
  };
};

// The operator's lists of allowed and denied domains. They override what presend's own data says about a domain.

import { toALabels } from '../address/idna.ts';
import type { DomainFacts } from '../domain/facts.ts';
import type { MaybePromise } from '../maybe-promise.ts';

/** A list of domains in lower-case A-labels (`xn--…`). A domain in `includingSubdomains` also covers its subdomains. */
export interface DomainList {
  readonly exact: ReadonlySet<string>;
  readonly includingSubdomains: ReadonlySet<string>;
}

export interface Overrides {
  readonly allow: DomainList;
  readonly deny: DomainList;
}

export type OverrideKind = 'allow' | 'deny';

/**
 * One entry of a list. It is written as `example.com` for that domain only, or as `*.example.com` for the domain and
 * its subdomains.
 */
export interface DomainEntry {
  /** Lower-case A-labels. */
  readonly domain: string;
  readonly includesSubdomains: boolean;
}

export type ParsedDomainList =
  | { readonly ok: true; readonly list: DomainList }
  | {
      readonly ok: false;
      /** The number of the invalid line, from 1. */
      readonly line: number;
      readonly problem: 'not_a_domain';
    };

export const emptyDomainList: DomainList = { exact: new Set(), includingSubdomains: new Set() };

const hostname = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Returns a domain in lower-case A-labels, or null if it is not a domain. */
const readHostname = (text: string): string | null => {
  const ascii = /^[\p{L}\p{M}\p{N}._-]+$/u.test(text) ? toALabels(text) : null;
  return ascii !== null && ascii.length <= 253 && hostname.test(ascii) ? ascii : null;
};

/**
 * Reads one entry; null if it is invalid. A leading `*.` or dot includes the subdomains. Upper case and U-labels
 * (`bücher.de`) are accepted.
 */
export function parseDomainEntry(text: string): DomainEntry | null {
  const bare = text.replace(/^(?:\*\.|\.)/, '');
  const domain = readHostname(bare);
  return domain === null ? null : { domain, includesSubdomains: bare !== text };
}

/** Writes an entry as text. It is the inverse of `parseDomainEntry`. */
export const formatDomainEntry = ({ domain, includesSubdomains }: DomainEntry): string =>
  includesSubdomains ? `*.${domain}` : domain;

/** Builds the list that `overrideFor` searches. */
export const domainList = (entries: readonly DomainEntry[]): DomainList => ({
  exact: new Set(entries.filter(({ includesSubdomains }) => !includesSubdomains).map(({ domain }) => domain)),
  includingSubdomains: new Set(
    entries.filter(({ includesSubdomains }) => includesSubdomains).map(({ domain }) => domain),
  ),
});

/**
 * Reads a list from text: one entry per line, `#` starts a comment, blank lines are ignored. At the first invalid line,
 * the whole list is rejected and the number of the line returned. Using only the valid lines would silently change
 * verdicts.
 */
export const parseDomainList = (text: string): ParsedDomainList => {
  const entries: DomainEntry[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const written = line.replace(/#.*$/, '').trim();
    if (written === '') continue;
    const entry = parseDomainEntry(written);
    if (entry === null) return { ok: false, line: index + 1, problem: 'not_a_domain' };
    entries.push(entry);
  }
  return { ok: true, list: domainList(entries) };
};

/**
 * Reads the list in the file `name` like `parseDomainList`.
 * @throws RangeError at the first invalid line, with a message such as `deny.txt:3: invalid domain`.
 */
export function domainListIn(name: string, text: string): DomainList {
  const parsed = parseDomainList(text);
  if (!parsed.ok) throw new RangeError(`${name}:${parsed.line}: invalid domain`);
  return parsed.list;
}

/** Returns the length of the longest domain on the list that covers `domain`, or 0 if none does. */
const covers = (domain: string, { exact, includingSubdomains }: DomainList): number => {
  if (exact.has(domain)) return domain.length;
  if (includingSubdomains.size === 0) return 0;
  for (let start = 0; ; ) {
    const parent = domain.slice(start);
    if (includingSubdomains.has(parent)) return parent.length;
    const dot = domain.indexOf('.', start);
    if (dot === -1) return 0;
    start = dot + 1;
  }
};

/**
 * Returns the operator's decision on `domain` (lower-case A-labels), or null if neither list covers it. If both do, the
 * entry with the longer domain wins; in a tie, `deny` wins.
 */
export const overrideFor = (domain: string, { allow, deny }: Overrides): OverrideKind | null => {
  const denied = covers(domain, deny);
  const allowed = covers(domain, allow);
  if (denied === 0 && allowed === 0) return null;
  return denied >= allowed ? 'deny' : 'allow';
};

/**
 * Returns the facts about a domain that the operator allows, without those that would make a verdict worse.
 * `specialUse` stays, because a reserved name such as `localhost` never receives mail from the internet.
 */
export const allowedFacts = (facts: DomainFacts): DomainFacts => ({
  ...facts,
  retired: null,
  typo: null,
  typoIfUnused: null,
  disposable: false,
  confusable: null,
});

/** Returns a list with the entries of both. */
export const mergeDomainLists = (a: DomainList, b: DomainList): DomainList => ({
  exact: new Set([...a.exact, ...b.exact]),
  includingSubdomains: new Set([...a.includingSubdomains, ...b.includingSubdomains]),
});

/**
 * Returns a function that returns the lists of `first` and `second` together. It merges them only if one of them changed, which
 * matters for long lists.
 */
export function mergedOverrides(
  first: () => MaybePromise<Overrides>,
  second: () => Overrides,
): () => MaybePromise<Overrides> {
  let merged: { readonly of: readonly [Overrides, Overrides]; readonly lists: Overrides } | null = null;
  const merge = (a: Overrides, b: Overrides): Overrides => {
    if (merged?.of[0] !== a || merged.of[1] !== b) {
      const lists = { allow: mergeDomainLists(a.allow, b.allow), deny: mergeDomainLists(a.deny, b.deny) };
      merged = { of: [a, b], lists };
    }
    return merged.lists;
  };
  return () => {
    const lists = first();
    return lists instanceof Promise ? lists.then((one) => merge(one, second())) : merge(lists, second());
  };
}

export const noOverrides: Overrides = { allow: emptyDomainList, deny: emptyDomainList };

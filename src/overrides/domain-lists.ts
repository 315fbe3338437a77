// The operator's allow and deny lists of domains. They override presend's data.

import { toALabels } from '../address/idna.ts';
import type { DomainFacts } from '../domain/facts.ts';

/** Domains in lower-case A-labels; an entry of `includingSubdomains` also covers its subdomains. */
export interface DomainList {
  readonly exact: ReadonlySet<string>;
  readonly includingSubdomains: ReadonlySet<string>;
}

export interface Overrides {
  readonly allow: DomainList;
  readonly deny: DomainList;
}

export type OverrideKind = 'allow' | 'deny';

/** One entry of a list: `example.com` is that domain only, `*.example.com` includes its subdomains. */
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

/** Normalizes a domain to lower-case A-labels, or returns null. */
const readHostname = (text: string): string | null => {
  const ascii = /^[\p{L}\p{M}\p{N}._-]+$/u.test(text) ? toALabels(text) : null;
  return ascii !== null && ascii.length <= 253 && hostname.test(ascii) ? ascii : null;
};

/** Reads one entry. Accepts a leading `*.` or dot for subdomains, U-labels and upper case. Null if the entry is invalid. */
export function parseDomainEntry(text: string): DomainEntry | null {
  const bare = text.replace(/^(?:\*\.|\.)/, '');
  const domain = readHostname(bare);
  return domain === null ? null : { domain, includesSubdomains: bare !== text };
}

/** Writes an entry as `parseDomainEntry` reads it. */
export const formatDomainEntry = ({ domain, includesSubdomains }: DomainEntry): string =>
  includesSubdomains ? `*.${domain}` : domain;

/** Indexes entries for lookups. */
export const domainList = (entries: readonly DomainEntry[]): DomainList => ({
  exact: new Set(entries.filter(({ includesSubdomains }) => !includesSubdomains).map(({ domain }) => domain)),
  includingSubdomains: new Set(
    entries.filter(({ includesSubdomains }) => includesSubdomains).map(({ domain }) => domain),
  ),
});

/**
 * Reads a list: one entry per line, `#` starts a comment, blank lines are ignored. Rejects the whole list at the first
 * invalid line and returns its number, because a partial list would silently change decisions.
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

/** Length of the longest entry that covers `domain`, or 0. */
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

/** The operator's decision on `domain` (lower-case A-labels), or null. The longest entry wins; in a tie, `deny` wins. */
export const overrideFor = (domain: string, { allow, deny }: Overrides): OverrideKind | null => {
  const denied = covers(domain, deny);
  const allowed = covers(domain, allow);
  if (denied === 0 && allowed === 0) return null;
  return denied >= allowed ? 'deny' : 'allow';
};

/** Clears all facts that count against the name of an allowed domain, except special use. */
export const allowedFacts = (facts: DomainFacts): DomainFacts => ({
  ...facts,
  retired: null,
  typo: null,
  typoIfUnused: null,
  disposable: false,
  confusable: null,
});

/** The union of both lists. */
export const mergeDomainLists = (a: DomainList, b: DomainList): DomainList => ({
  exact: new Set([...a.exact, ...b.exact]),
  includingSubdomains: new Set([...a.includingSubdomains, ...b.includingSubdomains]),
});

export const noOverrides: Overrides = { allow: emptyDomainList, deny: emptyDomainList };

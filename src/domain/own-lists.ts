// An operator's own lists of domains to allow and to deny, whose word wins over the data.

import type { DomainFacts } from './facts.ts';

/** Domains in lower-case A-labels; those of `beneath` cover their subdomains too. */
export interface DomainList {
  readonly exact: ReadonlySet<string>;
  readonly beneath: ReadonlySet<string>;
}

export interface OwnLists {
  readonly allow: DomainList;
  readonly deny: DomainList;
}

export type OwnWord = 'allow' | 'deny';

export type ParsedDomainList =
  | { readonly ok: true; readonly list: DomainList }
  | {
      readonly ok: false;
      /** From 1. */
      readonly line: number;
      readonly problem: 'not_a_domain';
    };

export const emptyDomainList: DomainList = { exact: new Set(), beneath: new Set() };

const hostname = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Lower-case A-labels of a domain as a person writes it, or null. */
const toALabels = (text: string): string | null => {
  if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(text)) return null;
  let ascii: string;
  try {
    ascii = new URL(`http://${text}`).hostname;
  } catch {
    return null;
  }
  return ascii.length <= 253 && hostname.test(ascii) ? ascii : null;
};

/**
 * Reads a list: one domain a line, `#` starts a comment, empty lines are nothing. `example.com` is that domain alone,
 * `*.example.com` or `.example.com` is that domain and everything beneath it. U-labels and upper case are taken.
 * The first line that is no domain ends the reading, with its number: half a list is worse than none.
 */
export const parseDomainList = (text: string): ParsedDomainList => {
  const exact = new Set<string>();
  const beneath = new Set<string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.replace(/#.*$/, '').trim();
    if (entry === '') continue;
    const bare = entry.replace(/^(?:\*\.|\.)/, '');
    const domain = toALabels(bare);
    if (domain === null) return { ok: false, line: index + 1, problem: 'not_a_domain' };
    (bare === entry ? exact : beneath).add(domain);
  }
  return { ok: true, list: { exact, beneath } };
};

/** How many characters of `domain` the list speaks for: the longest entry that covers it, or 0. */
const covers = (domain: string, { exact, beneath }: DomainList): number => {
  if (exact.has(domain)) return domain.length;
  if (beneath.size === 0) return 0;
  for (let start = 0; ; ) {
    const parent = domain.slice(start);
    if (beneath.has(parent)) return parent.length;
    const dot = domain.indexOf('.', start);
    if (dot === -1) return 0;
    start = dot + 1;
  }
};

/** The operator's word on `domain` (lower-case A-labels): the longest entry decides, and of two as long, `deny`. */
export const ownWordOn = (domain: string, { allow, deny }: OwnLists): OwnWord | null => {
  const denied = covers(domain, deny);
  const allowed = covers(domain, allow);
  if (denied === 0 && allowed === 0) return null;
  return denied >= allowed ? 'deny' : 'allow';
};

/**
 * The facts with the operator's word in them. `allow` clears what the data holds against the name: typo, disposable,
 * confusable. `deny` makes the domain disposable, for that is how a domain that nobody wants is treated. What a name
 * can never do (special use) and what DNS says stay as they are.
 */
export const applyOwnWord = (facts: DomainFacts, word: OwnWord | null): DomainFacts => {
  if (word === null) return facts;
  return word === 'allow'
    ? { ...facts, typo: null, disposable: false, confusable: null }
    : { ...facts, typo: null, disposable: true, relay: false };
};

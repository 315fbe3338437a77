// Follows the includes and redirects of an SPF record, and counts what each costs.

import type { DnsOutcome } from '../dns/resolver.ts';
import { hasText, isAbsent, joinedTexts, type PreflightQuestions } from './questions.ts';
import {
  costsLookup,
  evaluatedTerms,
  hasMacro,
  isSpfRecord,
  leadsOn,
  resemblesSpf,
  type SpfTerm,
  spfTerms,
} from './spf-terms.ts';

/** The SPF record of a domain, and the records that it includes or redirects to. */
export interface SpfNode {
  readonly domain: string;
  /** The term of the record above that leads here; null for the first record. */
  readonly term: SpfTerm | null;
  /**
   * `record`: the domain has one SPF record; `none` and `several` accordingly. `not_answered`: no resolver answered. `loop`: the
   * record of this domain leads back to itself. `unread`: the domain was not asked, because its name depends on the message
   * (macros) or because too many records came before it.
   */
  readonly state: 'record' | 'none' | 'several' | 'not_answered' | 'loop' | 'unread';
  /** The SPF records, with the strings of each joined. */
  readonly records: readonly string[];
  /** The strings of the first SPF record. */
  readonly strings: readonly string[];
  /** TXT records that were meant to be SPF records, but are none. */
  readonly lookAlikes: readonly string[];
  /** Whether the domain has no TXT record at all. */
  readonly isVoid: boolean;
  readonly terms: readonly SpfTerm[];
  readonly children: readonly SpfNode[];
  /** The terms whose look-up found no record. */
  readonly voids: readonly string[];
}

/** Maximum number of records that are read. The limit of 10 look-ups is exceeded long before. */
const maxRecords = 40;

/** Maximum number of terms `a`, `mx` and `exists` that are looked up. A record may have thousands. */
const maxTerms = 40;

/** Maximum number of hosts of a term `mx` that a receiver compares (RFC 7208 section 4.6.4). */
const maxMxHosts = 10;

/** Asks for the TXT records of a domain. If none of them is an SPF record, another resolver confirms that. */
export const askForSpf = (name: string, { confirm }: PreflightQuestions): Promise<DnsOutcome> =>
  confirm(name, 'TXT', hasText(isSpfRecord));

/**
 * `hostTypes`: the types of the address records of MX hosts that are needed to compare them with the sending addresses. They are
 * asked for at the same time; a receiver would ask for one after another.
 */
export async function readSpfTree(
  domain: string,
  questions: PreflightQuestions,
  hostTypes: readonly ('A' | 'AAAA')[] = [],
): Promise<SpfNode> {
  let left = maxRecords;
  let termsLeft = maxTerms;

  const read = async (name: string, term: SpfTerm | null, above: readonly string[]): Promise<SpfNode> => {
    const unread = { domain: name, term, records: [], strings: [], lookAlikes: [], isVoid: false };
    const empty = { ...unread, terms: [], children: [], voids: [] };
    if (above.includes(name)) return { ...empty, state: 'loop' };
    if (name.includes('%') || left-- <= 0) return { ...empty, state: 'unread' };
    const outcome = await askForSpf(name, questions);
    if (outcome.kind === 'failure') return { ...empty, state: 'not_answered' };
    const texts = joinedTexts(outcome);
    const records = texts.filter(isSpfRecord);
    const found = {
      ...empty,
      records,
      strings: stringsOfSpf(outcome),
      lookAlikes: texts.filter(resemblesSpf),
      isVoid: isAbsent(outcome),
    };
    if (records.length !== 1) return { ...found, state: records.length === 0 ? 'none' : 'several' };
    const terms = spfTerms(records[0]!);
    const path = [...above, name];
    const evaluated = evaluatedTerms(terms);
    const [children, voids] = await Promise.all([
      Promise.all(evaluated.filter(leadsOn).map((one) => read(one.target, one, path))),
      voidTerms(
        evaluated.filter((one) => isLookedUp(one) && termsLeft-- > 0),
        name,
        questions,
        hostTypes,
      ),
    ]);
    const voidIncludes = children.filter(({ isVoid }) => isVoid).map(({ term }) => term!.text);
    return { ...found, state: 'record', terms, children, voids: [...voids, ...voidIncludes] };
  };

  return read(domain, null, []);
}

const stringsOfSpf = (outcome: DnsOutcome): readonly string[] =>
  outcome.kind === 'texts' ? (outcome.texts.find((strings) => isSpfRecord(strings.join(''))) ?? []) : [];

/** Whether the term needs a look-up, and the look-up does not depend on the message. */
const isLookedUp = (term: SpfTerm): boolean =>
  ['a', 'mx', 'exists'].includes(term.name) && !term.isModifier && !hasMacro(term);

/** Returns the terms whose look-up finds no record (RFC 7208 section 4.6.4). All `terms` must be looked up (`isLookedUp`). */
async function voidTerms(
  terms: readonly SpfTerm[],
  domain: string,
  { ask }: PreflightQuestions,
  hostTypes: readonly ('A' | 'AAAA')[],
): Promise<string[]> {
  const isVoid = async (term: SpfTerm): Promise<boolean> => {
    const target = term.target || domain;
    if (term.name === 'mx') {
      const outcome = await ask(target, 'MX');
      if (outcome.kind !== 'mx') return isAbsent(outcome);
      const hosts = outcome.exchanges.slice(0, maxMxHosts).filter(({ host }) => host !== '');
      await Promise.all(hosts.flatMap(({ host }) => hostTypes.map((type) => ask(host, type))));
      return false;
    }
    if (!isAbsent(await ask(target, 'A'))) return false;
    // A receiver asks for AAAA records instead if the message comes from an IPv6 address.
    return term.name === 'exists' || isAbsent(await ask(target, 'AAAA'));
  };
  const found = await Promise.all(terms.map(isVoid));
  return terms.filter((_, index) => found[index]).map(({ text }) => text);
}

/** Look-ups below `node`, without the one for its own record (RFC 7208 section 4.6.4). */
export const spfLookups = ({ terms, children }: SpfNode): number =>
  evaluatedTerms(terms).filter(costsLookup).length +
  children.reduce((sum, child) => sum + spfLookups(child), 0);

/** All nodes of the tree, the first one first. */
export const spfNodes = (node: SpfNode): readonly SpfNode[] => [node, ...node.children.flatMap(spfNodes)];

/**
 * The terms that let every server of the internet pass: `+all`, a range of all addresses, or a term whose record has one of
 * these.
 */
export function openTerms({ terms, children }: SpfNode): readonly SpfTerm[] {
  const isOpen = (term: SpfTerm): boolean => {
    if (term.qualifier !== '+') return false;
    if (term.name === 'all') return true;
    if (term.name === 'ip4' || term.name === 'ip6') return /\/0*[01]$/.test(term.text);
    const child = children.find((node) => node.term === term);
    return child !== undefined && openTerms(child).length > 0;
  };
  return evaluatedTerms(terms).filter(isOpen);
}

/** Maximum number of terms whose cost is listed. */
const maxCosts = 20;

/** What each term of the first record costs, in look-ups, the most expensive first. */
export const spfCosts = ({ terms, children }: SpfNode): readonly { term: string; lookups: number }[] =>
  evaluatedTerms(terms)
    .filter(costsLookup)
    .map((term) => {
      const child = children.find((node) => node.term === term);
      return { term: term.text, lookups: 1 + (child ? spfLookups(child) : 0) };
    })
    .sort((a, b) => b.lookups - a.lookups)
    .slice(0, maxCosts);

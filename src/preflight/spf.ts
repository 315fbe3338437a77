// The SPF check (RFC 7208): one valid record, at most 10 look-ups, and whether it lets the sending addresses pass.

import type { AskRecords, AuthenticationLibrary, SpfResult } from './authentication.ts';
import { type CheckResult, type FaultKind, inWords, type SenderFault } from './finding.ts';
import type { PreflightQuestions } from './questions.ts';
import { type SpfFaultCode, spfFaultKinds } from './spf-faults.ts';
import {
  allTerm,
  evaluatedTerms,
  hasMacro,
  isUnknownModifier,
  missingSpace,
  type SpfTerm,
} from './spf-terms.ts';
import {
  askForSpf,
  openTerms,
  readSpfTree,
  type SpfNode,
  spfCosts,
  spfLookups,
  spfNodes,
} from './spf-tree.ts';

/** Limits of RFC 7208 section 4.6.4. */
const maxSpfLookups = 10;
const maxSpfVoids = 2;

export interface SpfFacts {
  readonly domain: string;
  /** The record, with the strings of the TXT record joined; null if there is none or several. */
  readonly record: string | null;
  /** Look-ups that a receiver needs if no term matches before the end; null without a record. */
  readonly lookups: number | null;
  readonly void_lookups: number | null;
  /** Each term that costs look-ups, the most expensive first. */
  readonly costs: readonly { readonly term: string; readonly lookups: number }[];
  readonly ips: readonly { readonly ip: string; readonly result: SpfResult }[];
}

export interface SpfAnswers {
  /** Whether receivers use this record for mail of the sender, because it is the record of the envelope sender's domain. */
  readonly decides: boolean;
  readonly tree: SpfNode;
  /** The syntax errors of the records in the tree. */
  readonly syntaxErrors: readonly {
    readonly domain: string;
    readonly record: string;
    readonly why: string;
  }[];
  readonly ips: readonly { readonly ip: string; readonly result: SpfResult; readonly why: string }[];
}

/** `library` is null if it is not available; then neither syntax nor addresses are checked. */
export async function gatherSpf(
  domain: string,
  {
    ips,
    helo,
    decides,
  }: { readonly ips: readonly string[]; readonly helo: string | null; readonly decides: boolean },
  questions: PreflightQuestions,
  library: AuthenticationLibrary | null,
): Promise<SpfAnswers> {
  const askAsReceiver: AskRecords = (name, type) =>
    type === 'TXT' ? askForSpf(name, questions) : questions.ask(name, type);
  const tested = decides && library !== null ? ips : [];
  // The library evaluates the terms one after another, as a receiver does. Meanwhile the tree asks for all of them at once.
  const ofIps = Promise.all(
    tested.map(async (ip) => ({ ip, ...(await library!.spfVerdict({ domain, ip, helo }, askAsReceiver)) })),
  );
  const [tree, results] = await Promise.all([readSpfTree(domain, questions, hostTypesOf(tested)), ofIps]);
  if (library === null) return { decides, tree, syntaxErrors: [], ips: [] };
  const records = new Map(
    spfNodes(tree).flatMap(({ domain, records }) => records.map((record) => [record, domain] as const)),
  );
  const syntaxErrors = await Promise.all(
    [...records].map(async ([record, domain]) => ({
      domain,
      record,
      why: await library.spfSyntaxError(record),
    })),
  );
  return {
    decides,
    tree,
    syntaxErrors: syntaxErrors.flatMap(({ why, ...found }) => (why === null ? [] : [{ ...found, why }])),
    ips: tree.state === 'record' || tree.state === 'several' ? results : [],
  };
}

const hostTypesOf = (ips: readonly string[]): ('A' | 'AAAA')[] =>
  (['A', 'AAAA'] as const).filter((type) => ips.some((ip) => ip.includes(':') === (type === 'AAAA')));

export function judgeSpf(answers: SpfAnswers): CheckResult<SpfFacts> {
  const { tree, ips } = answers;
  const isSingle = tree.state === 'record';
  const facts: SpfFacts = {
    domain: tree.domain,
    record: isSingle ? tree.records[0]! : null,
    lookups: isSingle ? spfLookups(tree) : null,
    void_lookups: isSingle ? voidsOf(tree).length : null,
    costs: isSingle ? spfCosts(tree) : [],
    ips: ips.map(({ ip, result }) => ({ ip, result })),
  };
  const faults = isSingle ? faultsOfRecord(answers) : faultsWithoutRecord(tree);
  return { facts, faults: answers.decides ? faults : elsewhere(tree, faults) };
}

/**
 * The faults of the From domain if receivers use the record of another domain, the bounce domain. The From domain then needs no
 * record, so only errors that make other mail fail are reported.
 */
function elsewhere({ domain }: SpfNode, faults: readonly SpfFault[]): SpfFault[] {
  const told = faults.filter(({ code }) => {
    const { severity }: FaultKind = spfFaultKinds[code];
    return code !== 'spf_none' && severity === 'error';
  });
  if (told.length === 0) return [];
  return [
    {
      code: 'spf_elsewhere',
      about: domain,
      seen: told.map(({ seen }) => seen).join(' '),
    },
  ];
}

type SpfFault = SenderFault<SpfFaultCode>;

function faultsWithoutRecord({ domain, state, records, lookAlikes }: SpfNode): SpfFault[] {
  if (state === 'several')
    return [
      {
        code: 'spf_several',
        about: domain,
        seen: `${domain} has ${records.length} SPF records: ${records.map(quoted).join(' and ')}.`,
        parts: records,
      },
    ];
  if (state !== 'none') return [];
  const [lookAlike] = lookAlikes;
  return lookAlike === undefined
    ? [{ code: 'spf_none', about: domain, seen: `${domain} has no SPF record.` }]
    : [
        {
          code: 'spf_invalid',
          about: domain,
          seen: `The record ${quoted(lookAlike)} does not begin with "v=spf1" and a space, so receivers do not see an SPF record.`,
          record: lookAlike,
        },
      ];
}

function faultsOfRecord({ decides, tree, syntaxErrors, ips }: SpfAnswers): SpfFault[] {
  // A missing space causes the other faults of the record, so report only it.
  const split = splitFaults(tree);
  if (split.length > 0) return split;
  return [
    ...syntaxFaults(tree, syntaxErrors),
    ...limitFaults(tree),
    ...leadingFaults(tree),
    ...termFaults(tree),
    ...(decides && ips.length === 0 ? nobodyFaults(tree) : ipFaults(tree, ips)),
  ];
}

function splitFaults({ domain, strings, records }: SpfNode): SpfFault[] {
  const place = missingSpace(strings);
  if (place === null) return [];
  const [before, after] = place;
  return [
    {
      code: 'spf_split_text',
      about: domain,
      seen: `The TXT record is split into ${strings.length} strings, and receivers join them without a space: "${before}" and "${after}" become "${before}${after}".`,
      record: records[0]!,
      parts: strings,
    },
  ];
}

function syntaxFaults({ domain }: SpfNode, errors: SpfAnswers['syntaxErrors']): SpfFault[] {
  return errors.map((error) => ({
    code: 'spf_invalid',
    about: domain,
    seen:
      error.domain === domain
        ? `The record ${quoted(error.record)} is invalid: ${error.why}.`
        : `The record of ${error.domain}, which the record of ${domain} includes, is invalid: ${error.why}. It is ${quoted(error.record)}.`,
    ...(error.domain === domain && { record: error.record }),
  }));
}

const voidsOf = (tree: SpfNode): string[] => spfNodes(tree).flatMap(({ voids }) => voids);

function limitFaults(tree: SpfNode): SpfFault[] {
  const { domain, records } = tree;
  const lookups = spfLookups(tree);
  const voids = voidsOf(tree);
  const about = { about: domain, record: records[0]! };
  const faults: SpfFault[] = [];
  if (lookups > maxSpfLookups) {
    const costs = spfCosts(tree);
    faults.push({
      ...about,
      code: 'spf_too_many_lookups',
      seen: `The record needs ${lookups} DNS look-ups; the limit is ${maxSpfLookups}. ${costs.map(({ term, lookups }) => `${term} costs ${lookups}`).join(', ')}.`,
      parts: dispensable(tree, lookups - maxSpfLookups),
    });
  }
  if (voids.length > maxSpfVoids)
    faults.push({
      ...about,
      code: 'spf_too_many_voids',
      seen: `${voids.length} look-ups find nothing; the limit is ${maxSpfVoids}: ${inWords(voids)}.`,
      parts: voids,
    });
  return faults;
}

/**
 * The terms of the first record that can be removed without harm: duplicates, `ptr`, and those that find nothing. Empty if that
 * saves fewer than `excess` look-ups.
 */
function dispensable(tree: SpfNode, excess: number): string[] {
  const texts = tree.terms.map(({ text }) => text);
  const removed = tree.terms
    .filter(
      ({ text, name }, index) => name === 'ptr' || tree.voids.includes(text) || texts.indexOf(text) < index,
    )
    .map(({ text }) => text);
  const costs = spfCosts(tree);
  const saved = removed.reduce(
    (sum, text) => sum + (costs.find(({ term }) => term === text)?.lookups ?? 0),
    0,
  );
  return saved < excess ? [] : removed;
}

function leadingFaults(tree: SpfNode): SpfFault[] {
  const record = tree.records[0]!;
  return spfNodes(tree).flatMap((node): SpfFault[] => {
    // A term without a domain is a fault of the syntax.
    if (node.term === null || node.domain === '') return [];
    const { domain: about } = tree;
    const parts = [node.term.text];
    if (node.state === 'loop')
      return [
        {
          code: 'spf_loop',
          about,
          seen: `"${node.term.text}" leads back to ${node.domain}, which is being read already.`,
          record,
          parts,
        },
      ];
    if (node.state === 'none' || node.state === 'several')
      return [
        {
          code: 'spf_include_broken',
          about,
          seen: `"${node.term.text}" leads to ${node.domain}, which has ${node.state === 'none' ? 'no SPF record' : `${node.records.length} SPF records`}.`,
          record,
          parts,
        },
      ];
    return [];
  });
}

function termFaults(tree: SpfNode): SpfFault[] {
  const { domain, records, terms, children } = tree;
  const open = openTerms(tree);
  const record = records[0]!;
  const faults: SpfFault[] = [];
  const add = (code: SpfFaultCode, seen: string, parts: readonly SpfTerm[]) =>
    faults.push({ code, about: domain, seen, record, parts: parts.map(({ text }) => text) });
  const all = allTerm(terms);
  const redirects = terms.filter(({ name }) => name === 'redirect');
  const shown = quoted(record);

  if (open.length > 0) {
    const isOwn = all !== undefined && open.includes(all);
    add(
      'spf_pass_all',
      isOwn
        ? `The record ${shown} ends with "${all.text}".`
        : `The record ${shown} lets every server pass by ${inWords(open.map(({ text }) => `"${text}"`))}.`,
      open,
    );
  }
  if (all?.qualifier === '?') add('spf_neutral_all', `The record ${shown} ends with "?all".`, [all]);
  if (!all && redirects.length === 0 && children.every(({ state }) => state !== 'loop'))
    add('spf_neutral_all', `The record ${shown} has no "all" at its end.`, []);
  if (all && redirects.length > 0)
    add(
      'spf_redirect_ignored',
      `The record ${shown} has both "${redirects[0]!.text}" and "${all.text}". Receivers ignore the redirect.`,
      redirects,
    );
  const unknown = terms.filter(isUnknownModifier);
  if (unknown.length > 0)
    add(
      'spf_unknown_modifier',
      `The record ${shown} has ${inWords(unknown.map(({ text }) => `"${text}"`))}, which receivers ignore.`,
      unknown,
    );
  const evaluated = evaluatedTerms(terms);
  const ignored = all ? terms.filter((term) => !evaluated.includes(term) && !term.isModifier) : [];
  if (ignored.length > 0)
    add(
      'spf_terms_after_all',
      `The record ${shown} has terms after "${all!.text}", which receivers ignore: ${inWords(ignored.map(({ text }) => text))}.`,
      ignored,
    );
  const ptrs = evaluated.filter(({ name }) => name === 'ptr');
  if (ptrs.length > 0) add('spf_ptr', `The record ${shown} uses "${ptrs[0]!.text}".`, ptrs);
  const macros = evaluated.filter(hasMacro);
  if (macros.length > 0)
    add(
      'spf_macro',
      `${inWords(macros.map(({ text }) => `"${text}"`))} depends on the message, so presend did not look it up.`,
      macros,
    );
  return faults;
}

/** The fault of a record that lets no server pass, although the sender sends mail. */
function nobodyFaults({ domain, records, terms }: SpfNode): SpfFault[] {
  const isForNobody = allTerm(terms)?.qualifier === '-' && terms.length === 1;
  return isForNobody
    ? [
        {
          code: 'spf_allows_nobody',
          about: domain,
          seen: `The record ${quoted(records[0]!)} allows no server.`,
          record: records[0]!,
        },
      ]
    : [];
}

function ipFaults({ domain, records }: SpfNode, ips: SpfAnswers['ips']): SpfFault[] {
  const failed = ips.filter(
    ({ result }) => result === 'fail' || result === 'softfail' || result === 'neutral',
  );
  if (failed.length === 0) return [];
  return [
    {
      code: 'spf_ip_not_allowed',
      about: domain,
      seen: `The record ${quoted(records[0]!)} gives the SPF result ${inWords(failed.map(({ ip, result }) => `"${result}" for ${ip}`))}.`,
      record: records[0]!,
      parts: failed.map(({ ip }) => ip),
    },
  ];
}

const quoted = (record: string): string => `"${record}"`;

// What a preflight says about a domain in a form that can be kept and compared: facts as text by their names, and findings with
// the time since which each is there. The order of records and questions that no one answered make no difference.

import type { ChangedValue } from '../../reports/incidents/diagnosis-record.ts';
import type { SelectorSource } from '../dkim.ts';
import { isDnsUnreachable, type PreflightFinding } from '../finding.ts';
import type { PreflightAnswer, PreflightFacts } from '../preflight.ts';

/** A finding with the checks between which it appeared. Times are in epoch milliseconds. */
export interface WatchedFinding extends PreflightFinding {
  /** The first check that saw it. */
  readonly firstSeenAt: number;
  /** The last check before that, which did not see it; null if the first check of the domain saw it already. */
  readonly unseenAt: number | null;
}

/** The parts of a preflight whose questions can fail apart from those of other parts. */
export const senderAreas = [
  'spf',
  'dkim',
  'dmarc',
  'mail_hosts',
  'ips',
  'blocklists',
  'mta_sts',
  'tls_rpt',
  'bimi',
  'tracking',
] as const;
export type SenderArea = (typeof senderAreas)[number];

export interface SenderState {
  /** What was asked, as JSON: other selectors or addresses are not changes of DNS. */
  readonly asked: string;
  /** Areas that were answered at least once. */
  readonly known: readonly SenderArea[];
  /** Areas that the last check could not find out, so they are as they were before. Absent if there are none. */
  readonly kept?: readonly SenderArea[];
  /** Such as `spf record of example.com`, with the area as its first word. */
  readonly facts: Readonly<Record<string, string>>;
  readonly findings: readonly WatchedFinding[];
  /**
   * How the name of each DKIM key in the answer is known. Absent if DKIM was never answered, and in states of earlier versions: then
   * nothing is known of the keys before.
   */
  readonly keys?: Readonly<Record<string, SelectorSource>>;
}

export interface SenderChange {
  readonly differences: readonly ChangedValue[];
  readonly appeared: readonly WatchedFinding[];
  readonly gone: readonly WatchedFinding[];
}

const none = 'none';
const keyFact = 'dkim key ';
const listText = (values: readonly string[]): string =>
  values.length === 0 ? none : values.toSorted().join(', ');

/** The area of a finding, by its code. */
export function areaOfFinding(code: string): SenderArea {
  if (code === 'ip_listed' || code === 'domain_listed') return 'blocklists';
  if (/^(ptr|helo|ip)_/.test(code)) return 'ips';
  return senderAreas.find((area) => code.startsWith(`${area}_`)) ?? 'mail_hosts';
}

const areaOfFact = (name: string): SenderArea => name.split(' ')[0] as SenderArea;

/**
 * What makes a finding the same one in two checks. Each blocklist that names an address is a finding of its own; only its sentence
 * says which list it is.
 */
export function findingId({ code, about, seen }: Pick<PreflightFinding, 'code' | 'about' | 'seen'>): string {
  const list = areaOfFinding(code) === 'blocklists' ? (/ on the blocklist (\S+)/.exec(seen)?.[1] ?? '') : '';
  return list === '' ? `${code} ${about}` : `${code} ${about} ${list}`;
}

/**
 * How a key name was asked in a check; null if it was not, or if that is not known. The well-known names are asked only if no other is
 * known, and those without a key are not in the answer.
 */
function sourceOfKey({ keys }: Pick<SenderState, 'keys'>, name: string): SelectorSource | null {
  if (keys === undefined) return null;
  const isGuess = Object.values(keys).every((source) => source === 'well_known');
  return keys[name] ?? (isGuess ? 'well_known' : null);
}

/** The names with which mail is known to be signed, as text. */
const signersOf = ({ keys }: Pick<SenderState, 'keys'>): string | null =>
  keys === undefined
    ? null
    : Object.keys(keys)
        .filter((name) => keys[name] !== 'well_known')
        .sort()
        .join(' ');

const isSameAndKnown = (a: string | null, b: string | null): boolean => a !== null && a === b;

/**
 * Whether both checks asked what a finding about keys rests on. The selectors of returned messages come and go with the bounces: what a
 * check sees because it asks for another key is not a change of DNS.
 */
function asksSameKeys(
  before: Pick<SenderState, 'keys'>,
  after: Pick<SenderState, 'keys'>,
  { code, about }: Pick<PreflightFinding, 'code' | 'about'>,
): boolean {
  const isOfKeys =
    areaOfFinding(code) === 'dkim' || code === 'dmarc_dkim_not_aligned' || code === 'dmarc_nothing_aligned';
  if (!isOfKeys) return true;
  return about.includes('._domainkey.')
    ? isSameAndKnown(sourceOfKey(before, about), sourceOfKey(after, about))
    : isSameAndKnown(signersOf(before), signersOf(after));
}

function factsOf(facts: PreflightFacts): Record<string, string> {
  const named: Record<string, string> = {};
  for (const { domain, record, lookups, void_lookups, costs, ips } of facts.spf) {
    named[`spf record of ${domain}`] = record ?? none;
    named[`spf look-ups of ${domain}`] = String(lookups ?? none);
    named[`spf void look-ups of ${domain}`] = String(void_lookups ?? none);
    if (costs.length > 0)
      named[`spf costs of ${domain}`] = listText(costs.map(({ term, lookups }) => `${term} (${lookups})`));
    for (const { ip, result } of ips)
      if (result !== 'temperror') named[`spf result of ${domain} for ${ip}`] = result;
  }
  // A selector that was seen in a bounce comes and goes with the bounces: that is not a change of DNS.
  for (const { name, source, state, key_type, bits, alias } of facts.dkim)
    if (state !== 'not_answered' && source !== 'seen')
      named[`${keyFact}${name}`] = [state, key_type, bits, alias].filter((part) => part !== null).join(' ');
  const { dmarc } = facts;
  named['dmarc record'] = dmarc.record === null ? none : `${dmarc.record} (at ${dmarc.found_at})`;
  for (const { domain, kind, hosts } of facts.mail_hosts)
    if (kind !== 'undetermined') named[`mail_hosts of ${domain}`] = `${kind}: ${listText(hosts)}`;
  for (const { ip, ptr, confirmed } of facts.ips)
    if (ptr !== null)
      named[`ips reverse name of ${ip}`] = `${listText(ptr)}${confirmed === false ? ' (not confirmed)' : ''}`;
  for (const { zone, name, state, codes } of facts.blocklists)
    if (state !== 'not_answered')
      named[`blocklists ${zone} about ${name}`] =
        state === 'listed' ? `listed: ${listText(codes)}` : 'not listed';
  named['mta_sts policy'] =
    facts.mta_sts === null ? none : `${facts.mta_sts.mode ?? 'unknown'}: ${listText(facts.mta_sts.mx)}`;
  named['tls_rpt record'] = facts.tls_rpt ?? none;
  named['bimi record'] = facts.bimi ?? none;
  for (const { name, target, resolves } of facts.tracking)
    if (resolves !== null) named[`tracking ${name}`] = `${target ?? none}${resolves ? '' : ' (no address)'}`;
  return named;
}

/** The areas that a question without an answer leaves open. */
function areasOfQuestion(question: string, zones: ReadonlySet<string>): readonly SenderArea[] {
  const name = question.slice(question.indexOf(' ') + 1);
  if ([...zones].some((zone) => name.endsWith(`.${zone}`))) return [];
  if (question.startsWith('GET ')) return ['mta_sts'];
  if (/\._domainkey\./.test(name)) return ['dkim', 'dmarc'];
  if (/^_dmarc\.|\._report\._dmarc\./.test(name)) return ['dmarc'];
  if (/^(_mta-sts|mta-sts)\./.test(name)) return ['mta_sts'];
  if (/^_smtp\._tls\./.test(name)) return ['tls_rpt'];
  if (/\._bimi\./.test(name)) return ['bimi'];
  if (/\.(in-addr|ip6)\.arpa$/.test(name)) return ['ips', 'spf'];
  if (question.startsWith('TXT ')) return ['spf'];
  return ['spf', 'mail_hosts', 'ips', 'mta_sts', 'tracking', 'dmarc'];
}

/**
 * The state after a check. What the check could not find out stays as it was in `before`. Null if nothing was answered at all.
 * `at` is the time of the check.
 */
export function nextSenderState(
  before: { readonly state: SenderState; readonly checkedAt: number } | null,
  { findings, facts }: PreflightAnswer,
  asked: string,
  at: number,
): SenderState | null {
  if (facts.queries > 0 && isDnsUnreachable(facts)) return null;
  const zones = new Set(facts.blocklists.map(({ zone }) => zone));
  const open = new Set(
    facts.not_answered.flatMap(({ question, cause }) =>
      // Such a record is at fault, and asking again does not help.
      cause === 'question_limit' ? [] : areasOfQuestion(question, zones),
    ),
  );
  const old = before?.state ?? null;
  const isKept = (area: SenderArea): boolean => open.has(area);
  /** A list that did not answer says nothing about its names; other lists do. */
  const silent = facts.blocklists.filter(({ state }) => state === 'not_answered');
  const keepsListing = ({ code, about, seen }: PreflightFinding): boolean =>
    areaOfFinding(code) === 'blocklists' &&
    silent.some(({ zone, name }) => name === about && seen.includes(zone));

  const fresh = Object.entries(factsOf(facts)).filter(([name]) => !isKept(areaOfFact(name)));
  const isSilent = (name: string) =>
    silent.some((one) => name === `blocklists ${one.zone} about ${one.name}`);
  const kept = Object.entries(old?.facts ?? {}).filter(
    ([name]) => isKept(areaOfFact(name)) || isSilent(name),
  );
  const olds = new Map((old?.findings ?? []).map((finding) => [findingId(finding), finding]));
  const keys = isKept('dkim')
    ? old?.keys
    : Object.fromEntries(facts.dkim.map(({ name, source }) => [name, source]));
  const known = senderAreas.filter((area) => !open.has(area) || old?.known.includes(area));
  const seenNow = findings
    .filter(({ code }) => !isKept(areaOfFinding(code)))
    .map((finding): WatchedFinding => {
      const earlier = olds.get(findingId(finding));
      // A finding of an area that was never answered before may be old.
      const isNew =
        old?.known.includes(areaOfFinding(finding.code)) &&
        old.asked === asked &&
        asksSameKeys(old, keys === undefined ? {} : { keys }, finding);
      return {
        ...finding,
        firstSeenAt: earlier?.firstSeenAt ?? at,
        unseenAt: earlier ? earlier.unseenAt : isNew ? before!.checkedAt : null,
      };
    });
  const ids = new Set(seenNow.map(findingId));
  const keptFindings = (old?.findings ?? []).filter(
    (finding) =>
      !ids.has(findingId(finding)) && (isKept(areaOfFinding(finding.code)) || keepsListing(finding)),
  );
  return {
    asked,
    known,
    facts: Object.fromEntries([...kept, ...fresh].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    findings: [...seenNow, ...keptFindings],
    ...(keys === undefined ? {} : { keys }),
    ...(open.size === 0 ? {} : { kept: [...open] }),
  };
}

/** What changed between two states; null if nothing did, or if they answer different questions. */
export function senderChange(before: SenderState, after: SenderState): SenderChange | null {
  const isSame = before.asked === after.asked;
  const comparable = (area: SenderArea): boolean =>
    isSame && before.known.includes(area) && after.known.includes(area);
  /** A key that is gone is a change. An answer about an address or a list that is missing was not given. */
  const isComparedWhenAbsent = (name: string): boolean =>
    comparable('dkim') &&
    name.startsWith(keyFact) &&
    asksSameKeys(before, after, { code: 'dkim_missing', about: name.slice(keyFact.length) });
  const names = [...new Set([...Object.keys(before.facts), ...Object.keys(after.facts)])].sort();
  const differences = names.flatMap((name): ChangedValue[] => {
    const [was, is] = [before.facts[name], after.facts[name]];
    if (was === is) return [];
    if ((was === undefined || is === undefined) && !isComparedWhenAbsent(name)) return [];
    return [{ name, before: was ?? none, after: is ?? none }];
  });
  const missingIn = (findings: readonly WatchedFinding[], others: readonly WatchedFinding[]) => {
    const ids = new Set(others.map(findingId));
    return findings.filter(
      (one) =>
        !ids.has(findingId(one)) && comparable(areaOfFinding(one.code)) && asksSameKeys(before, after, one),
    );
  };
  const appeared = missingIn(after.findings, before.findings);
  const gone = missingIn(before.findings, after.findings);
  return differences.length + appeared.length + gone.length === 0 ? null : { differences, appeared, gone };
}

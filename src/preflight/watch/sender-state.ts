// The result of a preflight in a form that can be stored and compared: facts as texts by name, and findings with the time at
// which each appeared. The order of records, and questions without an answer, make no difference.

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

/** The parts of a preflight. The DNS questions of one part can fail while those of another are answered. */
const senderAreas = [
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
  /**
   * The request of the preflight, as JSON. If the next request has other selectors or addresses, a difference is not a change of
   * DNS.
   */
  readonly asked: string;
  /** Areas that were answered at least once. */
  readonly known: readonly SenderArea[];
  /**
   * Areas without answers in the last check. Their facts and findings are those of an earlier check. Absent if there are none.
   */
  readonly kept?: readonly SenderArea[];
  /** Such as `spf record of example.com`, with the area as its first word. */
  readonly facts: Readonly<Record<string, string>>;
  readonly findings: readonly WatchedFinding[];
  /**
   * For each DKIM key in the answer, how its name is known. Absent if DKIM questions were never answered, and in states that
   * earlier versions stored: then the earlier keys are unknown.
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
 * The id by which a finding is recognized in two checks. Each blocklist that names an address is a separate finding, and only the
 * sentence of the finding names the list.
 */
export function findingId({ code, about, seen }: Pick<PreflightFinding, 'code' | 'about' | 'seen'>): string {
  const list = areaOfFinding(code) === 'blocklists' ? (/ on the blocklist (\S+)/.exec(seen)?.[1] ?? '') : '';
  return list === '' ? `${code} ${about}` : `${code} ${about} ${list}`;
}

/**
 * How a check knew the key name `name`; null if the check did not ask for this name, or if that is unknown. A check asks for the
 * well-known names only if it knows no other name. Its answer leaves out well-known names without a key.
 */
function sourceOfKey({ keys }: Pick<SenderState, 'keys'>, name: string): SelectorSource | null {
  if (keys === undefined) return null;
  const isGuess = Object.values(keys).every((source) => source === 'well_known');
  return keys[name] ?? (isGuess ? 'well_known' : null);
}

/** The names of the keys that are known to sign mail, as text. */
const signersOf = ({ keys }: Pick<SenderState, 'keys'>): string | null =>
  keys === undefined
    ? null
    : Object.keys(keys)
        .filter((name) => keys[name] !== 'well_known')
        .sort()
        .join(' ');

const isSameAndKnown = (a: string | null, b: string | null): boolean => a !== null && a === b;

/**
 * Whether both checks asked for the keys that a finding is about. The selectors of returned messages appear and disappear with
 * the bounces, and a difference because a check asks for another key is not a change of DNS.
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
  // The selectors of returned messages appear and disappear with the bounces, which is not a change of DNS.
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

/** The areas about which nothing is known if the question has no answer. */
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
 * The state after a check. Areas without answers stay as they were in `before`. Null if no question was answered. `at` is the
 * time of the check.
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
      // The record itself needs too many questions, so the area counts as answered: asking again does not help.
      cause === 'question_limit' ? [] : areasOfQuestion(question, zones),
    ),
  );
  const old = before?.state ?? null;
  const isKept = (area: SenderArea): boolean => open.has(area);
  /** Only the lists that did not answer stay as they were; the answers of other lists count. */
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
      // A finding in an area that was never answered before may have existed for long.
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
  /**
   * If a key is missing, it was removed, which is a change. If a fact about an address or a list is missing, there was only no
   * answer about it.
   */
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

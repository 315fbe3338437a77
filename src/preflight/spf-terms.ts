// The terms of an SPF record (RFC 7208 section 4.6): which terms cost look-ups, and how to change them. The library decides
// whether a record is valid.

import { isIpAddress } from '../domain/ip-address.ts';

export interface SpfTerm {
  /** As it is in the record, such as `~include:_spf.example.net`. */
  readonly text: string;
  /** `+`, `-`, `~` or `?`. A mechanism without one has `+`. */
  readonly qualifier: string;
  /** In lower case: `include`, `all`, `redirect` … */
  readonly name: string;
  /** Whether it is a modifier, which has `=` after its name (RFC 7208 section 4.6.1), and not a mechanism. */
  readonly isModifier: boolean;
  /** What follows the name and `:` or `=`, without a trailing prefix length; empty if there is none. */
  readonly target: string;
}

/** Whether a TXT record is an SPF record (RFC 7208 section 4.5). */
export const isSpfRecord = (text: string): boolean => /^v=spf1(?: |$)/i.test(text);

/** Whether a TXT record was meant to be an SPF record, but receivers do not see one in it. */
export const resemblesSpf = (text: string): boolean =>
  !isSpfRecord(text) && /^[\s"'\ufeff]*(?:v\s*[=:]\s*)?spf-?1\b/i.test(text);

export function spfTerms(record: string): SpfTerm[] {
  return record
    .split(/ +/)
    .slice(1)
    .filter((text) => text !== '')
    .map((text) => {
      const [, qualifier = '', name = '', mark, rest = ''] = /^([-+~?]?)([^:=/]*)([:=]?)(.*)$/s.exec(text)!;
      const target = rest.replace(/\/\d*(?:\/\/\d*)?$|\/\/\d*$/, '').replace(/\.$/, '');
      return {
        text,
        qualifier: qualifier || '+',
        name: name.toLowerCase(),
        isModifier: mark === '=',
        target: target.toLowerCase(),
      };
    });
}

const isAll = ({ name, text }: SpfTerm): boolean => name === 'all' && !/[:=/]/.test(text);

export const allTerm = (terms: readonly SpfTerm[]): SpfTerm | undefined => terms.find(isAll);

/**
 * The terms that a receiver may evaluate. It ignores terms after `all` (RFC 7208 section 5.1), and `redirect` if the record has
 * an `all` anywhere (section 6.1).
 */
export function evaluatedTerms(terms: readonly SpfTerm[]): SpfTerm[] {
  const at = terms.findIndex(isAll);
  if (at === -1) return [...terms];
  return terms.slice(0, at + 1).filter(({ name }) => name !== 'redirect');
}

/** Mechanisms that count against the limit of 10 look-ups (RFC 7208 section 4.6.4). The modifier `redirect` does too. */
const counted: ReadonlySet<string> = new Set(['include', 'a', 'mx', 'ptr', 'exists']);

const mechanisms: ReadonlySet<string> = new Set([...counted, 'all', 'ip4', 'ip6']);

export const costsLookup = ({ name, isModifier }: SpfTerm): boolean =>
  isModifier ? name === 'redirect' : counted.has(name);

/** Whether the term names a domain whose record is evaluated too. */
export const leadsOn = ({ name, isModifier }: SpfTerm): boolean =>
  isModifier ? name === 'redirect' : name === 'include';

/** Whether the term is a modifier that receivers ignore because they do not know it (RFC 7208 section 6). */
export const isUnknownModifier = ({ name, isModifier }: SpfTerm): boolean =>
  isModifier && name !== 'redirect' && name !== 'exp';

/** The term with `:` instead of `=`, if that makes it a mechanism; else null. */
export const asMechanism = ({ name, text }: SpfTerm): string | null =>
  mechanisms.has(name) ? text.replace('=', ':') : null;

export const hasMacro = ({ target }: SpfTerm): boolean => target.includes('%');

/** The record without the terms for which `isLeftOut` is true. */
export const withoutTerms = (record: string, isLeftOut: (term: SpfTerm) => boolean): string =>
  [
    'v=spf1',
    ...spfTerms(record)
      .filter((term) => !isLeftOut(term))
      .map(({ text }) => text),
  ].join(' ');

/** The record with `all` replaced by `~all`. A record without `all` and `redirect` gets one. */
export function withSoftAll(record: string): string {
  const terms = spfTerms(record);
  if (terms.some(({ name }) => name === 'redirect') && allTerm(terms) === undefined) return record;
  return `${withoutTerms(record, isAll)} ~all`;
}

/** The record with mechanisms for `ips` before the first term that matches every address. */
export function withIps(record: string, ips: readonly string[]): string {
  const added = ips.filter(isIpAddress).map(ipMechanism);
  const [version = 'v=spf1', ...rest] = record.trim().split(/ +/);
  return [version, ...added, ...rest].join(' ');
}

export const ipMechanism = (ip: string): string => (ip.includes(':') ? `ip6:${ip}` : `ip4:${ip}`);

/**
 * One record with the terms of all `records`, each once. A redirect becomes an `include`, because receivers ignore a redirect
 * beside `all`. The record ends with `~all`, because the records may not agree.
 */
export function mergedSpf(records: readonly string[]): string {
  const terms = records.flatMap(spfTerms).filter((term) => !isAll(term));
  return ['v=spf1', ...new Set(terms.map(redirectAsInclude)), '~all'].join(' ');
}

/** The text of the term, with `include:` instead of `redirect=`. */
export const redirectAsInclude = ({ text }: Pick<SpfTerm, 'text'>): string =>
  text.replace(/^redirect=/i, 'include:');

/**
 * Where two strings of a TXT record meet without a space although a new term begins: the end of the first string and the
 * beginning of the second. Null if there is no such place. Receivers join the strings without a space (RFC 7208 section 3.3).
 */
export function missingSpace(strings: readonly string[]): readonly [string, string] | null {
  for (const [index, next] of strings.entries()) {
    const before = strings[index - 1];
    if (before === undefined || before === '' || before.endsWith(' ')) continue;
    if (/^(?:[-+~?]?(?:include:|exists:|ip[46]:)|redirect=|exp=|[-+~?]all(?: |$))/i.test(next))
      return [before.split(' ').at(-1)!, next.split(' ')[0]!];
  }
  return null;
}

/** The strings joined, with a space wherever `missingSpace` finds that one is missing. */
export function joinedWithSpaces(strings: readonly string[]): string {
  let joined = '';
  for (const next of strings) joined += missingSpace([joined, next]) === null ? next : ` ${next}`;
  return joined;
}

// Judges a local part: whether the mailbox provider gives out such names, and whether its characters look like a mistake.

import { providerRules } from '../../data/packed/provider-rules.js';
import { dataPart } from '../data-part.ts';
import { foldLookAlikes } from './look-alikes.ts';
import type { Mailbox } from './mailbox.ts';
import { parseMailbox } from './parse.ts';

/** Which local parts a mailbox provider gives out. */
export interface NameRule {
  /** Number of the rule. All domains of one rule have the same number. */
  readonly id: number;
  /** Indexed by ASCII code: 1 if a name may contain the character, else 0. */
  readonly allowed: Uint8Array;
  /** Minimum length of a name. Dots count. */
  readonly shortest: number;
  /** Maximum length of a name. Dots do not count. */
  readonly longest: number;
  /** True if the provider's own documentation says that a name may contain only the characters in `allowed`. */
  readonly isDocumented: boolean;
}

/**
 * What is unusual about a local part (the name). `impossible`: it contains a character that the provider's documentation
 * excludes. `improbable`: it contains a character that the provider probably excludes, or it is too short or too long. Some
 * old mailboxes have such names. `unlikely_characters`: it contains non-ASCII characters that a person or a program
 * probably put there by mistake. `nonstandard`: it has extra dots, but its provider gave out such names. `non_ascii_refused`
 * and `non_ascii_doubtful`: it is not ASCII, and the operator cannot, or perhaps cannot, send to such addresses.
 */
export type NameFinding = (typeof nameFindings)[number];

export const nameFindings = [
  'impossible',
  'improbable',
  'unlikely_characters',
  'nonstandard',
  'non_ascii_refused',
  'non_ascii_doubtful',
] as const;

/**
 * What to do with an address that needs SMTPUTF8 (RFC 6531). It depends on the mail server or service through which the
 * operator sends. `refuse`: it does not support SMTPUTF8. `confirm`: it may not. `accept`: it does.
 */
export type Smtputf8Policy = (typeof smtputf8Policies)[number];

export const smtputf8Policies = ['refuse', 'confirm', 'accept'] as const;

const basic = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const ruleOf = (
  id: number,
  characters: string,
  shortest: string,
  longest: string,
  basis: string,
): NameRule => {
  const allowed = new Uint8Array(128);
  for (const character of basic + characters) allowed[character.charCodeAt(0)] = 1;
  return { id, allowed, shortest: Number(shortest), longest: Number(longest), isDocumented: basis === 'own' };
};

/** The number of the next rule. Rules of a data pack have other numbers than those that they replace. */
let nextId = 0;

const rulesOf = (text: string): ReadonlyMap<string, NameRule> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [characters, shortest, longest, basis, ...domains] = line.split(' ') as [
        string,
        string,
        string,
        string,
      ];
      const rule = ruleOf(nextId++, characters, shortest, longest, basis);
      return domains.map((domain: string) => [domain, rule] as const);
    }),
  );

const ruleLine = /^[!-~]+ \d+ \d+ (?:own|press|guess)(?: [a-z0-9-]+(?:\.[a-z0-9-]+)+)+$/;

export const nameRules = dataPart({
  name: 'name-rules',
  builtIn: () => providerRules,
  isValid: (text) => text.split('\n').every((line) => ruleLine.test(line)),
  entriesOf: (text) =>
    text.split('\n').flatMap((line) => {
      const [characters, shortest, longest, basis, ...domains] = line.split(' ');
      return domains.map((domain) => `${domain} ${characters} ${shortest} ${longest} ${basis}`);
    }),
  build: rulesOf,
});

/** The rule for a domain in lower-case A-labels, or null if none is known. */
export const nameRuleOf = (domain: string): NameRule | null => nameRules.current().get(domain) ?? null;

const plus = 43;
const dot = 46;

const findingByRule = (
  localPart: string,
  { allowed, shortest, longest, isDocumented }: NameRule,
): NameFinding | null => {
  let length = 0;
  let dots = 0;
  let previous = dot;
  let hasExtraDots = false;
  for (; length < localPart.length; length += 1) {
    const code = localPart.charCodeAt(length);
    if (code === plus && length > 0) break;
    if (allowed[code] !== 1) return isDocumented ? 'impossible' : 'improbable';
    if (code === dot) {
      dots += 1;
      hasExtraDots ||= previous === dot;
    }
    previous = code;
  }
  // `readMailbox` accepts extra dots only from providers that gave out such names.
  if (hasExtraDots || previous === dot) return 'nonstandard';
  return length < shortest || length - dots > longest ? 'improbable' : null;
};

/**
 * Non-ASCII characters that are unlikely in a name: symbols, punctuation, control characters, unassigned and private-use
 * code points, and presentation forms such as full-width letters. `strangeInName` removes ASCII characters beforehand.
 */
const strange = /[\p{S}\p{C}\u0080-\u00bf\u2010-\u206f\u3000-\u303f\ufe30-\ufe6f\uff01-\uffef\ufffd]/u;
const strangeInName = (localPart: string): boolean =>
  strange.test(localPart.replace(/[!-~]/g, '').replace(/[\u200c\u200d]/g, ''));
const latin = /\p{Script=Latin}/u;
const mistakable = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** A character whose two UTF-8 bytes were read as two Latin-1 characters: `Ã©` was `é`. */
const mojibake = /[\u00c2-\u00df][\u0080-\u00bf]/g;

const hasUnlikelyCharacters = (localPart: string): boolean =>
  strangeInName(localPart) || (latin.test(localPart) && mistakable.test(localPart));

/**
 * The finding on the local part of `mailbox`, or null if there is none. `rule` is the rule for its domain, or null. A
 * non-ASCII local part has `unlikely_characters` in three cases: if there is a rule, because every rule allows only ASCII;
 * if it contains a `strange` character; and if it mixes Latin letters with letters of a script that looks similar. A refusal
 * by the operator (`policy`) goes first.
 */
export const nameFindingOf = (
  mailbox: Mailbox,
  rule: NameRule | null,
  policy: Smtputf8Policy = 'accept',
): NameFinding | null => {
  if (!mailbox.smtputf8)
    return rule === null || mailbox.quoted ? null : findingByRule(mailbox.localPart, rule);
  if (policy === 'refuse') return 'non_ascii_refused';
  if (rule !== null || hasUnlikelyCharacters(mailbox.localPart)) return 'unlikely_characters';
  return policy === 'confirm' ? 'non_ascii_doubtful' : null;
};

const decoded = (pair: string): string =>
  String.fromCharCode(((pair.charCodeAt(0) & 0x1f) << 6) | (pair.charCodeAt(1) & 0x3f));

/** Typographic quotation marks around a name, as in `‘jane’@example.com`. */
const quotesAround = /^[\u2018-\u201f\u2032\u2033\u00ab]+|[\u2018-\u201f\u2032\u2033\u00bb]+$/gu;

/**
 * The ASCII local part that was probably meant. Replaces full-width forms, typographic quotation marks and dashes,
 * homoglyphs (UTS 39), accented letters and encoding errors (`mojibake`). Removes invisible characters. Null if nothing
 * changes, or if the result is not a valid ASCII local part.
 */
export const foldedLocalPart = (localPart: string): string | null => {
  const repaired = localPart.replace(mojibake, decoded).replace(quotesAround, '').normalize('NFKC');
  const folded = foldLookAlikes(repaired)
    .replace(/[\u2018\u2019\u201b\u2032\u00b4]/g, "'")
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\p{C}\u200b-\u200f]/gu, '');
  if (folded === localPart || !/^[!-~]+$/.test(folded)) return null;
  return parseMailbox(`${folded}@example.com`).ok ? folded : null;
};

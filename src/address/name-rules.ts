// What a local part tells about its mailbox at a known provider: whether the provider gives out such names, and whether
// its characters were meant.

import { providerRules } from '../../data/packed/provider-rules.js';
import { foldLookAlikes } from './look-alikes.ts';
import type { Mailbox } from './mailbox.ts';
import { parseMailbox } from './parse.ts';

/** The names that a provider gives out. */
export interface NameRule {
  /** Distinguishes the rules. */
  readonly id: number;
  /** By character code: 1 if a name may contain it. */
  readonly allowed: Uint8Array;
  readonly shortest: number;
  readonly longest: number;
  /** The provider's own documentation excludes other characters. */
  readonly isDocumented: boolean;
}

/**
 * `impossible`: the provider documents that it gives out no such name. `improbable`: nobody documents it, or the length
 * has old exceptions. `unlikely_characters`: characters that a person or a program put there by mistake.
 */
export type NameFinding = 'impossible' | 'improbable' | 'unlikely_characters';

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

const rules: ReadonlyMap<string, NameRule> = new Map(
  providerRules.split('\n').flatMap((line, id) => {
    const [characters, shortest, longest, basis, ...domains] = line.split(' ') as [
      string,
      string,
      string,
      string,
    ];
    const rule = ruleOf(id, characters, shortest, longest, basis);
    return domains.map((domain: string) => [domain, rule] as const);
  }),
);

/** The rule of a mailbox domain in lower-case A-labels; null if none is known. */
export const nameRuleOf = (domain: string): NameRule | null => rules.get(domain) ?? null;

const plus = 43;
const dot = 46;

const findingByRule = (
  localPart: string,
  { allowed, shortest, longest, isDocumented }: NameRule,
): NameFinding | null => {
  let length = 0;
  let dots = 0;
  for (; length < localPart.length; length += 1) {
    const code = localPart.charCodeAt(length);
    if (code === plus && length > 0) break;
    if (allowed[code] !== 1) return isDocumented ? 'impossible' : 'improbable';
    if (code === dot) dots += 1;
  }
  return length < shortest || length - dots > longest ? 'improbable' : null;
};

/** Symbols, punctuation beyond ASCII, unassigned and private characters, and presentation forms. */
const strange = /[\p{S}\p{C}\u0080-\u00bf\u2010-\u206f\u3000-\u303f\ufe30-\ufe6f\uff01-\uffef\ufffd]/u;
const strangeInName = (localPart: string): boolean =>
  strange.test(localPart.replace(/[!-~]/g, '').replace(/[\u200c\u200d]/g, ''));
const latin = /\p{Script=Latin}/u;
const mistakable = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** Two bytes of UTF-8 that were read as Latin-1. */
const mojibake = /[\u00c2-\u00df][\u0080-\u00bf]/g;

const hasUnlikelyCharacters = (localPart: string): boolean =>
  strangeInName(localPart) || (latin.test(localPart) && mistakable.test(localPart));

/**
 * What `mailbox` tells by its name. `rule`: that of its domain, or null. A name beyond ASCII is unlikely at a provider
 * with a rule, and where its characters look like others, or like an encoding error.
 */
export const nameFindingOf = (mailbox: Mailbox, rule: NameRule | null): NameFinding | null => {
  if (mailbox.smtputf8)
    return rule !== null || hasUnlikelyCharacters(mailbox.localPart) ? 'unlikely_characters' : null;
  return rule === null || mailbox.quoted ? null : findingByRule(mailbox.localPart, rule);
};

const decoded = (pair: string): string =>
  String.fromCharCode(((pair.charCodeAt(0) & 0x1f) << 6) | (pair.charCodeAt(1) & 0x3f));

/**
 * The local part in ASCII that was probably meant: full-width forms, typographic quotes and dashes, homoglyphs (UTS 39),
 * accents and encoding errors replaced. Null if nothing valid is left, or nothing changes.
 */
export const foldedLocalPart = (localPart: string): string | null => {
  const repaired = localPart.replace(mojibake, decoded).normalize('NFKC');
  const folded = foldLookAlikes(repaired)
    .replace(/[\u2018\u2019\u201b\u2032\u00b4]/g, "'")
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\p{C}\u200b-\u200f]/gu, '');
  if (folded === localPart || !/^[!-~]+$/.test(folded)) return null;
  return parseMailbox(`${folded}@example.com`).ok ? folded : null;
};

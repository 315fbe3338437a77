// Computes the cost of typing one ending of a domain instead of another.

import { typingCost } from './distance.ts';
import type { Name, Target } from './model.ts';
import { mayBeNational } from './national.ts';
import { isPublicSuffix, isTopLevelDomain, lastLabel } from './suffix.ts';

/** First labels of server names, such as `www.gmail.com`. */
export const mailWords: ReadonlySet<string> = new Set(
  'www ww wwww mail email e-mail webmail m smtp pop pop3 imap'.split(' '),
);

/** Top-level domains that exist but are usually a slip after a provider's name. */
const slips = new Map([
  ['co', 'com'],
  ['cm', 'com'],
  ['om', 'com'],
  ['cam', 'com'],
  ['ne', 'net'],
]);

export interface WrittenEnding {
  readonly text: string;
  /**
   * `real`: the ending is a public suffix. `below`: it has further labels under an existing top-level domain. `broken`: its
   * top-level domain does not exist.
   */
  readonly kind: 'real' | 'below' | 'broken';
  readonly lastLabel: string;
  /** The ending that was usually meant, for existing endings that are mostly typos. */
  readonly usual: string | undefined;
}

export const endingOf = (text: string): WrittenEnding => {
  const last = lastLabel(text);
  const kind = isPublicSuffix(text) ? 'real' : isTopLevelDomain(last) ? 'below' : 'broken';
  return { text, kind, lastLabel: last, usual: slips.get(text) };
};

const cost = {
  /** Factor for the cost of a slip in the ending, relative to the same slip in the name. */
  slip: 0.9,
  usualSlip: 0.7,
  otherGeneric: 1.2,
  otherCountry: 1.3,
  /** Extra cost of an existing ending if the name also differs from the provider's. */
  inexact: 0.5,
  sameCountry: 0.3,
  repeated: 0.6,
  /** Cost of a country's ending after the name of a very popular provider without country domains. */
  unmistakable: 0.9,
  appended: 0.6,
  appendedLetter: 0.2,
  garbage: 1.9,
} as const;

/** Maximum cost of an ending. Endings are short, so a larger distance means a different ending. */
const furthestEnding = 2;

/** Before an ending that does not exist, a correctly spelled ordinary word is a provider's name only from this weight on. */
const lightestUnmistakable = 30;

/** Minimum bonus of a very popular provider. */
const unmistakableBonus = 0.5;

const impossible = Number.POSITIVE_INFINITY;

/** Maximum cost of an ending that counts as a typing slip. */
export const maxSlipCost: number = cost.usualSlip;

/**
 * The cost of extra labels or letters around the intended ending: `com.com`, `co.com`, `com.ar`, `coml` for `com`.
 */
const surroundCost = (text: string, meant: string, name: string): number => {
  if (text.length > meant.length && text.replaceAll(`${meant}.`, '') === meant) return cost.repeated;
  if (text.startsWith(meant)) return cost.appended + cost.appendedLetter * (text.length - meant.length);
  if (text.endsWith(`.${meant}`)) {
    const extra = text.slice(0, -meant.length - 1);
    if (extra === name || mailWords.has(extra) || meant.startsWith(extra) || typingCost(extra, meant) <= 1.5)
      return cost.repeated;
  }
  const dot = text.lastIndexOf('.');
  if (dot < 0 || text.length - dot !== 3) return impossible;
  return typingCost(text.slice(0, dot), meant) * cost.slip + cost.appended + 2 * cost.appendedLetter;
};

const realCost = (
  written: WrittenEnding,
  target: Target,
  name: Name,
  exact: boolean,
  main: boolean,
): number => {
  const { text, usual, lastLabel: country } = written;
  const { suffix: meant, weight } = target;
  if (usual !== undefined) {
    if (meant === usual) return cost.usualSlip;
    const known = name.targets.some(({ suffix }) => suffix === usual);
    return main && !known && weight >= 30 ? cost.otherGeneric : impossible;
  }
  const national = country.length === 2;
  if (national && country === target.lastLabel) {
    if (text.includes('.') && meant.includes('.') && typingCost(text, meant) <= 1) return cost.sameCountry;
    if (!name.brand) return impossible;
    const mayBeReal = text === country || text === `com.${country}`;
    return exact && name.international && mayBeReal && meant !== `co.${country}`
      ? impossible
      : cost.sameCountry;
  }
  if (!name.brand || !main) return impossible;
  if (name.isp && exact && text === 'com') return impossible;
  if (!national) return exact ? cost.otherGeneric : cost.otherGeneric + cost.inexact;
  if (exact && name.international) return impossible;
  if (text.startsWith(`${meant}.`)) return cost.appended;
  if (!name.international && name.bonus >= unmistakableBonus) return cost.unmistakable;
  return exact ? cost.otherCountry : cost.otherCountry + cost.inexact;
};

/** Whether `target`, which is not the provider's main domain, may be meant although the written ending exists. */
export const mayReplace = (written: WrittenEnding, target: Target): boolean =>
  written.lastLabel === target.lastLabel || written.text === target.suffix || written.usual === target.suffix;

/**
 * The cost of the ending `written` if `target` was intended, in the unit of `typingCost`. It is infinite if `written` is
 * probably the real ending of another domain. `exact`: the name before the ending is spelled correctly.
 */
export const endingCost = (written: WrittenEnding, target: Target, name: Name, exact: boolean): number => {
  const { text, kind } = written;
  const { suffix: meant, weight } = target;
  if (text === meant) return 0;
  const main = name.targets[0] === target;
  // If the provider has country domains, an ending with a dot means a country, and not `target` without one.
  if (kind !== 'real' && !meant.includes('.') && text.includes('.') && mayBeNational(text, name))
    return text.replaceAll('.', '').replaceAll(meant, '') === '' ? cost.repeated : impossible;
  if (kind === 'real') return realCost(written, target, name, exact, main);
  const slip = typingCost(text, meant, furthestEnding);
  const extended = text === `${meant}.${meant}` || (kind === 'broken' && text.startsWith(meant));
  const around = name.brand || extended ? surroundCost(text, meant, name.name) : impossible;
  if (kind === 'broken') {
    const unmistakable = name.brand || (exact && weight >= lightestUnmistakable && !text.includes('.'));
    return Math.min(slip * cost.slip, around, main && unmistakable ? cost.garbage : impossible);
  }
  if (exact && slip <= 1 && meant.includes('.') && written.lastLabel === target.lastLabel)
    return cost.sameCountry;
  return name.brand && slip <= 1.5 ? Math.min(slip * cost.slip, around) : around;
};

// Computes how unlikely it is that one ending of a domain was typed by mistake for another, such as `con` for `com`.

import { constants } from './constants.ts';
import { typingCost } from './distance.ts';
import type { Name, Target } from './model.ts';
import { mayBeNational } from './national.ts';
import { isPublicSuffix, isTopLevelDomain, lastLabel } from './suffix.ts';

/** First labels that people add to a provider's domain, because names of servers begin with them: `www.gmail.com`. */
export const mailWords: ReadonlySet<string> = new Set(
  'www ww wwww mail email e-mail webmail m smtp pop pop3 imap'.split(' '),
);

/** Top-level domains that exist but, after the name of a provider, are usually a typing error for `com` or `net`. */
const slips = new Map([
  ['co', 'com'],
  ['cm', 'com'],
  ['om', 'com'],
  ['cam', 'com'],
  ['ne', 'net'],
]);

/** The ending of a domain as it was typed. */
export interface WrittenEnding {
  readonly text: string;
  /**
   * `real`: the ending is a public suffix, such as `co.uk`. `below`: it is not one, but its top-level domain exists, as in
   * `example.uk`. `broken`: its top-level domain does not exist.
   */
  readonly kind: 'real' | 'below' | 'broken';
  readonly lastLabel: string;
  /** The ending that was usually intended if `text` is one of the endings in `slips`. */
  readonly usual: string | undefined;
}

/** The existing endings that were looked up. People use few of them. */
const realEndings = new Map<string, WrittenEnding>();
/** Maximum size of `realEndings`. A wildcard of the public suffix list, such as `*.ck`, makes any number of endings exist. */
const mostRealEndings = 2000;

export const endingOf = (text: string): WrittenEnding => {
  const seen = realEndings.get(text);
  if (seen !== undefined) return seen;
  const last = lastLabel(text);
  const kind = isPublicSuffix(text) ? 'real' : isTopLevelDomain(last) ? 'below' : 'broken';
  const ending: WrittenEnding = { text, kind, lastLabel: last, usual: slips.get(text) };
  if (kind === 'real' && realEndings.size < mostRealEndings) realEndings.set(text, ending);
  return ending;
};

const cost = constants.ending;

/** Maximum result of `typingCost` for two endings. Endings are short, so with a higher cost they are simply different. */
const furthestEnding = 2;

/**
 * If the ending does not exist at all, a provider with at least this weight (popularity, 1 to 100) is assumed to be intended,
 * even if its name is an ordinary word such as `mail`. A provider with an invented name (`brand`) needs no minimum weight.
 */
const lightestUnmistakable = 30;

/** Minimum `bonus` of a name that counts as very popular. */
const unmistakableBonus = 0.5;

const impossible = Number.POSITIVE_INFINITY;

/** Maximum cost of an existing ending that counts as a typing error. With a higher cost, the ending may be intended. */
export const maxSlipCost: number = cost.usualSlip;

/** The cost of additional labels or letters before or after the intended ending: `com.com`, `com.ar` or `coml` for `com`. */
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

/**
 * Implements `endingCost` for an ending that, as typed, is a public suffix. `main`: whether `target` is the provider's main
 * domain.
 */
const realCost = (
  written: WrittenEnding,
  target: Target,
  name: Name,
  exact: boolean,
  main: boolean,
): number => {
  const { text, usual, lastLabel: country } = written;
  const { suffix: meant, weight } = target;
  if (name.company) return impossible;
  if (usual !== undefined) {
    if (meant === usual) return cost.usualSlip;
    const known = name.targets.some(({ suffix }) => suffix === usual);
    return main && !known && weight >= 30 ? cost.otherGeneric : impossible;
  }
  const national = country.length === 2;
  if (national && country === target.lastLabel) {
    if (text.includes('.') && meant.includes('.') && typingCost(text, meant) <= 1) return cost.sameCountry;
    if (!name.brand) return impossible;
    const mayBeReal = text === country || (text === `com.${country}` && !name.listed);
    return exact && name.international && mayBeReal && meant !== `co.${country}`
      ? impossible
      : cost.sameCountry;
  }
  if (!name.brand || !main) return impossible;
  if (name.isp && exact && text === 'com') return impossible;
  if (!national) return exact ? cost.otherGeneric : cost.otherGeneric + cost.inexact;
  if (exact && name.international && !(name.listed && text.includes('.'))) return impossible;
  const atHome = name.targets.some(({ lastLabel: home }) => home === country);
  if (text.startsWith(`${meant}.`) && !atHome)
    return exact || name.sounds !== null ? cost.appended : cost.otherCountry + cost.inexact;
  if (!name.international && name.bonus >= unmistakableBonus) return cost.unmistakable;
  return exact ? cost.otherCountry : cost.otherCountry + cost.inexact;
};

/**
 * Whether `target`, a domain of the provider other than its main one, may be intended although the ending as typed exists.
 * The ending of `target` must be the typed one, have the same top-level domain, or be the one for which the typed ending is a
 * usual error (`slips`).
 */
export const mayReplace = (written: WrittenEnding, target: Target): boolean =>
  written.lastLabel === target.lastLabel || written.text === target.suffix || written.usual === target.suffix;

/**
 * The cost of typing the ending `written` when the ending of `target` was intended, in the unit of `typingCost`. Infinity if
 * `target` was probably not intended, for example because the typed ending is the right one for another domain. `exact`:
 * whether the name before the ending is spelled correctly.
 */
export const endingCost = (written: WrittenEnding, target: Target, name: Name, exact: boolean): number => {
  const { text, kind } = written;
  const { suffix: meant, weight } = target;
  if (text === meant) return 0;
  const main = name.targets[0] === target;
  // If the provider has country domains, a typed ending with a dot, such as `com.b`, was probably meant to be the ending of
  // one of them, such as `com.br`. So a `target` whose ending has no dot is not intended, except for a repetition (`com.com`).
  if (kind !== 'real' && !meant.includes('.') && text.includes('.') && mayBeNational(text, name))
    return text.replaceAll('.', '').replaceAll(meant, '') === '' ? cost.repeated : impossible;
  if (kind === 'real') return realCost(written, target, name, exact, main);
  // `typingCost` adds a cost if the first letter is wrong. The dot in front of both endings avoids this.
  const slip = typingCost(`.${text}`, `.${meant}`, furthestEnding);
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

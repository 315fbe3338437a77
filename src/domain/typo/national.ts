// Corrects misspelled national endings: finds out which ending of a provider was intended when `com.b`, `conuk` or `com.uk`
// was typed.

import { constants } from './constants.ts';
import { typingCost } from './distance.ts';
import type { Name } from './model.ts';

const cost = constants.national;

/** Maximum cost of typing one ending for another. With a higher cost, the other ending was probably not intended. */
export const maxNationalCost = 2.2;
/**
 * How many powers of ten less probable an error is for each unit of its cost. With 2.5, a particular ordinary typing error is
 * made about once in 300 times.
 */
const decadesPerSlip = 2.5;
/** The difference between the weights of two domains in data/mail-domains.tsv if one has ten times as many users. */
const weightPerDecade = 25;
/** How much more probable the best ending must be than the next one, in powers of ten. A lead of 1 means ten times. */
const clearLead = 1;
/** For a likely suggestion: the maximum cost of the ending, and its minimum lead over the next one in powers of ten. */
const likely = { furthest: 1.5, lead: 1.5 };

const secondLevels = new Set(['co', 'com', 'ne', 'net', 'or', 'org']);
const generic = new Set(['com', 'net', 'org']);

const withoutDots = (text: string) => text.replaceAll('.', '');

/** The cost of typing `written` when the second level `meant`, such as `co` in `co.uk`, was intended. Neither has a dot. */
const secondLevelCost = (written: string, meant: string): number =>
  written === meant + meant
    ? cost.repeated
    : written !== meant && secondLevels.has(written)
      ? cost.otherSecondLevel
      : typingCost(written, meant, maxNationalCost);

const countryCost = (written: string, meant: string): number => {
  if (written === meant + meant) return cost.repeated;
  return written !== meant && meant.startsWith(written)
    ? cost.truncated
    : typingCost(written, meant, maxNationalCost);
};

/** The cost of typing `written` when the ending `secondLevel.country` was intended. Tries each way to divide it in two. */
const nationalCost = (written: string, secondLevel: string, country: string): number => {
  if (withoutDots(written) === country + secondLevel) return cost.swapped;
  let best = Number.POSITIVE_INFINITY;
  for (let at = 1; at < written.length; at += 1) {
    const left = withoutDots(written.slice(0, at));
    const right = withoutDots(written.slice(at));
    const dots = written.length - left.length - right.length;
    const between = written[at] === '.' || written[at - 1] === '.';
    const dotCost = (between ? dots - 1 : dots + 1) * cost.dot;
    const total = secondLevelCost(left, secondLevel) + countryCost(right, country) + dotCost;
    if (left !== '' && total < best) best = total;
  }
  return best;
};

/** The cost of typing `written` when `meant`, an ending of one label such as `com`, was intended. */
const plainCost = (written: string, meant: string): number => {
  if (withoutDots(written).replaceAll(meant, '') === '') return cost.repeated;
  const dot = written.indexOf('.');
  if (dot < 0) return typingCost(written, meant, maxNationalCost);
  if (withoutDots(written) === meant) return cost.dot;
  const further = typingCost(written.slice(dot + 1), meant, 1);
  return (
    typingCost(written.slice(0, dot), meant, maxNationalCost) + Math.min(cost.stray, cost.repeated + further)
  );
};

const endingCost = (written: string, meant: string): number => {
  if (written === `${meant}.${meant}`) return cost.repeated;
  const dot = meant.indexOf('.');
  if (dot < 0) return plainCost(written, meant);
  return nationalCost(written, meant.slice(0, dot), meant.slice(dot + 1));
};

/** Whether a provider has a national ending of two labels such as `co.uk`. */
const hasNationalEnding = ({ endings }: Name): boolean =>
  endings.some(({ suffix }) => /^(?:co|com|ne|or|net|org)\.[a-z]{2}$/.test(suffix));

/**
 * Whether `ending` may be a misspelled national ending of this provider. The provider must have national endings, and `ending`
 * must contain a dot or have more than three letters.
 */
export const mayBeNational = (ending: string, name: Name): boolean =>
  (ending.includes('.') || ending.length > 3) && hasNationalEnding(name);

export interface NationalEnding {
  /** The intended ending. */
  readonly suffix: string;
  /** Whether the correction is certain enough for the confidence `likely`. */
  readonly isLikely: boolean;
}

/**
 * Finds the ending of a provider that was intended when `written` was typed. The probability of each ending depends on the
 * cost of the typing error and on the number of its users. Returns null if every ending costs more than `atMost`, if the
 * most probable ending is less than ten times as probable as the next, or if it has too few users to be suggested.
 */
export const repairNationalEnding = (written: string, name: Name, atMost: number): NationalEnding | null => {
  let best: { suffix: string; score: number; cost: number } | null = null;
  let second = Number.POSITIVE_INFINITY;
  for (const { suffix, weight } of name.endings) {
    const distance = endingCost(written, suffix);
    if (distance > atMost) continue;
    const score = distance * decadesPerSlip - weight / weightPerDecade;
    if (best === null || score < best.score) {
      second = best?.score ?? second;
      best = { suffix, score, cost: distance };
    } else second = Math.min(second, score);
  }
  if (best === null || second - best.score < clearLead) return null;
  const { suffix } = best;
  if (!generic.has(suffix) && !name.targets.some((target) => target.suffix === suffix)) return null;
  return { suffix, isLikely: best.cost <= likely.furthest && second - best.score >= likely.lead };
};

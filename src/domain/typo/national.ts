// Repairs broken national endings such as `com.b`, `conuk` or `com.uk` to an ending of the provider.

import { typingCost } from './distance.ts';
import type { Name } from './model.ts';

/** Costs in the unit of `typingCost`: about 1 for a single-key typo. */
const cost = {
  /** `com` written for `co`, or another second level for the right one. */
  otherSecondLevel: 0.8,
  /** A dot dropped or added. */
  dot: 0.4,
  /** The two labels in the wrong order: `br.com`. */
  swapped: 0.8,
  /** The ending, or a part of it, written twice. */
  repeated: 0.6,
  /** The last letter of the country is missing. This is more frequent than a missing first letter. */
  truncated: 0.8,
  /** Meaningless letters after `com.`: a second dot means that a country was intended. */
  stray: 3,
} as const;

/** Maximum cost of an ending. */
export const maxNationalCost = 2.2;
/** One unit of cost divides the probability by ten to this power: a given slip happens about once in 300 times. */
const decadesPerSlip = 2.5;
/** This difference between weights in data/mail-domains.tsv means ten times as many users. */
const weightPerDecade = 25;
/** Minimum lead of the best ending over the next, in powers of ten: it must be ten times as likely. */
const clearLead = 1;
/** Maximum cost of a likely ending, and its minimum lead over the next in powers of ten. */
const likely = { furthest: 1.5, lead: 1.5 };

const secondLevels = new Set(['co', 'com', 'ne', 'net', 'or', 'org']);
const generic = new Set(['com', 'net', 'org']);

const withoutDots = (text: string) => text.replaceAll('.', '');

/** The cost of typing `written` (without its dots) instead of the second level `meant`. */
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

/** The cost of `written` if the national ending `secondLevel.country` was meant. */
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

/** Whether a provider has a two-label ending such as `co.uk`. */
const hasNationalEnding = ({ endings }: Name): boolean =>
  endings.some(({ suffix }) => /^(?:co|com|ne|or|net|org)\.[a-z]{2}$/.test(suffix));

/** Whether the nonexistent `ending` may be a broken national ending of this provider. */
export const mayBeNational = (ending: string, name: Name): boolean =>
  (ending.includes('.') || ending.length > 3) && hasNationalEnding(name);

export interface NationalEnding {
  readonly suffix: string;
  readonly isLikely: boolean;
}

/**
 * The ending of `name` that `written` misspells. Null if none is close, or if the best is less than ten times as likely as
 * the next. The likelihood of an ending depends on its cost and its number of users. An ending with too few users can
 * cause a tie but is never returned.
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

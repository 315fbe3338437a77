// Broken national endings: the provider's own ending that `com.b`, `conuk` or `com.uk` is meant to be.

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
  /** The last letter of the country missing: more often than the first. */
  truncated: 0.8,
  /** Letters after `com.` that mean nothing. People who write a second dot mean a country. */
  stray: 3,
} as const;

/** The furthest that an ending may be. */
export const maxNationalCost = 2.2;
/** One unit of cost is this many powers of ten: a given slip happens about once in 300 times. */
const decadesPerSlip = 2.5;
/** Weights of data/mail-domains.tsv that differ by this much differ tenfold in people. */
const weightPerDecade = 25;
/** The best ending must be ten times as likely as the next. */
const clearLead = 1;
/** The furthest that a likely ending may be, and its lead. */
const likely = { furthest: 1.5, lead: 1.5 };

const secondLevels = new Set(['co', 'com', 'ne', 'net', 'or', 'org']);
const generic = new Set(['com', 'net', 'org']);

const withoutDots = (text: string) => text.replaceAll('.', '');

/** What it costs to write `written`, without its dots, for the second level `meant`. */
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

/** Whether a provider has an ending of two labels such as `co.uk`, which a broken one may mean. */
const hasNationalEnding = ({ endings }: Name): boolean =>
  endings.some(({ suffix }) => /^(?:co|com|ne|or|net|org)\.[a-z]{2}$/.test(suffix));

/** Whether `ending`, which does not exist, may be a broken national one of this provider. */
export const mayBeNational = (ending: string, name: Name): boolean =>
  (ending.includes('.') || ending.length > 3) && hasNationalEnding(name);

export interface NationalEnding {
  readonly suffix: string;
  readonly isLikely: boolean;
}

/**
 * The ending of `name` that was meant by `written`, or null if none is near or two are within 10:1. Every ending of the
 * provider competes with its cost and the number of its users; one with few users can tie but is never the answer.
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

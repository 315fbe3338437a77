// The forecast of a list: the expected rate of hard bounces, its uncertainty, and the effect of removing rows.

import { signalOf } from '../signals/catalogue.ts';
import { betaOf, betaQuantile, binomialCdf } from './beta.ts';
import type { DecaySegment } from './decay.ts';
import { normalQuantile } from './normal.ts';
import type { Reason, Result } from './verdict.ts';

/** Similar addresses: same reason, about the same probability, same source. The sums are over `rows`. */
export interface Stratum {
  readonly reason: Reason;
  readonly result: Result;
  /** Whether a bounce is predicted. Some reasons occur with and without one. */
  readonly bounces: boolean;
  /** Where the addresses were acquired; null if unknown. */
  readonly source: string | null;
  /** Whether the probabilities were learned from outcomes; absent for priors. */
  readonly observed?: boolean;
  /**
   * The kind of domain if the age of the addresses is unknown. Absent if they have dates, or if their probabilities do not
   * depend on age.
   */
  readonly undated?: DecaySegment;
  rows: number;
  /** Sum of the probabilities. */
  expected: number;
  /** Sums of the ends of their 90% intervals. */
  low: number;
  high: number;
}

/** Rates are between 0 and 1. */
export interface Forecast {
  /** Distinct addresses to mail. */
  readonly rows: number;
  /** Expected hard bounces. */
  readonly bounces: number;
  readonly rate: number;
  /** The 90% interval of the rate of one mailing. */
  readonly low: number;
  readonly high: number;
  /** The rates at which providers react, and the probability of exceeding each. */
  readonly thresholds: readonly { readonly rate: number; readonly chance: number }[];
  /** Where the bounces come from, most first. */
  readonly reasons: readonly Contribution<{ readonly reason: Reason }>[];
  readonly sources: readonly Contribution<{ readonly source: string | null }>[];
  /** How many rows to remove to get below a rate, most likely bounces first. */
  readonly removals: readonly Removal[];
  /** Shares of the rows. */
  readonly unknownShare: number;
  /** Share at domains that may accept any name, where only a reply proves a mailbox. */
  readonly catchAllShare: number;
  /** Share whose age is unknown. */
  readonly undatedShare: number;
  /**
   * What would narrow an interval that is too wide to act on: `dates`, a column that says when mail last arrived, or
   * `sample`, sending to a sample first. Null if it is narrow enough.
   */
  readonly needs: 'dates' | 'sample' | null;
}

export type Contribution<By> = By & {
  readonly rows: number;
  readonly bounces: number;
  readonly rate: number;
  /** Share of all expected bounces. */
  readonly share: number;
};

export interface Removal {
  readonly below: number;
  readonly remove: number;
  readonly remain: number;
  /** Of the remaining rows. */
  readonly rate: number;
}

/**
 * At 2% senders are throttled and reviewed (Amazon SES recommends staying below), at 5% SES puts an account under
 * review and others suspend it.
 */
const thresholds = [0.02, 0.05] as const;

const removalTargets = [0.01, 0.02] as const;

const acceptsAnyName = (reason: Reason): boolean => signalOf[reason].acceptsAnyName === true;

/**
 * The forecast of a list. It covers two kinds of uncertainty: whether each address bounces, which averages out in a
 * long list, and the true rate of each reason, which does not, because an error in it affects all addresses of the reason.
 * The interval of a long list therefore does not shrink with its length. Reasons are treated as independent. So are learned
 * strata, because learning first corrects the errors that they have in common.
 */
export function forecast(strata: readonly Stratum[]): Forecast {
  const rows = sum(strata, (stratum) => stratum.rows);
  const bounces = sum(strata, (stratum) => stratum.expected);
  const futures = possibleFutures(strata);
  const low = rows === 0 ? 0 : quantile(futures, rows, 0.05) / rows;
  const high = rows === 0 ? 0 : quantile(futures, rows, 0.95) / rows;
  const undatedShare = share(strata, rows, (stratum) => stratum.undated !== undefined);
  return {
    rows,
    bounces,
    rate: rows === 0 ? 0 : bounces / rows,
    low,
    high,
    thresholds: thresholds.map((rate) => ({
      rate,
      chance: rows === 0 ? 0 : 1 - chanceOfAtMost(Math.floor(rate * rows), futures),
    })),
    reasons: contributions(strata, bounces, (stratum) => stratum.reason).map(({ by, ...rest }) => ({
      reason: by,
      ...rest,
    })),
    sources: contributions(strata, bounces, (stratum) => stratum.source).map(({ by, ...rest }) => ({
      source: by,
      ...rest,
    })),
    // Leave out a target that only an empty list reaches.
    removals: removalTargets
      .map((below) => removal(strata, below))
      .filter(({ remain }) => remain > 0 || rows === 0),
    unknownShare: share(strata, rows, (stratum) => stratum.result === 'unknown'),
    catchAllShare: share(strata, rows, (stratum) => acceptsAnyName(stratum.reason)),
    undatedShare,
    needs: high - low <= tooWide ? null : undatedShare > 0.5 ? 'dates' : 'sample',
  };
}

/** The width of an interval beyond which it spans "no problem" and "providers will suspend the account". */
const tooWide = 0.05;

/** One possible future of a list: the mean and variance of its number of bounces. All futures are equally likely. */
interface Future {
  readonly mean: number;
  readonly variance: number;
}

const futureCount = 2048;
/** Number of equally likely rates that stand for the belief about one reason. */
const points = 128;

/**
 * Each future takes one quantile per reason from a low-discrepancy sequence (additive recurrences with irrational steps),
 * so the forecast is deterministic.
 */
function possibleFutures(strata: readonly Stratum[]): Future[] {
  const byPrior = strata.filter(({ observed }) => observed !== true);
  const learned = strata.filter(({ observed }) => observed === true);
  const beliefs = [...Map.groupBy(byPrior, ({ reason, bounces }) => `${reason} ${bounces}`).values()].map(
    (kind, nth) => ({
      rows: sum(kind, ({ rows }) => rows),
      rates: believedRates(kind),
      step: irrational(nth),
    }),
  );
  const ignorance = Math.sqrt(sum(learned, ({ low, high }) => ((high - low) / deviationsIn90) ** 2));
  const expected = sum(learned, (stratum) => stratum.expected);
  const varianceOfLearned = sum(
    learned,
    (stratum) => stratum.expected * (1 - stratum.expected / stratum.rows),
  );
  const step = irrational(beliefs.length);
  return Array.from({ length: futureCount }, (_, future) => {
    const shift = ignorance * normalQuantile((future * step + 0.5 / futureCount) % 1);
    let mean = Math.max(0, expected + shift);
    let variance = expected === 0 ? 0 : varianceOfLearned * (mean / expected);
    for (const { rows, rates, step: stepOfKind } of beliefs) {
      const rate = rates[Math.floor(((future * stepOfKind) % 1) * points)]!;
      mean += rows * rate;
      variance += rows * rate * (1 - rate);
    }
    return { mean, variance };
  });
}

/** P(at most `count` bounces): the mean over all futures. */
function chanceOfAtMost(count: number, futures: readonly Future[]): number {
  let total = 0;
  for (const { mean, variance } of futures) total += countCdf(count, mean, variance);
  return total / futures.length;
}

/**
 * P(at most `count` bounces) if their number has this mean and variance. Uses the binomial count with this mean and
 * variance. That is exact if all addresses have the same rate, and an approximation otherwise.
 */
function countCdf(count: number, mean: number, variance: number): number {
  const rate = mean === 0 ? 0 : 1 - variance / mean;
  if (rate <= 0) return 1;
  const distance = count + 0.5 - mean;
  // Beyond 10 standard deviations (and 20 bounces, for skewed small counts) the probability is zero.
  if (Math.abs(distance) > 20 + 10 * Math.sqrt(variance)) return distance > 0 ? 1 : 0;
  if (variance < 1e-9) return distance >= 0 ? 1 : 0;
  return binomialCdf(count, mean / rate, rate);
}

/** The least number of bounces, of at most `rows`, that is not exceeded with probability `p`. */
function quantile(futures: readonly Future[], rows: number, p: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (chanceOfAtMost(middle, futures) < p) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Fractional parts of square roots of primes: their multiples never repeat. */
const irrational = (nth: number): number => Math.sqrt(primes[nth % primes.length]!) % 1;
const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

/**
 * Equally likely values of the rate of one reason: a beta distribution as wide as its 90% interval. If the interval
 * is skewed, so is the belief: the mean moves a quarter of the way from the probability to the midpoint.
 */
function believedRates(strata: readonly Stratum[]): number[] {
  const rows = sum(strata, (stratum) => stratum.rows);
  const likely = sum(strata, (stratum) => stratum.expected) / rows;
  const low = sum(strata, (stratum) => stratum.low) / rows;
  const high = sum(strata, (stratum) => stratum.high) / rows;
  const mean = likely + ((low + high) / 2 - likely) / 4;
  const deviation = (high - low) / deviationsIn90;
  if (deviation === 0 || mean <= 0 || mean >= 1) return new Array<number>(points).fill(mean);
  const belief = betaOf(mean, deviation ** 2);
  return Array.from({ length: points }, (_, point) => betaQuantile(belief, (point + 0.5) / points));
}

/** The width of a 90% interval in standard deviations. */
const deviationsIn90 = 2 * 1.6449;

function contributions<By>(
  strata: readonly Stratum[],
  allBounces: number,
  by: (stratum: Stratum) => By,
): Contribution<{ by: By }>[] {
  const groups = Map.groupBy(strata, by);
  return [...groups]
    .map(([key, group]) => {
      const rows = sum(group, (stratum) => stratum.rows);
      const bounces = sum(group, (stratum) => stratum.expected);
      return {
        by: key,
        rows,
        bounces,
        rate: bounces / rows,
        share: allBounces === 0 ? 0 : bounces / allBounces,
      };
    })
    .sort((a, b) => b.bounces - a.bounces);
}

function removal(strata: readonly Stratum[], below: number): Removal {
  const all = sum(strata, (stratum) => stratum.rows);
  // Suppressed addresses must not be mailed, even if they are unlikely to bounce.
  const mailable = strata.filter(({ reason }) => reason !== 'suppressed');
  let remain = sum(mailable, (stratum) => stratum.rows);
  let bounces = sum(mailable, (stratum) => stratum.expected);
  const likeliest = mailable.sort((a, b) => b.expected / b.rows - a.expected / a.rows);
  for (const { rows, expected } of likeliest) {
    if (remain === 0 || bounces / remain < below) break;
    const probability = expected / rows;
    // From (bounces - k·probability) / (remain - k) < below. Rows at or below the target cannot help.
    const enough = Math.floor((bounces - below * remain) / (probability - below)) + 1;
    const removed = probability > below ? Math.min(rows, enough) : rows;
    remain -= removed;
    bounces = remain === 0 ? 0 : bounces - removed * probability;
  }
  return { below, remove: all - remain, remain, rate: remain === 0 ? 0 : bounces / remain };
}

const share = (strata: readonly Stratum[], rows: number, counts: (stratum: Stratum) => boolean): number =>
  rows === 0 ? 0 : sum(strata.filter(counts), (stratum) => stratum.rows) / rows;

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

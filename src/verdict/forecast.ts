// The forecast of a list: the expected rate of hard bounces, its uncertainty, and the effect of removing addresses.

import { signalOf } from '../signals/catalogue.ts';
import { betaOf, betaQuantile, binomialCdf } from './beta.ts';
import type { DecaySegment } from './decay.ts';
import { normalQuantile } from './normal.ts';
import type { Reason, Result } from './verdict.ts';

/** A group of similar addresses of a list: they have the same reason, the same source and about the same bounce probability. */
export interface Stratum {
  readonly reason: Reason;
  readonly result: Result;
  /** Whether a bounce is predicted. The same reason can occur with and without a predicted bounce. */
  readonly bounces: boolean;
  /** Where the sender acquired the addresses; null if unknown. */
  readonly source: string | null;
  /** True if the probabilities were learned from reported bounces and deliveries; absent if they are fixed priors. */
  readonly observed?: boolean;
  /**
   * The kind of the addresses' domains. Set only if it is unknown when mail last arrived at the addresses, and if their
   * probabilities depend on it.
   */
  readonly undated?: DecaySegment;
  /** Number of addresses. */
  rows: number;
  /** Sum of the addresses' probabilities of a bounce: the expected number of bounces. */
  expected: number;
  /** Sums of the lower and of the upper ends of the 90% intervals of these probabilities. */
  low: number;
  high: number;
}

/** What to expect if all addresses of a list are mailed. Rates and shares are between 0 and 1. */
export interface Forecast {
  /** Number of addresses, without duplicates. Suppressed addresses are included. */
  readonly rows: number;
  /** Expected number of hard bounces. */
  readonly bounces: number;
  /** Expected hard bounces per address. */
  readonly rate: number;
  /** The 90% interval of the bounce rate of one mailing to the whole list. */
  readonly low: number;
  readonly high: number;
  /** The bounce rates at which providers react. `chance`: the probability that a mailing to the list exceeds the rate. */
  readonly thresholds: readonly { readonly rate: number; readonly chance: number }[];
  /** The expected bounces by reason and by source, the largest number first. */
  readonly reasons: readonly Contribution<{ readonly reason: Reason }>[];
  readonly sources: readonly Contribution<{ readonly source: string | null }>[];
  /** How many addresses to remove so the expected rate falls below each target. The likeliest bounces are removed first. */
  readonly removals: readonly Removal[];
  /** Share of the addresses whose result is `unknown`. */
  readonly unknownShare: number;
  /** Share of the addresses at domains that may accept mail to any name, where accepted mail does not prove a mailbox. */
  readonly catchAllShare: number;
  /** Share of the addresses for which it is unknown when mail last arrived, and whose probability depends on it. */
  readonly undatedShare: number;
  /**
   * What to do if the interval from `low` to `high` is too wide for a decision. `dates`: add a column with the dates on which
   * mail last arrived. `sample`: send to a sample of the list first. Null if the interval is narrow enough.
   */
  readonly needs: 'dates' | 'sample' | null;
}

/** The part of the forecast for one reason or for one source. */
export type Contribution<By> = By & {
  readonly rows: number;
  readonly bounces: number;
  readonly rate: number;
  /** Share of all expected bounces of the list. */
  readonly share: number;
};

/** How many addresses to remove to reach one target. */
export interface Removal {
  /** The target: the expected bounce rate must be below this. */
  readonly below: number;
  /** Number of addresses to remove, including all suppressed ones. */
  readonly remove: number;
  readonly remain: number;
  /** Expected bounce rate of the remaining addresses. */
  readonly rate: number;
}

/**
 * The bounce rates at which providers react. From 2%, mail is throttled and senders are reviewed; Amazon SES recommends
 * staying below 2%. At 5%, SES puts an account under review, and other providers suspend it.
 */
const thresholds = [0.02, 0.05] as const;

/** The bounce rates for which the forecast says how many addresses to remove. */
const removalTargets = [0.01, 0.02] as const;

const acceptsAnyName = (reason: Reason): boolean => signalOf[reason].acceptsAnyName === true;

/**
 * Computes the forecast of a list. It covers two kinds of uncertainty.
 *
 * First, it is uncertain whether each single address bounces. This averages out in a long list. Second, the true bounce rate
 * of each reason is uncertain. This does not average out, because an error in the rate affects all addresses with the reason.
 * So even for a very long list, the interval of the bounce rate keeps some width.
 *
 * The errors of two reasons are treated as independent. For learned probabilities (`observed`), even the errors of two strata
 * with the same reason are treated so, because the model has already corrected the errors that strata share.
 */
export function forecast(strata: readonly Stratum[]): Forecast {
  const rows = sum(strata, (stratum) => stratum.rows);
  const bounces = sum(strata, (stratum) => stratum.expected);
  const futures = possibleFutures(strata);
  const rate = rows === 0 ? 0 : bounces / rows;
  // The mean of a count can be outside of its 5% and 95% quantiles: of 3 addresses, 2 almost surely bounce, but 1.98 do on
  // average. The interval includes it, because a rate outside of its own interval would look like an error.
  const low = rows === 0 ? 0 : Math.min(rate, quantile(futures, rows, 0.05) / rows);
  const high = rows === 0 ? 0 : Math.max(rate, quantile(futures, rows, 0.95) / rows);
  const undatedShare = share(strata, rows, (stratum) => stratum.undated !== undefined);
  return {
    rows,
    bounces,
    rate,
    low,
    high,
    thresholds: thresholds.map((limit) => ({
      rate: limit,
      chance: rows === 0 ? 0 : 1 - chanceOfAtMost(Math.floor(limit * rows), futures),
    })),
    reasons: contributions(strata, bounces, (stratum) => stratum.reason).map(({ by, ...rest }) => ({
      reason: by,
      ...rest,
    })),
    sources: contributions(strata, bounces, (stratum) => stratum.source).map(({ by, ...rest }) => ({
      source: by,
      ...rest,
    })),
    // Omit a target that can be reached only by removing every address.
    removals: removalTargets
      .map((below) => removal(strata, below))
      .filter(({ remain }) => remain > 0 || rows === 0),
    unknownShare: share(strata, rows, (stratum) => stratum.result === 'unknown'),
    catchAllShare: share(strata, rows, (stratum) => acceptsAnyName(stratum.reason)),
    undatedShare,
    needs: high - low <= tooWide ? null : undatedShare > 0.5 ? 'dates' : 'sample',
  };
}

/**
 * Maximum width of the 90% interval of the bounce rate. A wider interval, such as 1% to 7%, covers both "no problem" and
 * "providers will suspend the account", so it does not help to decide.
 */
const tooWide = 0.05;

/**
 * One possible future: in it, the bounce rate of each reason is one of the values that are believed possible. `mean` and
 * `variance` describe how many addresses of the list bounce in this future. All futures are equally likely.
 */
interface Future {
  readonly mean: number;
  readonly variance: number;
}

/** Number of futures that a forecast averages over. */
const futureCount = 2048;
/** Number of quantiles that represent what is believed about the bounce rate of one reason. */
const points = 128;
/**
 * The quantiles are evenly spaced in log odds, from `-farthest` to `farthest` (9 is the log odds of about 0.9999). This puts many
 * of them in the tails, which decide the chance to exceed a threshold.
 */
const farthest = 9;

/**
 * Returns the futures. Each picks one believed rate for every reason, and one common error (`shift`) for the expected bounces
 * of all strata with learned probabilities. The picks come from low-discrepancy sequences (multiples of an irrational step,
 * modulo 1) instead of random numbers, so the same list always gets the same forecast.
 */
function possibleFutures(strata: readonly Stratum[]): Future[] {
  const byPrior = strata.filter(({ observed }) => observed !== true);
  const learned = strata.filter(({ observed }) => observed === true);
  const beliefs = [...Map.groupBy(byPrior, ({ reason, bounces }) => `${reason} ${bounces}`).values()].map(
    (kind, nth) => ({
      rows: sum(kind, ({ rows }) => rows),
      rateAt: believedRate(kind),
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
    for (const { rows, rateAt, step: stepOfKind } of beliefs) {
      const rate = rateAt((future * stepOfKind + 0.5 / futureCount) % 1);
      mean += rows * rate;
      variance += rows * rate * (1 - rate);
    }
    return { mean, variance };
  });
}

/** The probability of at most `count` bounces, averaged over all futures. */
function chanceOfAtMost(count: number, futures: readonly Future[]): number {
  let total = 0;
  for (const { mean, variance } of futures) total += countCdf(count, mean, variance);
  return total / futures.length;
}

/**
 * The probability of at most `count` bounces, if the number of bounces has this mean and variance. Uses the binomial
 * distribution with this mean and variance. That is exact if all addresses have the same probability, else an approximation.
 */
function countCdf(count: number, mean: number, variance: number): number {
  const rate = mean === 0 ? 0 : 1 - variance / mean;
  if (rate <= 0) return 1;
  const distance = count + 0.5 - mean;
  // If `count` is farther from the mean than 10 standard deviations plus 20 bounces, the probability is practically 0 or 1. The
  // 20 bounces are a margin for small counts, whose distribution is skewed.
  if (Math.abs(distance) > 20 + 10 * Math.sqrt(variance)) return distance > 0 ? 1 : 0;
  if (variance < 1e-9) return distance >= 0 ? 1 : 0;
  return binomialCdf(count, mean / rate, rate);
}

/** The smallest number k from 0 to `rows` for which the probability of at most k bounces is at least `p`. */
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

/**
 * The step of the sequence with the index `nth` (see `possibleFutures`): the fractional part of the square root of a prime. The
 * steps are irrational and unrelated, so the sequences of different reasons are not correlated.
 */
const irrational = (nth: number): number => Math.sqrt(primes[nth % primes.length]!) % 1;
const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

/**
 * Returns the quantile function of the bounce rate of one reason: that of a beta distribution that is as wide as the reason's
 * 90% interval. If the probability is not in the middle of the interval, the mean of the distribution is between the two: a
 * quarter of the way from the probability to the middle.
 */
function believedRate(strata: readonly Stratum[]): (p: number) => number {
  const rows = sum(strata, (stratum) => stratum.rows);
  const likely = sum(strata, (stratum) => stratum.expected) / rows;
  const low = sum(strata, (stratum) => stratum.low) / rows;
  const high = sum(strata, (stratum) => stratum.high) / rows;
  const mean = likely + ((low + high) / 2 - likely) / 4;
  const deviation = (high - low) / deviationsIn90;
  if (deviation === 0 || mean <= 0 || mean >= 1) return () => mean;
  const belief = betaOf(mean, deviation ** 2);
  const spacing = (2 * farthest) / (points - 1);
  const quantiles = Array.from({ length: points }, (_, point) =>
    betaQuantile(belief, 1 / (1 + Math.exp(farthest - point * spacing))),
  );
  return (p) => {
    const place = (Math.log(p / (1 - p)) + farthest) / spacing;
    const below = Math.min(points - 2, Math.max(0, Math.floor(place)));
    const share = Math.min(1, Math.max(0, place - below));
    return quantiles[below]! * (1 - share) + quantiles[below + 1]! * share;
  };
}

/** The width of a 90% interval of a normal distribution, in standard deviations. */
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
    // `enough` is the number of addresses of this stratum to remove: the smallest k for which
    // (bounces - k·probability) / (remain - k) < below. If the stratum's probability is not above the target, removing only
    // some of its addresses cannot bring the rate below the target, so all of them are removed.
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

// The forecast of a list: the expected rate of hard bounces, its uncertainty, and the effect of removing rows.

import { signalOf } from '../signals/catalogue.ts';
import { betaOf, betaQuantile } from './beta.ts';
import type { Reason, Result } from './verdict.ts';

/** Similar addresses: same reason, about the same probability, same source. The sums are over `rows`. */
export interface Stratum {
  readonly reason: Reason;
  readonly result: Result;
  /** Whether a bounce is predicted; one reason may have both kinds. */
  readonly bounces: boolean;
  /** Where the addresses were acquired; null if unknown. */
  readonly source: string | null;
  /** Whether the probabilities were learned from outcomes; absent for priors. */
  readonly observed?: boolean;
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
 * long list, and the true rate of each reason, which does not, because all addresses of a reason are off in the same
 * direction. Reasons are treated as independent, and so are learned strata, since learning removes what they have in
 * common first.
 */
export function forecast(strata: readonly Stratum[]): Forecast {
  const rows = sum(strata, (stratum) => stratum.rows);
  const bounces = sum(strata, (stratum) => stratum.expected);
  const outcomes = possibleRates(strata, rows);
  const at = (chance: number): number => outcomes[Math.floor(chance * outcomes.length)]!;
  return {
    rows,
    bounces,
    rate: rows === 0 ? 0 : bounces / rows,
    low: at(0.05),
    high: at(0.95),
    thresholds: thresholds.map((rate) => ({
      rate,
      chance: outcomes.filter((outcome) => outcome > rate).length / outcomes.length,
    })),
    reasons: contributions(strata, bounces, (stratum) => stratum.reason).map(({ by, ...rest }) => ({
      reason: by,
      ...rest,
    })),
    sources: contributions(strata, bounces, (stratum) => stratum.source).map(({ by, ...rest }) => ({
      source: by,
      ...rest,
    })),
    removals: removalTargets.map((below) => removal(strata, below)),
    unknownShare: share(strata, rows, (stratum) => stratum.result === 'unknown'),
    catchAllShare: share(strata, rows, (stratum) => acceptsAnyName(stratum.reason)),
  };
}

/** Simulated futures of a list, and quantiles of the belief about one reason. */
const futures = 4000;
const points = 64;

/**
 * Possible rates of the list, equally likely, in ascending order. Each future takes one quantile per reason from a
 * low-discrepancy sequence (additive recurrences with irrational steps), so the forecast is deterministic.
 */
function possibleRates(strata: readonly Stratum[], rows: number): Float64Array {
  const byPrior = strata.filter(({ observed }) => observed !== true);
  const learned = strata.filter(({ observed }) => observed === true);
  const kinds = Map.groupBy(byPrior, ({ reason, bounces }) => `${reason} ${bounces}`);
  const certain = sum(learned, ({ expected }) => expected) / rows;
  const rates = new Float64Array(futures).fill(rows === 0 ? 0 : certain);
  if (rows === 0) return rates;
  let nth = 0;
  for (const kind of kinds.values()) {
    const belief = believedRates(kind);
    const weight = sum(kind, (stratum) => stratum.rows) / rows;
    const step = irrational(nth++);
    for (let future = 0; future < futures; future++)
      rates[future]! += weight * belief[Math.floor(((future * step) % 1) * points)]!;
  }
  const byChance = sum(strata, ({ rows: n, expected }) => expected * (1 - expected / n));
  const byIgnorance = sum(learned, ({ low, high }) => ((high - low) / deviationsIn90) ** 2);
  const chance = Math.sqrt(byChance + byIgnorance) / rows;
  const step = irrational(nth);
  for (let future = 0; future < futures; future++)
    rates[future] = Math.min(
      Math.max(0, rates[future]! + chance * normalQuantile((future * step + 0.5 / futures) % 1)),
      1,
    );
  return rates.sort();
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

/** The standard normal value that is not exceeded with the chance `p` (through the logistic curve; within 2 %). */
const normalQuantile = (p: number): number => Math.log(p / (1 - p)) / 1.702;

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
  let remain = sum(strata, (stratum) => stratum.rows);
  let bounces = sum(strata, (stratum) => stratum.expected);
  const all = remain;
  const likeliest = [...strata].sort((a, b) => b.expected / b.rows - a.expected / a.rows);
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

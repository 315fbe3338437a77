// What a list will bounce: the expected rate of hard bounces, how sure that is, and what removing rows would do.

import { betaOf, betaQuantile } from './beta.ts';
import type { Reason, Result } from './verdict.ts';

/** Addresses that are alike: the same reason, about the same probability, the same source. The sums are over `rows`. */
export interface Stratum {
  readonly reason: Reason;
  readonly result: Result;
  /** Whether a bounce is predicted; two kinds of one reason differ in it. */
  readonly bounces: boolean;
  /** Where the addresses came from; null where that is not known. */
  readonly source: string | null;
  /** Whether the probabilities were learned from outcomes; priors where absent. */
  readonly observed?: boolean;
  rows: number;
  /** Sum of the probabilities. */
  expected: number;
  /** Sums of the ends of their 90 % intervals. */
  low: number;
  high: number;
}

/** Rates are between 0 and 1. */
export interface Forecast {
  /** Distinct addresses that would be sent to. */
  readonly rows: number;
  /** Hard bounces to expect among them. */
  readonly bounces: number;
  readonly rate: number;
  /** The ends of the interval in which the rate of one mailing lies with a chance of 90 %. */
  readonly low: number;
  readonly high: number;
  /** The rates at which mailbox providers and email service providers act, and the chance to exceed each. */
  readonly thresholds: readonly { readonly rate: number; readonly chance: number }[];
  /** Where the bounces come from, most first. */
  readonly reasons: readonly Contribution<{ readonly reason: Reason }>[];
  readonly sources: readonly Contribution<{ readonly source: string | null }>[];
  /** What it takes to get below a rate when the likeliest bounces are removed first. */
  readonly removals: readonly Removal[];
  /** Shares of the rows. */
  readonly unknownShare: number;
  /** At these domains any address may be taken, so that nothing short of a reply tells whether somebody reads there. */
  readonly catchAllShare: number;
}

export type Contribution<By> = By & {
  readonly rows: number;
  readonly bounces: number;
  readonly rate: number;
  /** Of all bounces that are expected. */
  readonly share: number;
};

export interface Removal {
  readonly below: number;
  readonly remove: number;
  readonly remain: number;
  /** Of what remains. */
  readonly rate: number;
}

/**
 * 2 % is where senders are throttled and reviewed (Amazon SES recommends to stay under it), 5 % is where SES puts an
 * account under review and others suspend it.
 */
const thresholds = [0.02, 0.05] as const;

const removalTargets = [0.01, 0.02] as const;

/** Services and squatters behind these reasons often take mail for any name, to read it or to lose it. */
const oftenCatchAll: ReadonlySet<Reason> = new Set<Reason>([
  'disposable_domain',
  'disposable_mail_host',
  'parked_domain',
  'relay_alias',
]);

/**
 * The forecast for a list. Two things make it uncertain. Each address bounces or not: that evens out in a long list. And
 * nobody knows the true rate of a reason better than its interval says: that does not even out, since all addresses of
 * one reason are off in the same direction. Reasons are taken to be off independently of one another; and so are strata
 * whose rates were learned, since what all of them have in common is what is learned first.
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
    catchAllShare: share(strata, rows, (stratum) => oftenCatchAll.has(stratum.reason)),
  };
}

/** Futures of a list that are worked out, and points at which the belief about one reason is. */
const futures = 4000;
const points = 64;

/**
 * Rates that the list may turn out to have, equally likely, in ascending order. Each future draws every reason's rate
 * from what is believed of it, evenly and without chance (additive recurrences of irrational steps), so that the same
 * list has the same forecast.
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

/** Fractions of square roots of primes: no whole number of steps ever comes back to where it began. */
const irrational = (nth: number): number => Math.sqrt(primes[nth % primes.length]!) % 1;
const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

/**
 * Equally likely values of the rate of one reason: a beta distribution as wide as its 90 % interval. Where that reaches
 * further up than down, so does the truth: the mean lies a quarter of the way from the probability to the middle.
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

/** A 90 % interval is so many standard deviations wide. */
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
    // From (bounces - k·probability) / (remain - k) < below; what is at or below the target itself cannot help.
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

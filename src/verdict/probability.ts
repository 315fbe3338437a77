// The learned model, and how it estimates the probability of a bounce. It starts from the prior: the built-in probability of
// the verdict's reason, already raised for the time since mail last arrived. It adjusts the prior to the outcomes (bounces and
// deliveries) of similar addresses.

import type { Probability } from '../signals/signal.ts';
import { betaOf, betaQuantile } from './beta.ts';
import type { Features } from './features.ts';

const round = (probability: number): number => Math.round(probability * 10_000) / 10_000;

/** The width of a 90% interval of a normal distribution, in standard deviations. */
const deviationsIn90 = 2 * 1.6449;

/** Expresses a prior as observations: the number of outcomes, and of bounces among them, that would be as strong evidence. */
export function pseudoCounts({ probability, low, high }: Probability): { outcomes: number; bounces: number } {
  const { a, b } = betaOf(probability, ((high - low) / deviationsIn90) ** 2);
  return { outcomes: a + b, bounces: a };
}

/** A probability of a bounce that the model estimated. */
export interface Estimate extends Probability {
  /** Number of outcomes of the most similar addresses, at least 1. Old outcomes count less than new ones. */
  readonly sample: number;
}

/** What was learned about one stratum (a group of addresses), in addition to what was learned about coarser strata. */
export interface StratumBelief {
  /** How the stratum differs: what to add to the log odds of a bad address, or to the log of the decay (see `Level.of`). */
  readonly shift: number;
  /** The variance of `shift`: how uncertain it is. */
  readonly variance: number;
  /** How much the estimate of the stratum still depends on the coarser strata: 1 without outcomes, near 0 with many. */
  readonly trust: number;
  /** Number of outcomes in the stratum. Old outcomes count less. */
  readonly outcomes: number;
}

export type LevelName =
  | 'reason'
  | 'proof'
  | 'domain'
  | 'decay'
  | 'decay of source'
  | 'age'
  | 'provider'
  | 'segment'
  | 'source'
  | 'provider and source'
  | 'all';

/** One way to group addresses into strata, such as by reason and provider. */
export interface Level {
  readonly name: LevelName;
  /**
   * Returns the key of the stratum that an address with these features belongs to. Null if the level does not concern the address: it
   * then neither changes the estimate nor adds uncertainty.
   */
  readonly keyOf: (features: Features) => string | null;
  /**
   * Which addresses are the usual ones. If a kind has outcomes of these only, the level does not concern it. Absent: the level concerns
   * every kind.
   */
  readonly isUsual?: (features: Features) => boolean;
  /** How much the strata of this level are expected to differ before any outcome: the standard deviation of their shifts. */
  readonly spread: number;
  /** What the level adjusts: the decay of mailboxes, or the odds of a bad address (see `Causes`). */
  readonly of: 'decay' | 'odds';
  /**
   * How much the sources within one stratum are expected to differ: the standard deviation of their shifts. It limits how much
   * one source can influence the stratum. Null if every stratum of the level has only one source.
   */
  readonly betweenSources: number | null;
  /**
   * The coarser levels whose strata this level divides further. The more outcomes a stratum of this level has, the less the
   * uncertainty of the coarser strata matters.
   */
  readonly divides: readonly LevelName[];
}

/**
 * All levels, in the order in which they are fitted, mostly from coarse to fine. The spread 0.4 of the level `provider` means
 * that the odds of one provider typically differ from the average by a factor of e^0.4 = 1.5. Sources differ most: e^0.8 = 2.2.
 * The spreads here are starting points, which `learn` adjusts to the outcomes.
 */
export const levels: readonly Level[] = [
  {
    name: 'reason',
    keyOf: ({ kind }) => kind,
    // Not used: at this level, `learn` takes the spread from the prior of each reason.
    spread: 1,
    of: 'odds',
    betweenSources: 0.8,
    divides: [],
  },
  {
    name: 'source',
    // Fitted before the level `provider`: the bounces of a bad source must not count against the providers of its addresses.
    keyOf: ({ kind, source }) => `${kind}|${source}`,
    spread: 0.8,
    of: 'odds',
    betweenSources: null,
    divides: ['reason'],
  },
  {
    name: 'proof',
    keyOf: ({ kind, proof }) => `${kind}|${proof}`,
    // Without proofs the level would repeat the level `reason`.
    isUsual: ({ proof }) => proof === 'none',
    spread: 0.7,
    of: 'odds',
    betweenSources: 0.25,
    divides: ['reason'],
  },
  {
    name: 'decay',
    // One correction of the decay for free mail and one for all other domains. It does not depend on the verdict's reason.
    keyOf: ({ segment }) => (segment.endsWith(' free') ? 'free' : 'other'),
    spread: 0.5,
    of: 'decay',
    betweenSources: 0.3,
    divides: [],
  },
  {
    name: 'decay of source',
    keyOf: ({ source }) => source,
    spread: 0.3,
    of: 'decay',
    betweenSources: null,
    divides: ['decay'],
  },
  {
    name: 'age',
    keyOf: ({ age }) => age,
    spread: 0.15,
    of: 'decay',
    betweenSources: 0.3,
    divides: [],
  },
  {
    name: 'provider',
    keyOf: ({ kind, provider }) => `${kind}|${provider}`,
    spread: 0.4,
    of: 'odds',
    betweenSources: 0.25,
    divides: ['reason'],
  },
  {
    name: 'segment',
    keyOf: ({ kind, provider, segment }) => `${kind}|${provider}|${segment}`,
    spread: 0.25,
    of: 'odds',
    betweenSources: 0.25,
    divides: ['reason', 'provider'],
  },
  {
    name: 'provider and source',
    keyOf: ({ kind, provider, source }) => `${kind}|${provider}|${source}`,
    spread: 0.25,
    of: 'odds',
    betweenSources: null,
    divides: ['reason', 'provider', 'source'],
  },
  {
    name: 'domain',
    // Catch-all domains differ most: one keeps a mailbox behind any name, another accepts all mail and bounces it later.
    keyOf: ({ kind, domain }) => (domain === '' ? null : `${kind}|${domain}`),
    spread: 1,
    of: 'odds',
    betweenSources: 0.25,
    divides: ['reason', 'proof', 'provider', 'segment', 'source', 'provider and source'],
  },
  {
    name: 'all',
    keyOf: ({ kind, provider, segment, age, source, proof, domain }) =>
      `${kind}|${provider}|${segment}|${age}|${source}|${proof}|${domain}`,
    spread: 0.2,
    of: 'odds',
    betweenSources: null,
    divides: ['reason', 'proof', 'provider', 'segment', 'source', 'provider and source', 'domain'],
  },
];

/** For each level, the indexes of the finer levels that divide it. */
const dividedBy: readonly (readonly number[])[] = levels.map(({ name }) =>
  [...levels.keys()].filter((index) => levels[index]!.divides.includes(name)),
);

/** What was learned about one level. */
export interface LevelBelief {
  /** How much its strata differ: the standard deviation of their shifts. */
  readonly spread: number;
  /** What was learned about each stratum, by its key (`Level.keyOf`). */
  readonly strata: ReadonlyMap<string, StratumBelief>;
}

/** The learned model. */
export interface Learned {
  /** True if no outcomes were observed yet. */
  readonly isEmpty: boolean;
  /**
   * Estimates the probability of a bounce. `prior` is the probability before learning, already raised for the age of the
   * address. Returns null if there are no outcomes for this reason yet; the caller then uses `prior`.
   */
  estimate(features: Features, prior: Probability): Estimate | null;
}

/**
 * Maximum number of cached estimates. When it is reached, the oldest estimate is dropped. A cache helps, because many addresses
 * have the same features and, as priors are rounded to four digits, the same prior.
 */
const rememberedAtMost = 20_000;

/**
 * Creates the model from what was learned: `beliefs` has one item for each of `levels`, in order. `freshOf` returns the prior
 * probability of a fresh address with these features, that is, not raised for age.
 */
export function learnedFrom(
  beliefs: readonly LevelBelief[],
  freshOf: (features: Features) => number | undefined,
): Learned {
  const finest = levels.at(-1)!;
  const remembered = new Map<string, Estimate>();
  return {
    isEmpty: beliefs[0]!.strata.size === 0,
    estimate(features, prior) {
      const fresh = freshOf(features);
      if (fresh === undefined || !beliefs[0]!.strata.has(features.kind)) return null;
      const question = `${finest.keyOf(features)}|${prior.probability}`;
      const known = remembered.get(question);
      if (known !== undefined) return known;
      const estimate = estimateOf(beliefs, features, {
        logOdds: logit(fresh),
        decay: decayOf(fresh, prior.probability),
      });
      if (remembered.size >= rememberedAtMost) remembered.delete(remembered.keys().next().value!);
      remembered.set(question, estimate);
      return estimate;
    },
  };
}

/** The two causes of a bounce: an address that was always bad, or a mailbox that died since mail last arrived. */
export interface Causes {
  /** The log odds that the address was always bad. */
  readonly logOdds: number;
  /** −ln(share of mailboxes that are still alive): 0 if none died, 0.69 if half of them did. */
  readonly decay: number;
}

/** The probability of a bounce from either cause. */
export const chanceBy = ({ logOdds, decay }: Causes): number => 1 - (1 - chance(logOdds)) * Math.exp(-decay);

/** The decay (see `Causes`) that raises the probability of a bounce from `fresh` to `agedChance`. */
export const decayOf = (fresh: number, agedChance: number): number =>
  Math.max(0, Math.log1p(-fresh) - Math.log1p(-Math.min(agedChance, most)));

function estimateOf(beliefs: readonly LevelBelief[], features: Features, prior: Causes): Estimate {
  const keys = levels.map(({ keyOf }) => keyOf(features));
  const strata = beliefs.map(({ strata: of }, index) =>
    keys[index] === null ? undefined : of.get(keys[index]!),
  );
  let { logOdds, decay } = prior;
  let oddsVariance = 0;
  let decayVariance = 0;
  let sample = 0;
  for (const [index, { of, isUsual }] of levels.entries()) {
    const stratum = strata[index];
    if (keys[index] === null || (stratum === undefined && isUsual?.(features))) continue;
    // A stratum without outcomes may differ from the coarser ones as much as the strata of its level typically do.
    let variance = stratum?.variance ?? beliefs[index]!.spread ** 2;
    for (const finer of dividedBy[index]!) variance *= (strata[finer]?.trust ?? 1) ** 2;
    if (of === 'decay') {
      decay *= Math.exp(stratum?.shift ?? 0);
      decayVariance += variance;
      continue;
    }
    logOdds += stratum?.shift ?? 0;
    oddsVariance += variance;
    sample = stratum?.outcomes ?? sample;
  }
  const probability = chanceBy({ logOdds, decay });
  const fresh = chance(logOdds);
  const byOdds = fresh * (1 - fresh) * Math.exp(-decay);
  const byDecay = (1 - probability) * decay;
  const posterior = betaOf(probability, byOdds ** 2 * oddsVariance + byDecay ** 2 * decayVariance);
  return {
    probability: round(probability),
    // The mean of a very skewed distribution can be outside of its 5% and 95% quantiles.
    low: round(Math.min(probability, betaQuantile(posterior, 0.05))),
    high: round(Math.max(probability, betaQuantile(posterior, 0.95))),
    sample: Math.max(1, Math.round(sample)),
  };
}

/** `logit` limits probabilities to 0.0001 … 0.9999, because they are shown with four digits. */
const least = 1e-4;
const most = 1 - least;

export const logit = (probability: number): number => {
  const p = Math.min(Math.max(probability, least), most);
  return Math.log(p / (1 - p));
};

export const chance = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

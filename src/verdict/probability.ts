// The probability of a bounce: the prior of the deciding signal, aged by the time since the last verification, and
// moved by observed outcomes of similar addresses.

import type { Probability } from '../signals/signal.ts';
import { betaOf, betaQuantile } from './beta.ts';
import type { Features } from './features.ts';

const round = (probability: number): number => Math.round(probability * 10_000) / 10_000;

/** The width of a 90% interval in standard deviations. */
const deviationsIn90 = 2 * 1.6449;

/** The number of outcomes, and of bounces among them, that would be as much evidence as a prior. */
export function pseudoCounts({ probability, low, high }: Probability): { outcomes: number; bounces: number } {
  const { a, b } = betaOf(probability, ((high - low) / deviationsIn90) ** 2);
  return { outcomes: a + b, bounces: a };
}

export interface Estimate extends Probability {
  /** Outcomes of the most similar addresses, weighted by age. */
  readonly sample: number;
}

/** What was learned about one stratum, in addition to the coarser ones. */
export interface StratumBelief {
  /** Added to the log odds of a bad address, or to the logarithm of the decay (see `Level.of`). */
  readonly shift: number;
  /** The variance of the shift. */
  readonly variance: number;
  /** The weight of the coarser strata: 1 without outcomes, near 0 with many. */
  readonly trust: number;
  /** Outcomes, weighted by age. */
  readonly outcomes: number;
}

export type LevelName =
  | 'reason'
  | 'decay'
  | 'decay of source'
  | 'age'
  | 'provider'
  | 'segment'
  | 'source'
  | 'provider and source'
  | 'all';

/** One way to group addresses. */
export interface Level {
  readonly name: LevelName;
  readonly keyOf: (features: Features) => string;
  /** The standard deviation of the shifts of this level's strata before any outcome. */
  readonly spread: number;
  /** What the level adjusts: the decay of mailboxes, or the odds of a bad address (see `Causes`). */
  readonly of: 'decay' | 'odds';
  /** The spread between sources, which limits the influence of each; null if the level does not pool sources. */
  readonly betweenSources: number | null;
  /** The coarser levels whose strata this level divides. Its outcomes reduce their uncertainty. */
  readonly divides: readonly LevelName[];
}

/**
 * From coarse to fine. A spread is the logarithm of a typical ratio of odds: e^0.4 = 1.5 between providers, e^0.8 = 2.2
 * between sources, which differ most. These spreads are starting points; the model fits them.
 */
export const levels: readonly Level[] = [
  {
    name: 'reason',
    keyOf: ({ kind }) => kind,
    // Replaced by the pseudo-counts of each reason's prior.
    spread: 1,
    of: 'odds',
    betweenSources: 0.8,
    divides: [],
  },
  {
    name: 'source',
    // Before providers: a bad source must not count against the providers that it shares with other sources.
    keyOf: ({ kind, source }) => `${kind}|${source}`,
    spread: 0.8,
    of: 'odds',
    betweenSources: null,
    divides: ['reason'],
  },
  {
    name: 'decay',
    // Mailboxes decay at the same rate for every reason, except that free mail decays more slowly.
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
    name: 'all',
    keyOf: ({ kind, provider, segment, age, source }) => `${kind}|${provider}|${segment}|${age}|${source}`,
    spread: 0.2,
    of: 'odds',
    betweenSources: null,
    divides: ['reason', 'provider', 'segment', 'source', 'provider and source'],
  },
];

/** For each level, the finer levels that divide it. */
const dividedBy: readonly (readonly number[])[] = levels.map(({ name }) =>
  [...levels.keys()].filter((index) => levels[index]!.divides.includes(name)),
);

/** What was learned about one level: its strata and their spread. */
export interface LevelBelief {
  readonly spread: number;
  readonly strata: ReadonlyMap<string, StratumBelief>;
}

export interface Learned {
  /** True if no outcomes were observed yet. */
  readonly isEmpty: boolean;
  /** Adjusts `prior`, the aged prior. Returns null if there are no outcomes for this reason; the prior then applies. */
  estimate(features: Features, prior: Probability): Estimate | null;
}

/**
 * Maximum number of cached estimates; the oldest are dropped. Priors are rounded to four digits, so there are few distinct
 * ones.
 */
const rememberedAtMost = 20_000;

/**
 * The model with these beliefs, one for each of `levels` in order. `freshOf` returns the prior probability of a kind before
 * ageing.
 */
export function learnedFrom(
  beliefs: readonly LevelBelief[],
  freshOf: (kind: string) => number | undefined,
): Learned {
  const finest = levels.at(-1)!;
  const remembered = new Map<string, Estimate>();
  return {
    isEmpty: beliefs[0]!.strata.size === 0,
    estimate(features, prior) {
      const fresh = freshOf(features.kind);
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

/** The two causes of a bounce: an address that was always bad, or a mailbox that died since its last verification. */
export interface Causes {
  /** Log odds of a bad address. */
  readonly logOdds: number;
  /** −ln of the share of mailboxes still alive. */
  readonly decay: number;
}

/** The probability of a bounce by either cause. */
export const chanceBy = ({ logOdds, decay }: Causes): number => 1 - (1 - chance(logOdds)) * Math.exp(-decay);

/** The decay that turns `fresh` into `agedChance`. */
export const decayOf = (fresh: number, agedChance: number): number =>
  Math.max(0, Math.log1p(-fresh) - Math.log1p(-Math.min(agedChance, most)));

function estimateOf(beliefs: readonly LevelBelief[], features: Features, prior: Causes): Estimate {
  const strata = beliefs.map((belief, index) => belief.strata.get(levels[index]!.keyOf(features)));
  let { logOdds, decay } = prior;
  let oddsVariance = 0;
  let decayVariance = 0;
  let sample = 0;
  for (const [index, { of }] of levels.entries()) {
    const stratum = strata[index];
    // A stratum without outcomes has the variance of its level.
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
    low: round(betaQuantile(posterior, 0.05)),
    high: round(betaQuantile(posterior, 0.95)),
    sample: Math.max(1, Math.round(sample)),
  };
}

/** Probabilities stay between 0.0001 and 0.9999, because they are shown with four digits. */
const least = 1e-4;
const most = 1 - least;

export const logit = (probability: number): number => {
  const p = Math.min(Math.max(probability, least), most);
  return Math.log(p / (1 - p));
};

export const chance = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

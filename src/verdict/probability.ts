// How likely a bounce is: the prior of the row that decided, aged by how long nobody has heard of the mailbox, and moved
// by what was observed of addresses like it.

import { betaOf, betaQuantile } from './beta.ts';
import type { Features } from './features.ts';
import type { Prior } from './policy.ts';

const dayMs = 86_400_000;

/**
 * Mailboxes that die in a year, of those alive at its start. Business lists decay by 22.5 % a year (MarketingSherpa's
 * figure, repeated by HubSpot's decay calculator); consumer lists somewhat slower.
 */
const yearlyDecay = 0.225;

const survivalPerDay = (1 - yearlyDecay) ** (1 / 365);

/** `prior` for an address that was last known to take mail `ageMs` milliseconds ago; a negative age counts as none. */
export function aged(prior: Prior, ageMs: number): Prior {
  const days = Math.max(0, ageMs) / dayMs;
  if (days === 0) return prior;
  const survival = survivalPerDay ** days;
  const age = (probability: number): number => round(1 - (1 - probability) * survival);
  return { probability: age(prior.probability), low: age(prior.low), high: age(prior.high) };
}

const round = (probability: number): number => Math.round(probability * 10_000) / 10_000;

/** A 90 % interval is so many standard deviations wide. */
const deviationsIn90 = 2 * 1.6449;

/** The pseudo-counts that a prior is worth: the outcomes, and the bounces among them, that one would have had to see. */
export function pseudoCounts({ probability, low, high }: Prior): { outcomes: number; bounces: number } {
  const { a, b } = betaOf(probability, ((high - low) / deviationsIn90) ** 2);
  return { outcomes: a + b, bounces: a };
}

export interface Estimate extends Prior {
  /** Outcomes of the addresses that are most like this one, as far as they are not forgotten. */
  readonly sample: number;
}

/** What was learned of one stratum, beside what the others say of its addresses. */
export interface StratumBelief {
  /** What its outcomes add to the log odds of a bounce without age, or to the logarithm of the rate of decay. */
  readonly shift: number;
  /** The variance of the shift. */
  readonly variance: number;
  /** The weight that the coarser strata keep: 1 without outcomes, near 0 with many. */
  readonly trust: number;
  /** Outcomes that are not forgotten. */
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

/** One way of grouping addresses. */
export interface Level {
  readonly name: LevelName;
  readonly keyOf: (features: Features) => string;
  /** How far the strata of this level lie apart: the standard deviation of their shifts, before any is observed. */
  readonly spread: number;
  /** What is learned: the pace at which mailboxes die, or the odds of a bounce without that. */
  readonly of: 'decay' | 'odds';
  /** Where sources are pooled: how far one lies from the rest, which limits what each of them may say. */
  readonly betweenSources: number | null;
  /** The coarser levels whose strata those of this one divide, so that what is wrong there is put right here. */
  readonly divides: readonly LevelName[];
}

/**
 * From coarse to fine. A spread is the logarithm of the factor by which odds usually differ: e^0.4 = 1.5 for providers,
 * e^0.8 = 2.2 for sources, which differ most. They are starting points: the model fits them to what is observed.
 */
export const levels: readonly Level[] = [
  {
    name: 'reason',
    keyOf: ({ kind }) => kind,
    // The pseudo-counts of each reason's prior take the place of this one.
    spread: 1,
    of: 'odds',
    betweenSources: 0.8,
    divides: [],
  },
  {
    name: 'source',
    // Before providers, so that what is one source's fault is not blamed on a provider that others share.
    keyOf: ({ kind, source }) => `${kind}|${source}`,
    spread: 0.8,
    of: 'odds',
    betweenSources: null,
    divides: ['reason'],
  },
  {
    name: 'decay',
    // Mailboxes die at the same pace whatever else speaks against them.
    keyOf: () => '',
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

/** For each level, the finer ones that divide it. */
const dividedBy: readonly (readonly number[])[] = levels.map(({ name }) =>
  [...levels.keys()].filter((index) => levels[index]!.divides.includes(name)),
);

/** What was learned of one level: its strata, and how far they lie apart. */
export interface LevelBelief {
  readonly spread: number;
  readonly strata: ReadonlyMap<string, StratumBelief>;
}

export interface Learned {
  /** Nothing was observed yet: there is no need to ask. */
  readonly isEmpty: boolean;
  /** Null where nothing was observed of addresses with this reason: the prior stands. `prior` is the aged one. */
  estimate(features: Features, prior: Prior): Estimate | null;
}

/** Chances are told to four digits, so that there are few distinct questions; beyond this many, the oldest answers go. */
const rememberedAtMost = 20_000;

/** Answers by what was learned at each of `levels`, in their order. `freshOf`: the chance by the prior of a kind without age. */
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
      const estimate = workOut(beliefs, features, {
        logOdds: logit(fresh),
        decay: decayOf(fresh, prior.probability),
      });
      if (remembered.size >= rememberedAtMost) remembered.delete(remembered.keys().next().value!);
      remembered.set(question, estimate);
      return estimate;
    },
  };
}

/** The two causes of a bounce: the address was bad from the beginning, or its mailbox has died since. */
export interface Causes {
  /** Log odds of the first. */
  readonly logOdds: number;
  /** Minus the logarithm of the share of mailboxes that are still alive. */
  readonly decay: number;
}

/** The chance of a bounce by either cause. */
export const chanceBy = ({ logOdds, decay }: Causes): number => 1 - (1 - chance(logOdds)) * Math.exp(-decay);

/** The decay that makes `fresh` the chance `agedChance`. */
export const decayOf = (fresh: number, agedChance: number): number =>
  Math.max(0, Math.log1p(-fresh) - Math.log1p(-Math.min(agedChance, most)));

function workOut(beliefs: readonly LevelBelief[], features: Features, prior: Causes): Estimate {
  const strata = beliefs.map((belief, index) => belief.strata.get(levels[index]!.keyOf(features)));
  let { logOdds, decay } = prior;
  let oddsVariance = 0;
  let decayVariance = 0;
  let sample = 0;
  for (const [index, { of }] of levels.entries()) {
    const stratum = strata[index];
    // A stratum that nobody has seen lies about as far off as others of its level do.
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

/** Certainties are taken for one in ten thousand, the last digit that is told. */
const least = 1e-4;
const most = 1 - least;

export const logit = (probability: number): number => {
  const p = Math.min(Math.max(probability, least), most);
  return Math.log(p / (1 - p));
};

export const chance = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

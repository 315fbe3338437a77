// Fits the model to outcomes: a posterior for each stratum, shrunk towards the coarser ones, from coarse to fine.

import { type Features, kindOf } from './features.ts';
import { policyRows } from './policy.ts';
import {
  type Causes,
  chance,
  chanceBy,
  decayOf,
  type Learned,
  type Level,
  type LevelBelief,
  learnedFrom,
  levels,
  logit,
  pseudoCounts,
  type StratumBelief,
} from './probability.ts';

/** The outcomes of all addresses with the same features. Counts are weighted by age. */
export interface OutcomeStratum extends Features {
  readonly outcomes: number;
  readonly bounces: number;
  /** The sum of the priors: the bounces expected before learning. */
  readonly expected: number;
}

/** The half-life of the weight of an outcome. Old outcomes count less, because providers and lists change. */
const halfLifeMs = 180 * 86_400_000;

/** The origin of the weight scale. It cancels out; only differences in time matter. */
const epoch = Date.UTC(2026, 0, 1);

/**
 * The weight of an outcome at `at` (epoch milliseconds). Weights grow with time instead of shrinking with age (forward
 * decay), so stored sums never need an update. Divide by `weightAt(now)` for the weight as of now.
 */
export const weightAt = (at: number): number => 2 ** ((at - epoch) / halfLifeMs);

interface KindPrior {
  readonly probability: number;
  /** The standard deviation of its log odds over all sources. */
  readonly spread: number;
}

/**
 * The share of a prior's variance that belongs to the reason itself. The rest is variation between lists, so one bad
 * list says little about the next.
 */
const ofReason = 1 / 3;

const priors: ReadonlyMap<string, KindPrior> = new Map(
  policyRows.map(({ reason, bounce, prior }) => {
    const { outcomes, bounces } = pseudoCounts(prior);
    const p = bounces / outcomes;
    const spread = Math.sqrt(ofReason / ((outcomes + 1) * p * (1 - p)));
    return [kindOf(reason, bounce?.class ?? null), { probability: prior.probability, spread }];
  }),
);

/** The outcomes of one cell, and their current estimate. */
interface Fitting extends Causes {
  readonly cell: OutcomeStratum;
  logOdds: number;
  decay: number;
  /** The weight of the outcomes at the level being fitted, 0 to 1. */
  weight: number;
}

/** Fits the model. Deterministic. Ignores cells of unknown kinds and cells without outcomes. */
export function learn(cells: readonly OutcomeStratum[]): Learned {
  const fitting = cells.flatMap((cell): Fitting[] => {
    const prior = priors.get(cell.kind);
    if (prior === undefined || cell.outcomes <= 0) return [];
    const decay = decayOf(prior.probability, cell.expected / cell.outcomes);
    return [{ cell, logOdds: logit(prior.probability), decay, weight: 1 }];
  });
  const strata = levels.map((level) => Map.groupBy(fitting, ({ cell }) => level.keyOf(cell)));
  const bySource = Map.groupBy(fitting, ({ cell }) => ofSource.keyOf(cell));
  let beliefs: LevelBelief[] = [];
  for (let round = 0; round < rounds; round++) {
    const earlier = beliefs;
    beliefs = levels.map((level, index) => fitLevel(level, strata[index]!, bySource, earlier[index]));
  }
  return learnedFrom(beliefs, (kind) => priors.get(kind)?.probability);
}

/** Each level is fitted again after the finer levels have explained their part of the outcomes. */
const rounds = 3;

const ofSource = levels.find(({ name }) => name === 'source')!;

type Groups = ReadonlyMap<string, readonly Fitting[]>;

/** Fits one level, replacing its `earlier` fit, and moves the cells accordingly. */
function fitLevel(
  level: Level,
  groups: Groups,
  bySource: Groups,
  earlier: LevelBelief | undefined,
): LevelBelief {
  for (const [key, members] of groups) move(members, level, -(earlier?.strata.get(key)?.shift ?? 0));
  limitInfluence(bySource, level.betweenSources);
  const findings = new Map([...groups].map(([key, members]) => [key, findingsOf(members, level)]));
  const spread = level.name === 'reason' ? level.spread : fittedSpread([...findings.values()], level.spread);
  const strata = new Map<string, StratumBelief>();
  for (const [key, found] of findings) {
    if (found.information === 0) continue;
    const belief = believe(found, level, level.name === 'reason' ? priors.get(key)!.spread : spread);
    move(groups.get(key)!, level, belief.shift);
    strata.set(key, belief);
  }
  return { spread, strata };
}

function move(members: readonly Fitting[], { of }: Level, shift: number): void {
  if (shift === 0) return;
  for (const member of members)
    if (of === 'decay') member.decay *= Math.exp(shift);
    else member.logOdds += shift;
}

/** What the outcomes of a stratum say about its shift. */
interface Findings {
  /** Bounces beyond the expected ones, as far as this level explains them. */
  readonly excess: number;
  /** The variance of the excess by chance: the Fisher information of the shift. */
  readonly information: number;
  /** The mean probability of a bounce without age. */
  readonly fresh: number;
  readonly outcomes: number;
}

/**
 * A bounce of an old address has two possible causes. Each gets its share of the probability, so outcomes of old
 * addresses say less about the address than those of fresh ones.
 */
function findingsOf(members: readonly Fitting[], { of }: Level): Findings {
  let excess = 0;
  let information = 0;
  let fresh = 0;
  let outcomes = 0;
  for (const { cell, logOdds, decay, weight } of members) {
    const odds = chance(logOdds);
    const p = 1 - (1 - odds) * Math.exp(-decay);
    const blame = (of === 'decay' ? decay : odds) / p;
    excess += weight * blame * (cell.bounces - cell.outcomes * p);
    information += weight * cell.outcomes * blame ** 2 * p * (1 - p);
    fresh += cell.outcomes * odds;
    outcomes += cell.outcomes;
  }
  return { excess, information, fresh: fresh / outcomes, outcomes };
}

/**
 * Limits the influence of each source on strata that it shares with others. Sources differ, so even a million outcomes of
 * one source say no more about the others than the spread between sources allows.
 */
function limitInfluence(bySource: Groups, betweenSources: number | null): void {
  for (const members of bySource.values()) {
    let information = 0;
    if (betweenSources !== null)
      for (const member of members) {
        const p = chanceBy(member);
        information += member.cell.outcomes * p * (1 - p);
      }
    const weight = 1 / (1 + information * (betweenSources ?? 0) ** 2);
    for (const member of members) member.weight = weight;
  }
}

/**
 * The posterior of a stratum. For odds it is a beta distribution whose prior counts as the outcomes that give
 * `spread` in log odds. For decay it is a gamma distribution of deaths.
 */
function believe(found: Findings, { of }: Level, spread: number): StratumBelief {
  const { excess, information, fresh, outcomes } = found;
  if (of === 'decay') {
    const pseudo = 1 / spread ** 2;
    const deaths = pseudo + Math.max(0, information + excess);
    const expected = pseudo + information;
    return { shift: Math.log(deaths / expected), variance: 1 / expected, trust: pseudo / expected, outcomes };
  }
  const scatter = fresh * (1 - fresh);
  const pseudo = 1 / (spread ** 2 * scatter);
  const seen = information / scatter;
  const bounces = Math.min(seen, Math.max(0, seen * fresh + excess));
  const after = (pseudo * fresh + bounces) / (pseudo + seen);
  return {
    shift: logit(after) - logit(fresh),
    variance: 1 / (after * (1 - after) * (pseudo + seen + 1)),
    trust: pseudo / (pseudo + seen),
    outcomes,
  };
}

/** Candidate spreads: from almost no difference between strata to a factor of seven in the odds. */
const spreadsTried = Array.from({ length: 24 }, (_, index) => 0.03 * 1.2 ** index);

/**
 * The prior standard deviation of the logarithm of a level's spread: one deviation is a factor of e^0.7 = 2.
 */
const spreadDeviation = 0.7;

/** Strata with less information say nothing about the spread. */
const leastInformation = 0.5;

/**
 * The candidate spread that maximizes the likelihood of the excess bounces of a level's strata; `usual` is the mode
 * of its prior.
 */
function fittedSpread(findings: readonly Findings[], usual: number): number {
  const informative = findings.filter(({ information }) => information >= leastInformation);
  let best = { spread: usual, logLikelihood: Number.NEGATIVE_INFINITY };
  for (const spread of spreadsTried) {
    let logLikelihood = -0.5 * (Math.log(spread / usual) / spreadDeviation) ** 2;
    for (const { excess, information } of informative) {
      const variance = information + (information * spread) ** 2;
      logLikelihood -= 0.5 * (Math.log(variance) + excess ** 2 / variance);
    }
    if (logLikelihood > best.logLikelihood) best = { spread, logLikelihood };
  }
  return best.spread;
}

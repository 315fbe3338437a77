// Learns from reported outcomes (bounces and deliveries) how likely addresses are to bounce. Addresses are grouped into strata
// at several levels (see `levels`): for example, all addresses with one reason, or those that also have the same provider. If
// a stratum has few outcomes, its estimate stays close to that of the larger stratum that contains it.

import { type Features, kindOf } from './features.ts';
import { type PolicyOutcome, policyRows } from './policy.ts';
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
import { provenPrior } from './proven-prior.ts';

/** The outcomes of all addresses with the same features. Old outcomes have a smaller weight in the counts (`weightAt`). */
export interface OutcomeStratum extends Features {
  /** Weighted number of bounces and deliveries. */
  readonly outcomes: number;
  /** Weighted number of bounces. */
  readonly bounces: number;
  /** Weighted sum of the prior probabilities: before learning, but already raised for the age of each address. */
  readonly expected: number;
}

/**
 * Milliseconds after which an outcome counts only half as much as a new one. Old outcomes count less, because providers and
 * lists change.
 */
const halfLifeMs = 180 * 86_400_000;

/** The time at which `weightAt` is 1. Any date would do: weights are only compared with each other. */
const epoch = Date.UTC(2026, 0, 1);

/**
 * The weight of an outcome that happened at `at` (epoch milliseconds). The weight of an old outcome does not shrink as time
 * passes; instead, each new outcome gets a larger one ("forward decay"). So stored sums of weights never need an update. A sum
 * divided by `weightAt(now)` counts an outcome of this moment as 1.
 */
export const weightAt = (at: number): number => 2 ** ((at - epoch) / halfLifeMs);

/** What is assumed about a kind (reason and bounce class) before any outcome was reported. */
interface KindPrior {
  readonly row: PolicyOutcome;
  /** The standard deviation of the log odds of its prior: how uncertain the average over all sources of addresses is. */
  readonly spread: number;
}

/**
 * The variance of a prior has two parts: the uncertainty of the average bounce rate of the reason, and the differences between
 * lists. `ofReason` is the share of the first part. The second part is larger: lists differ much, so one bad list says little
 * about the next.
 */
const ofReason = 1 / 3;

const priors: ReadonlyMap<string, KindPrior> = new Map(
  policyRows.map((row) => {
    const { outcomes, bounces } = pseudoCounts(row.prior);
    const p = bounces / outcomes;
    const spread = Math.sqrt(ofReason / ((outcomes + 1) * p * (1 - p)));
    return [kindOf(row.reason, row.bounce?.class ?? null), { row, spread }];
  }),
);

const freshOf = ({ kind, proof }: Features): number | undefined => {
  const row = priors.get(kind)?.row;
  return row && provenPrior(row, proof).probability;
};

/** One `OutcomeStratum` (a "cell") and the current estimate for it, which fitting changes. */
interface Fitting extends Causes {
  readonly cell: OutcomeStratum;
  logOdds: number;
  decay: number;
  /** How much the outcomes of the cell count at the level that is being fitted, from 0 to 1 (see `limitInfluence`). */
  weight: number;
}

/**
 * Fits the model to outcomes. The same cells always give the same model. Ignores cells whose kind has no prior, and cells
 * without outcomes.
 */
export function learn(cells: readonly OutcomeStratum[]): Learned {
  const fitting = cells.flatMap((cell): Fitting[] => {
    const fresh = freshOf(cell);
    if (fresh === undefined || cell.outcomes <= 0) return [];
    const decay = decayOf(fresh, cell.expected / cell.outcomes);
    return [{ cell, logOdds: logit(fresh), decay, weight: 1 }];
  });
  const strata = levels.map((level) => groupsOf(fitting, level));
  const bySource = groupsOf(fitting, ofSource);
  let beliefs: LevelBelief[] = [];
  for (let round = 0; round < rounds; round++) {
    const earlier = beliefs;
    beliefs = levels.map((level, index) => fitLevel(level, strata[index]!, bySource, earlier[index]));
  }
  return learnedFrom(beliefs, freshOf);
}

/** Returns the members of each stratum of a level, without those that the level does not concern. */
function groupsOf(fitting: readonly Fitting[], { keyOf, isUsual }: Level): Groups {
  const unusual = new Set(
    isUsual === undefined ? [] : fitting.flatMap(({ cell }) => (isUsual(cell) ? [] : [cell.kind])),
  );
  const groups = new Map<string, Fitting[]>();
  for (const one of fitting) {
    const key = keyOf(one.cell);
    if (key === null || (isUsual !== undefined && !unusual.has(one.cell.kind))) continue;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [one]);
    else members.push(one);
  }
  return groups;
}

/**
 * How many times each level is fitted. In the first round, a coarse level also absorbs differences that finer levels explain
 * better, because those are fitted after it. The next rounds correct this.
 */
const rounds = 3;

/** The level whose strata are the combinations of kind and source. */
const ofSource = levels.find(({ name }) => name === 'source')!;

/** The members of each stratum of a level, by the stratum's key. */
type Groups = ReadonlyMap<string, readonly Fitting[]>;

/**
 * Fits one level: first undoes the shifts of its fit in the round before (`earlier`), then computes new shifts and applies them
 * to the estimates of the cells.
 */
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

/** Adds `shift` to the log odds of the members, or to the logarithm of their decay, depending on the level. */
function move(members: readonly Fitting[], { of }: Level, shift: number): void {
  if (shift === 0) return;
  for (const member of members)
    if (of === 'decay') member.decay *= Math.exp(shift);
    else member.logOdds += shift;
}

/** What the outcomes of a stratum say about its shift (see `StratumBelief`). */
interface Findings {
  /**
   * Observed minus expected bounces, as far as they are due to the cause that the level adjusts (`Level.of`): bad addresses or
   * mailboxes that died.
   */
  readonly excess: number;
  /** The Fisher information about the shift. If all weights are 1, it is also the variance that `excess` has by pure chance. */
  readonly information: number;
  /** The mean probability that an address was always bad, whatever its age. */
  readonly fresh: number;
  /** The weighted number of outcomes. */
  readonly outcomes: number;
}

/**
 * Compares the outcomes of a stratum with their current estimates. A bounce of an old address has two possible causes: the
 * address was always bad (with the probability `odds`), or its mailbox died. `p` is the probability of a bounce from either
 * cause, and `blame` is the share of it that is due to the cause that the level adjusts. For an old address, part of the blame
 * falls on the death of its mailbox, so its outcome says less about bad addresses than that of a fresh one.
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
 * Sets the weights of all cells so one source has only a limited influence on a stratum that contains several sources. Sources
 * differ (`betweenSources` is the standard deviation), so even a million outcomes of one source say little about the others. If
 * `betweenSources` is null, every stratum of the level has only one source, so all outcomes count fully.
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
 * Computes what is believed about a stratum after its outcomes. Before them, its shift is believed to be 0, with the standard
 * deviation `spread`. This prior counts like `pseudo` earlier outcomes. For odds, the belief is a beta distribution of the
 * share of bad addresses. For decay, it is a gamma distribution of the number of mailboxes that died.
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

/** The spreads that `fittedSpread` tries: 0.03 (strata hardly differ) to 2 (their odds differ by a factor of e^2 = 7). */
const spreadsTried = Array.from({ length: 24 }, (_, index) => 0.03 * 1.2 ** index);

/**
 * How far a fitted spread tends to be from the level's usual spread: the standard deviation of the logarithm of their ratio.
 * One standard deviation is a factor of e^0.7 = 2.
 */
const spreadDeviation = 0.7;

/** Minimum `information` of a stratum that is used to fit the spread. Strata with less say nearly nothing about it. */
const leastInformation = 0.5;

/**
 * Estimates how much the strata of a level differ. Returns the spread from `spreadsTried` that makes the observed `excess` of
 * the strata most likely. Spreads near `usual` are preferred.
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

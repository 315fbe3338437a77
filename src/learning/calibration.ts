// Compares the predicted bounce probabilities with what happened later. Scores the predictions of the learned model
// and, for comparison, those of the prior: the probability that each kind of verdict has before anything is learned.

import { dayMs } from '../durations.ts';
import { type Drift, driftOf } from './drift.ts';
import type { CalibrationSums, LearningRepository, ProofOutcomes } from './learning-repository.ts';

/** How far predicted probabilities are from the outcomes. In every score 0 is perfect, and less is better. */
export interface Score {
  /**
   * The Brier score, from 0 to 1: the mean of the squared difference between the probability and the outcome (1 for a
   * bounce, 0 for a delivery).
   */
  readonly brier: number;
  /**
   * The log loss in nats: the mean over all outcomes of −ln p, where p is the probability that was predicted for what
   * then happened (a bounce or a delivery).
   */
  readonly logLoss: number;
  /**
   * The expected calibration error: the mean over all outcomes of the distance between the predicted and the observed
   * rate of their bin.
   */
  readonly ece: number;
  /** The mean predicted probability of a bounce. */
  readonly mean: number;
  /** The bins that have outcomes, in ascending order of probability. */
  readonly bins: readonly Bin[];
}

/** The outcomes whose predicted probability is between `from` and `to`. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly outcomes: number;
  /** The mean predicted probability of a bounce. */
  readonly predicted: number;
  /** The share of the outcomes that are bounces. */
  readonly observed: number;
}

export interface Scored {
  readonly outcomes: number;
  readonly bounces: number;
  /** The share of the outcomes that are bounces. */
  readonly observed: number;
  /** The score of the learned model; null if there are no outcomes. `prior` is the score of the prior alone. */
  readonly predicted: Score | null;
  readonly prior: Score | null;
}

export interface ScoredGroup extends Scored {
  /**
   * The name of the source or the provider that all these outcomes share. Null: their source is unknown, or their
   * provider is none of the known ones.
   */
  readonly name: string | null;
}

export interface Calibration {
  readonly total: Scored;
  /**
   * The outcomes by mailbox provider, and by acquisition source. Each list has at most a thousand groups and begins
   * with those that have the most outcomes.
   */
  readonly providers: readonly ScoredGroup[];
  readonly sources: readonly ScoredGroup[];
  /** The outcomes by what was known about the mailbox (`ProvenAs`), the most outcomes first. Null: nothing was known. */
  readonly proofs: readonly ScoredGroup[];
  /** How often mail bounced after mail hosts were asked about the mailboxes, by what they answered. */
  readonly answers: readonly ProofOutcomes[];
  /** The groups in which predictions and outcomes differ by more than chance explains. */
  readonly drifts: readonly Drift[];
}

const binsOfUnit = 20;
const mostGroups = 1000;

/** Scores the predictions whose outcomes happened from `from` to `to` (epoch milliseconds). Both days count in full. */
export async function readCalibration(
  repository: Pick<LearningRepository, 'calibration' | 'proofOutcomes'>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Calibration> {
  const days = [Math.floor(from / dayMs), Math.floor(to / dayMs)] as const;
  const [rows, answers] = await Promise.all([
    repository.calibration(...days),
    repository.proofOutcomes(...days),
  ]);
  const providers = groupsBy(rows, ({ provider }) => (provider === 'other' ? null : provider));
  const sources = groupsBy(rows, ({ source }) => (source === '' ? null : source));
  const proofs = groupsBy(rows, ({ proof }) => (proof === 'none' ? null : proof));
  return {
    total: scored(rows),
    proofs,
    answers,
    providers: providers.slice(0, mostGroups),
    sources: sources.slice(0, mostGroups),
    drifts: [
      ...sources.flatMap((group) => driftIn('source', group)),
      ...providers.flatMap((group) => driftIn('provider', group)),
    ],
  };
}

function driftIn(of: Drift['of'], group: ScoredGroup): Drift[] {
  if (group.predicted === null) return [];
  const drift = driftOf(of, { ...group, predicted: group.predicted.mean });
  return drift === null ? [] : [drift];
}

const groupsBy = (
  rows: readonly CalibrationSums[],
  nameOf: (row: CalibrationSums) => string | null,
): ScoredGroup[] =>
  [...Map.groupBy(rows, nameOf)]
    .map(([name, members]) => ({ name, ...scored(members) }))
    .sort((a, b) => b.outcomes - a.outcomes);

function scored(rows: readonly CalibrationSums[]): Scored {
  const outcomes = sum(rows, 'outcomes');
  const bounces = sum(rows, 'bounces');
  if (outcomes === 0) return { outcomes, bounces, observed: 0, predicted: null, prior: null };
  const score = (of: 'p' | 'q'): Score => {
    const bins = binsBy(rows, of);
    return {
      brier: (sum(rows, `${of}_square`) - 2 * sum(rows, `${of}_bounced`) + bounces) / outcomes,
      logLoss: sum(rows, `${of}_log_loss`) / outcomes,
      ece:
        bins.reduce((all, bin) => all + bin.outcomes * Math.abs(bin.predicted - bin.observed), 0) / outcomes,
      mean: sum(rows, of) / outcomes,
      bins,
    };
  };
  return { outcomes, bounces, observed: bounces / outcomes, predicted: score('p'), prior: score('q') };
}

function binsBy(rows: readonly CalibrationSums[], of: 'p' | 'q'): Bin[] {
  return [...Map.groupBy(rows, (row) => row[`${of}_bin`])]
    .sort(([a], [b]) => a - b)
    .map(([bin, members]) => {
      const outcomes = sum(members, 'outcomes');
      return {
        from: bin / binsOfUnit,
        to: (bin + 1) / binsOfUnit,
        outcomes,
        predicted: sum(members, of) / outcomes,
        observed: sum(members, 'bounces') / outcomes,
      };
    });
}

const sum = (
  rows: readonly CalibrationSums[],
  name: Exclude<keyof CalibrationSums, 'provider' | 'source' | 'proof'>,
): number => rows.reduce((total, row) => total + row[name], 0);

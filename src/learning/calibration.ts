// How well predictions match the outcomes that followed, compared with the prior alone.

import { type Drift, driftOf } from './drift.ts';
import type { CalibrationSums, LearningRepository } from './learning-repository.ts';

/** Scores of predictions against outcomes. 0 is perfect; less is better. */
export interface Score {
  /** The Brier score: the mean squared error, 0 to 1. */
  readonly brier: number;
  /** The log loss: the mean of −ln of the probability of the outcome, in nats. */
  readonly logLoss: number;
  /** The expected calibration error: the mean distance between predicted and observed rates over the bins. */
  readonly ece: number;
  /** The mean predicted probability. */
  readonly mean: number;
  /** The bins that have outcomes, in ascending order. */
  readonly bins: readonly Bin[];
}

/** Predictions with about the same probability. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly outcomes: number;
  /** The mean predicted probability. */
  readonly predicted: number;
  /** The share that bounced. */
  readonly observed: number;
}

export interface Scored {
  readonly outcomes: number;
  readonly bounces: number;
  /** The share that bounced. */
  readonly observed: number;
  /** The score of the predictions; null without outcomes. */
  readonly predicted: Score | null;
  readonly prior: Score | null;
}

export interface ScoredGroup extends Scored {
  /** The name of the source or provider. Null: outcomes without one. */
  readonly name: string | null;
}

export interface Calibration {
  readonly total: Scored;
  /** Groups with the most outcomes first, at most a thousand. */
  readonly providers: readonly ScoredGroup[];
  readonly sources: readonly ScoredGroup[];
  /** Groups whose predictions and outcomes differ by more than chance explains. */
  readonly drifts: readonly Drift[];
}

const dayMs = 86_400_000;
const binsOfUnit = 20;
const mostGroups = 1000;

/** The outcomes from `from` to `to` (epoch milliseconds), both days included. */
export async function readCalibration(
  repository: Pick<LearningRepository, 'calibration'>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Calibration> {
  const rows = await repository.calibration(Math.floor(from / dayMs), Math.floor(to / dayMs));
  const providers = groupsBy(rows, ({ provider }) => (provider === 'other' ? null : provider));
  const sources = groupsBy(rows, ({ source }) => (source === '' ? null : source));
  return {
    total: scored(rows),
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
  name: Exclude<keyof CalibrationSums, 'provider' | 'source'>,
): number => rows.reduce((total, row) => total + row[name], 0);

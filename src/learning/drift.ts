// Where predictions and outcomes differ by more than chance explains.

import { betaQuantile } from '../verdict/beta.ts';

export interface Drift {
  readonly of: 'source' | 'provider';
  /** Null: outcomes without a source or provider. */
  readonly name: string | null;
  readonly outcomes: number;
  /** The observed and the predicted share of bounces. */
  readonly observed: number;
  readonly predicted: number;
  readonly direction: 'worse' | 'better';
  /** One English sentence for display. */
  readonly message: string;
}

/** Outcomes with the same source or provider, and their mean predicted probability. */
export interface Compared {
  readonly name: string | null;
  readonly outcomes: number;
  readonly bounces: number;
  readonly predicted: number;
}

/** Minimum outcomes of a group. Fewer outcomes prove nothing. */
const leastOutcomes = 50;

/**
 * The probability of a false alarm if predictions are right. The predicted rate must be outside the Clopper–Pearson bound
 * of the observed rate at this level.
 */
const falseAlarms = 0.001;

/** Minimum difference between the two rates: one percentage point, and the larger rate is 1.5 times the smaller one. */
const least = { difference: 0.01, factor: 1.5 };

/** The drift of a group, or null if chance explains it or it is too small to act on. */
export function driftOf(of: Drift['of'], { name, outcomes, bounces, predicted }: Compared): Drift | null {
  const observed = bounces / outcomes;
  if (outcomes < leastOutcomes || Math.abs(observed - predicted) < least.difference) return null;
  const isWorse = observed > predicted;
  const [small, large] = isWorse ? [predicted, observed] : [observed, predicted];
  if (large < small * least.factor) return null;
  const isChance = isWorse
    ? bounces === 0 || predicted >= betaQuantile({ a: bounces, b: outcomes - bounces + 1 }, falseAlarms)
    : bounces === outcomes ||
      predicted <= betaQuantile({ a: bounces + 1, b: outcomes - bounces }, 1 - falseAlarms);
  if (isChance) return null;
  const whose =
    name === null ? `Addresses without a known ${of}` : `${of === 'source' ? 'Source' : 'Provider'} ${name}`;
  return {
    of,
    name,
    outcomes,
    observed,
    predicted,
    direction: isWorse ? 'worse' : 'better',
    message: `${whose}: ${percent(observed)} bounced, ${percent(predicted)} predicted.`,
  };
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))}%`;

// Finds drifts: sources or providers whose bounce rate differs from the prediction by more than chance explains.

import { roughPercent } from '../number-text.ts';
import { betaQuantile } from '../verdict/beta.ts';

export interface Drift {
  readonly of: 'source' | 'provider';
  /** The name of the source or the provider. Null: the outcomes for which it is unknown. */
  readonly name: string | null;
  readonly outcomes: number;
  /** The observed and the predicted share of bounces, from 0 to 1. */
  readonly observed: number;
  readonly predicted: number;
  readonly direction: 'worse' | 'better';
  /** One English sentence about the drift, for display. */
  readonly message: string;
}

/** The outcomes of one source or provider. `predicted` is their mean predicted probability of a bounce. */
export interface Compared {
  readonly name: string | null;
  readonly outcomes: number;
  readonly bounces: number;
  readonly predicted: number;
}

/** Minimum number of outcomes for a drift. With fewer, a difference proves nothing. */
const leastOutcomes = 50;

/**
 * The probability of a false alarm for a group whose predictions are right. It is the level of the Clopper–Pearson
 * bound of the observed rate: a drift needs a predicted rate beyond that bound.
 */
const falseAlarms = 0.001;

/**
 * Minimum difference for a drift: one percentage point between the two rates, and the larger rate is at least 1.5
 * times the smaller one.
 */
const least = { difference: 0.01, factor: 1.5 };

/** Returns the drift of a group. Null if chance can explain the difference, or if it is too small to act on. */
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
    message: `${whose}: ${roughPercent(observed)} of the addresses bounced, but presend predicted ${roughPercent(predicted)}.`,
  };
}

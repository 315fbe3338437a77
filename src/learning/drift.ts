// Where predictions and bounces have come apart by more than chance explains.

import { betaQuantile } from '../verdict/beta.ts';

export interface Drift {
  readonly of: 'source' | 'provider';
  /** Null: those of which it was not told. */
  readonly name: string | null;
  readonly outcomes: number;
  /** The share that bounced, and the share that was predicted. */
  readonly observed: number;
  readonly predicted: number;
  readonly direction: 'worse' | 'better';
  /** One English sentence for a person. */
  readonly message: string;
}

/** Outcomes that have a source or a provider in common, and the chance that they were told on average. */
export interface Compared {
  readonly name: string | null;
  readonly outcomes: number;
  readonly bounces: number;
  readonly predicted: number;
}

/** Fewer outcomes are an anecdote. */
const leastOutcomes = 50;

/**
 * One alarm in a thousand is false where predictions are right, so that a page of some dozen groups seldom cries wolf.
 * The true rate lies beyond the Clopper–Pearson bound of this chance.
 */
const falseAlarms = 0.001;

/** Less than this is of no consequence, however sure: a point of percentage, and half as much again. */
const least = { difference: 0.01, factor: 1.5 };

/** The drift of a group, or null where chance explains it or nobody would act on it. */
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

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;

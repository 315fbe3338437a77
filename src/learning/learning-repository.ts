// The port to the database for predictions, their outcomes, and what was learned from them.

import type { OutcomeStratum } from '../verdict/probability-model.ts';
import type { Drift } from './drift.ts';

/**
 * The prediction in a verdict, stored until its outcome is known: the predicted probability, and the features from
 * which it was predicted.
 */
export interface StoredPrediction {
  readonly addressHash: string;
  /** When the verdict was given, in epoch milliseconds. */
  readonly at: number;
  readonly kind: string;
  readonly provider: string;
  readonly segment: string;
  readonly age: string;
  /** The acquisition source; empty if unknown. */
  readonly source: string;
  /** What was known about the mailbox (`ProvenAs`), and the keyed hash of a catch-all domain; empty for others. */
  readonly proof: string;
  readonly domain: string;
  /** The predicted probability of a bounce. `prior` is the probability that the prior alone gives. */
  readonly probability: number;
  readonly prior: number;
}

/**
 * Sums over all outcomes with the same provider, source, proof, `p_bin` and `q_bin`. Each outcome has a predicted probability of a
 * bounce and the probability that the prior alone gives; `p_bin` and `q_bin` are their bins (see calibration.ts). The field
 * `p` is the sum of the predicted probabilities, `p_square` of their squares, `p_bounced` of those of the bounces only, and
 * `p_log_loss` of their log losses. The fields that begin with `q` are the same sums for the prior.
 */
export interface CalibrationSums {
  readonly provider: string;
  readonly source: string;
  readonly proof: string;
  readonly p_bin: number;
  readonly q_bin: number;
  readonly outcomes: number;
  readonly bounces: number;
  readonly p: number;
  readonly q: number;
  readonly p_square: number;
  readonly q_square: number;
  readonly p_bounced: number;
  readonly q_bounced: number;
  readonly p_log_loss: number;
  readonly q_log_loss: number;
}

/** What became of the first mail to mailboxes within the lifetime of the answer of their mail host. */
export interface ProofOutcomes {
  /** What the host's answers proved: `exists`, `unknown_user`, `disabled`, `full` or `catch_all`. */
  readonly told: string;
  /** Number of mailboxes that were mailed: the mail was delivered or hard-bounced. */
  readonly mailed: number;
  /** Number of them to which the mail hard-bounced, also within a week after it was delivered. */
  readonly bounced: number;
}

/** The port that each storage engine implements. It sees only the data of one workspace. */
export interface LearningRepository {
  /** Stores predictions. If an address already has a prediction, the new one replaces it and its outcome. */
  savePredictions(keyId: string, predictions: readonly StoredPrediction[]): Promise<void>;
  /**
   * A stratum is the sum of all outcomes whose addresses have the same features. Returns the strata with the most
   * outcomes, at most `limit`. Their counts are weighted by `weightAt`.
   */
  strata(limit: number): Promise<OutcomeStratum[]>;
  /**
   * Returns the sums of the outcomes from `fromDay` to `toDay`. The days count from 1970-01-01, and both are
   * included.
   */
  calibration(fromDay: number, toDay: number): Promise<CalibrationSums[]>;
  /** Returns how often mail bounced after mail hosts were asked, by what their answers proved. The days are as in `calibration`. */
  proofOutcomes(fromDay: number, toDay: number): Promise<ProofOutcomes[]>;
  /**
   * Deletes old data: predictions made before `predictionsBefore` (epoch milliseconds), calibration sums and proof outcomes of the
   * days before `calibrationBeforeDay` (days since 1970-01-01), and strata whose weighted outcomes are fewer than
   * `leastOutcomes`.
   */
  forget(limits: {
    readonly predictionsBefore: number;
    readonly calibrationBeforeDay: number;
    readonly leastOutcomes: number;
  }): Promise<void>;
  /**
   * Claims the right to report a drift, so only one process reports it. Returns false if the drift was claimed
   * at or after `reportedSince`. Times are epoch milliseconds.
   */
  claimDrift(drift: Drift, at: number, reportedSince: number): Promise<boolean>;
  /** Gives the claim of `claimDrift` back, because the report could not be delivered. */
  releaseDrift(drift: Drift): Promise<void>;
}

// The port for predictions, outcomes and what was learned from them.

import type { OutcomeStratum } from '../verdict/probability-model.ts';
import type { Drift } from './drift.ts';

/** The features of a verdict whose outcome is awaited. */
export interface StoredPrediction {
  readonly addressHash: string;
  /** Epoch milliseconds of the verdict. */
  readonly at: number;
  readonly kind: string;
  readonly provider: string;
  readonly segment: string;
  readonly age: string;
  /** Empty if unknown. */
  readonly source: string;
  /** The predicted bounce probability, and the one from the prior alone. */
  readonly probability: number;
  readonly prior: number;
}

/** Sums over outcomes with the same provider, source and bins. p is the predicted probability, q the one from the prior alone. */
export interface CalibrationSums {
  readonly provider: string;
  readonly source: string;
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

/** The port of a storage engine. Everything belongs to one workspace. */
export interface LearningRepository {
  /** Stores predictions. Each replaces an older one of the same address, together with its outcome. */
  savePredictions(keyId: string, predictions: readonly StoredPrediction[]): Promise<void>;
  /** Returns the strata with the most outcomes, weighted by `weightAt`. */
  strata(limit: number): Promise<OutcomeStratum[]>;
  /** Returns the sums of the outcomes from `fromDay` to `toDay`, both included, as days since 1970. */
  calibration(fromDay: number, toDay: number): Promise<CalibrationSums[]>;
  /** Deletes predictions from before a time in epoch milliseconds, sums from before a day, and strata of less weight. */
  forget(limits: {
    readonly predictionsBefore: number;
    readonly calibrationBeforeDay: number;
    readonly leastOutcomes: number;
  }): Promise<void>;
  /** Claims the report of a drift. Returns false if it was reported since `reportedSince`. Times are epoch milliseconds. */
  claimDrift(drift: Drift, at: number, reportedSince: number): Promise<boolean>;
  /** Gives a claim back, because the report did not arrive. */
  releaseDrift(drift: Drift): Promise<void>;
}

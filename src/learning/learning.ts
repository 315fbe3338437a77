// Learns bounce probabilities from outcomes. Keeps the learned model in memory, so verdicts need not wait for
// it, and stores the predictions from which it learns.

import { dayMs } from '../durations.ts';
import type { EventOutcomes } from '../events/event-repository.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import type { Prediction } from '../verdict/judgement.ts';
import type { Learned } from '../verdict/probability.ts';
import { learn, type OutcomeStratum, weightAt } from '../verdict/probability-model.ts';
import { type Calibration, readCalibration } from './calibration.ts';
import { type ReportDrift, reportDrifts } from './drift-alarms.ts';
import type { LearningRepository } from './learning-repository.ts';
import { type OutcomeEvent, outcomesOf } from './outcomes.ts';
import { createPredictions } from './predictions.ts';

export interface Learning {
  /** Returns the current model. Only the first call waits for the database. Never rejects. */
  learned(): Learned | Promise<Learned>;
  keep(given: readonly Prediction[]): void;
  /** Returns the outcomes that delivery events report. Store them in the same transaction as the events. */
  outcomesOf(events: readonly OutcomeEvent[]): EventOutcomes;
  /**
   * Does what is due: stores some of the queued predictions, reloads the model, and runs `maintain`. Call it often.
   * Never rejects.
   */
  tend(): Promise<void>;
  /** Stores all queued predictions. Never rejects. */
  storeAll(): Promise<void>;
  /** Deletes expired data and reports drifts. In a long-lived process `tend` calls it once an hour. Never rejects. */
  maintain(): Promise<void>;
  /** Reloads the model now. Never rejects. */
  refresh(): Promise<void>;
  /**
   * Scores the predictions whose outcomes happened from `from` to `to` (epoch milliseconds). Both days count in full.
   */
  calibration(period: { readonly from: number; readonly to: number }): Promise<Calibration>;
}

export interface LearningOptions {
  readonly repository: LearningRepository;
  readonly hasher: AddressHasher;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Number of days for which the features of a verdict are kept while its outcome is awaited. */
  readonly retentionDays: number;
  /**
   * Called for each source or provider whose bounce rate differs from the prediction. If absent, drifts are not
   * computed.
   */
  readonly tellDrift?: ReportDrift;
  /** Called when storage fails. The model in memory stays in use. Predictions that were being stored are lost. */
  readonly onFailure: (error: unknown) => void;
}

/** Milliseconds between two reloads of the model. */
const refreshMs = 30_000;

const maintainMs = 3_600_000;

/** Drifts are computed from the outcomes of this many days. */
const driftDays = 7;

/**
 * Days for which calibration sums are kept: one year, and a month more, so a full year can still be read some
 * weeks later.
 */
const calibrationDays = 400;

/**
 * Number of predictions that one `tend` stores. A list produces tens of thousands of predictions per second, and
 * storing them all at once would block other requests: one insert into a table of millions of rows takes SQLite about
 * 40 µs, because the keys are random.
 */
const storedAtOnce = 2500;

/**
 * Strata (groups of outcomes with the same features, see `learn`) are deleted if their outcomes weigh less than this in
 * total. An outcome that happens now weighs 1; older outcomes weigh less.
 */
const leastOutcomes = 0.05;

/**
 * Maximum number of strata in the model, because fitting this many takes about ten milliseconds. If there are more, the
 * model uses those with the most outcomes.
 */
const strataAtMost = 5000;

export function createLearning(options: LearningOptions): Learning {
  const { repository, hasher, now, retentionDays, tellDrift, onFailure } = options;
  const predictions = createPredictions({ repository, hasher, onFailure });
  let held: Learned | null = null;
  /**
   * The sum of the counts of all strata when they were last read. If it has not changed, there is nothing new to
   * learn.
   */
  let seenBefore = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let maintainedAt = now();

  async function read(): Promise<Learned> {
    readAt = now();
    try {
      const scale = weightAt(readAt);
      const rows = (await repository.strata(strataAtMost)) as OutcomeStratum[];
      const seen = rows.reduce((sum, { outcomes, bounces }) => sum + outcomes + bounces, 0);
      if (held !== null && seen === seenBefore) return held;
      seenBefore = seen;
      held = learn(
        rows.map(({ outcomes, bounces, expected, ...features }) => ({
          ...features,
          outcomes: outcomes / scale,
          bounces: bounces / scale,
          expected: expected / scale,
        })),
      );
    } catch (error) {
      onFailure(error);
    }
    held ??= learn([]);
    return held;
  }

  async function maintain(): Promise<void> {
    maintainedAt = now();
    try {
      await forget(maintainedAt);
      if (tellDrift === undefined) return;
      const period = { from: maintainedAt - driftDays * dayMs, to: maintainedAt };
      await reportDrifts(
        repository,
        (await readCalibration(repository, period)).drifts,
        tellDrift,
        maintainedAt,
      );
    } catch (error) {
      onFailure(error);
    }
  }

  async function forget(at: number): Promise<void> {
    await repository.forget({
      predictionsBefore: at - retentionDays * dayMs,
      calibrationBeforeDay: Math.floor(at / dayMs) - calibrationDays,
      leastOutcomes: leastOutcomes * weightAt(at),
    });
  }

  return {
    learned: () => held ?? read(),
    keep: predictions.keep,
    outcomesOf: (events) => outcomesOf(events, now()),
    async tend() {
      await predictions.flush(storedAtOnce);
      if (now() - readAt >= refreshMs) await read();
      if (now() - maintainedAt >= maintainMs) await maintain();
    },
    storeAll: () => predictions.flush(),
    maintain,
    async refresh() {
      await read();
    },
    calibration: (period) => readCalibration(repository, period),
  };
}

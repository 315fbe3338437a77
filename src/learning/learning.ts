// Keeps the learned model in memory, so verdicts need not wait for it, and stores the predictions to learn from.

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
  /** The current model. Waits for the database only the first time, and never rejects. */
  learned(): Learned | Promise<Learned>;
  keep(given: readonly Prediction[]): void;
  /** Returns the outcomes in events. Store them in the transaction that stores the events. */
  outcomesOf(events: readonly OutcomeEvent[]): EventOutcomes;
  /** Stores some waiting predictions, reloads the model, and deletes expired data, each when due. Never rejects. */
  tend(): Promise<void>;
  /** Stores all waiting predictions. Never rejects. */
  storeAll(): Promise<void>;
  /** Deletes expired data and reports drifts. `tend` calls it once an hour in a long-lived process. Never rejects. */
  maintain(): Promise<void>;
  /** Reloads the model. Never rejects. */
  refresh(): Promise<void>;
  /** Outcomes from `from` to `to` (epoch milliseconds), both days included. */
  calibration(period: { readonly from: number; readonly to: number }): Promise<Calibration>;
}

export interface LearningOptions {
  readonly repository: LearningRepository;
  readonly hasher: AddressHasher;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Days that the features of a verdict are kept. */
  readonly retentionDays: number;
  /** Called for each source or provider whose bounce rate differs from the prediction. */
  readonly tellDrift?: ReportDrift;
  /** Called when storage failed. The loaded model stays in use; waiting predictions are lost. */
  readonly onFailure: (error: unknown) => void;
}

const dayMs = 86_400_000;

/** Milliseconds between two reloads of the model. */
const refreshMs = 30_000;

const maintainMs = 3_600_000;

/** Drifts are computed from the outcomes of the last week. */
const driftDays = 7;

/** Days that calibration sums are kept: a year, and a month to look back from its end. */
const calibrationDays = 400;

/**
 * Predictions stored per run. In a table of millions one insert takes SQLite about 40 µs because keys are random; a
 * list produces tens of thousands per second, which must not block other requests.
 */
const storedAtOnce = 2500;

/** A stratum with less weight than this many outcomes is deleted. */
const leastOutcomes = 0.05;

/** Maximum strata of the model: fitting so many takes about ten milliseconds. The strata with the most outcomes are used. */
const strataAtMost = 5000;

export function createLearning(options: LearningOptions): Learning {
  const { repository, hasher, now, retentionDays, tellDrift, onFailure } = options;
  const predictions = createPredictions({ repository, hasher, onFailure });
  let held: Learned | null = null;
  /** The sum of all outcomes at the last read. If it is unchanged, there are no new outcomes to learn from. */
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

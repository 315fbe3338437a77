// What was learned, held in memory for the hot path, and the keeping of what there is to learn from.

import type { Database } from '../storage/database.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import type { GivenJudgement } from '../verdict/judgement.ts';
import type { Learned } from '../verdict/probability.ts';
import { type Cell, learn, weightAt } from '../verdict/probability-model.ts';
import { type Calibration, readCalibration } from './calibration.ts';
import { type TellDrift, tellDrifts } from './drift-alarms.ts';
import { outcomeStatements, type ToldEvent } from './outcomes.ts';
import { createPredictions } from './predictions.ts';

export interface Learning {
  /** What was learned so far. Waits for the database only the first time, and never rejects. */
  learned(): Learned | Promise<Learned>;
  keep(given: readonly GivenJudgement[]): void;
  /** The statements by which events become outcomes, for the batch that stores the events. */
  outcomesOf(told: readonly ToldEvent[]): ReturnType<typeof outcomeStatements>;
  /** Stores some of what is waiting, reads anew what was learned, and forgets what is old, each when it is time. Never rejects. */
  tend(): Promise<void>;
  /** Stores all that is waiting. Never rejects. */
  storeAll(): Promise<void>;
  /** Forgets what is old and tells of drifts. `tend` does it once an hour where a process lives so long. Never rejects. */
  maintain(): Promise<void>;
  /** Reads anew what was learned. Never rejects. */
  refresh(): Promise<void>;
  /** Outcomes from `from` to `to` (epoch milliseconds), both days included. */
  calibration(period: { readonly from: number; readonly to: number }): Promise<Calibration>;
}

export interface LearningOptions {
  readonly database: Database;
  readonly hasher: AddressHasher;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Days that a verdict's features are kept. */
  readonly retentionDays: number;
  /** Told of a source or provider that bounces otherwise than was predicted. */
  readonly tellDrift?: TellDrift;
  /** Told when storage failed. What is held goes on counting; what was waiting is lost. */
  readonly onFailure: (error: unknown) => void;
}

const dayMs = 86_400_000;

/** What was learned is read anew after so long. */
const refreshMs = 30_000;

const maintainMs = 3_600_000;

/** Drifts are told of by the outcomes of the last week. */
const driftDays = 7;

/** Days that the sums of the calibration are kept: a year, and a month to look back from its end. */
const calibrationDays = 400;

/**
 * Verdicts that are stored each time. In a table of millions one takes SQLite some 40 microseconds, since their keys are random;
 * a list brings tens of thousands a second, which must not keep everybody else waiting.
 */
const storedAtOnce = 2500;

/** A stratum that weighs less than this many outcomes is forgotten. */
const leastOutcomes = 0.05;

/** Cells that are held in memory: as many as are worked through within some ten milliseconds. Those with the most outcomes stay. */
const cellsAtMost = 5000;

const select = `
  SELECT kind, provider, segment, age, source, outcomes, bounces, expected FROM strata
  ORDER BY outcomes DESC LIMIT ${cellsAtMost}`;

export function createLearning(options: LearningOptions): Learning {
  const { database, hasher, now, retentionDays, tellDrift, onFailure } = options;
  const predictions = createPredictions({ database, hasher, onFailure });
  let held: Learned | null = null;
  /** The sum of all that was read, which every outcome changes. */
  let seenBefore = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let maintainedAt = now();

  async function read(): Promise<Learned> {
    readAt = now();
    try {
      const scale = weightAt(readAt);
      const rows = await database.all<Cell>(select);
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
      await tellDrifts(database, (await readCalibration(database, period)).drifts, tellDrift, maintainedAt);
    } catch (error) {
      onFailure(error);
    }
  }

  async function forget(at: number): Promise<void> {
    await database.batch([
      { sql: 'DELETE FROM predictions WHERE at < ?', params: [at - retentionDays * dayMs] },
      {
        sql: "DELETE FROM calibration WHERE workspace = 'default' AND day < ?",
        params: [Math.floor(at / dayMs) - calibrationDays],
      },
      { sql: 'DELETE FROM strata WHERE outcomes < ?', params: [leastOutcomes * weightAt(at)] },
    ]);
  }

  return {
    learned: () => held ?? read(),
    keep: predictions.keep,
    outcomesOf: (told) => outcomeStatements(told, hasher, now()),
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
    calibration: (period) => readCalibration(database, period),
  };
}

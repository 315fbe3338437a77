// Small worlds whose truth is known, through the HTTP API. `npm run bench -- simulate` does the same at full size.

import { expect, onTestFinished, test } from 'vitest';
import { coveredForecasts } from '../../bench/simulate/forecasts.ts';
import { newcomer, poisoned } from '../../bench/simulate/guards.ts';
import { randomFrom } from '../../bench/simulate/random.ts';
import { days, scoresOf } from '../../bench/simulate/run.ts';
import { startService } from '../../bench/simulate/service.ts';
import { createWorld, truthUnlikePriors } from '../../bench/simulate/world.ts';
import { priorOf } from '../../bench/simulate.ts';

test('priors that are wrong are put right, the report says so, and forecasts hold', {
  timeout: 60_000,
}, async () => {
  const world = createWorld(3, truthUnlikePriors);
  const service = await startService(world.zone);
  onTestFinished(() => service.close());
  const random = randomFrom(4);
  const seen = await days({ world, service, random }, { count: 25, lists: 3, rows: 80 });
  const { brier, ece, coverage, outcomes } = scoresOf(seen, priorOf);
  expect(outcomes).toBeGreaterThan(5000);
  expect(brier.told / brier.truth).toBeLessThan(1.08);
  expect(brier.told / brier.prior).toBeLessThan(0.85);
  expect(ece).toBeLessThan(0.025);
  expect(coverage).toBeGreaterThan(0.75);

  const report = await service.calibration();
  expect(report.outcomes).toBe(outcomes);
  expect(report.predicted.brier).toBeCloseTo(brier.told, 6);
  expect(report.prior.brier).toBeCloseTo(brier.prior, 6);
  expect(report.predicted.ece).toBeCloseTo(ece, 6);

  const covered = await coveredForecasts({ world, service, random }, { lists: 20, rows: 500 });
  expect(covered).toBeGreaterThanOrEqual(14);
});

test('a few outcomes of a new source change little', async () => {
  const { before, after } = await newcomer();
  expect(after).toBeGreaterThan(before);
  expect(after).toBeLessThan(3 * before);
});

test('forged events change nothing, and one source moves another by less than was unsure of it', async () => {
  const { before, after, forged } = await poisoned(3000);
  expect(forged).toBe(true);
  expect(after).toBeGreaterThan(before.low);
  expect(after).toBeLessThan(before.high);
});

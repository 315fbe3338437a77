// When predictions and bounces have come apart, and when chance explains it.

import { expect, test } from 'vitest';
import { driftOf } from '../../src/learning/drift.ts';

test.each([
  ['7 % of 200 where 2 % were predicted', 200, 14, 0.02, 'worse'],
  ['1 % of 1,000 where 5 % were predicted', 1000, 10, 0.05, 'better'],
  ['all of 50', 50, 50, 0.5, 'worse'],
  ['none of 500 where 5 % were predicted', 500, 0, 0.05, 'better'],
  ['as predicted', 1000, 20, 0.02, null],
  ['three more than predicted of 100', 100, 5, 0.02, null],
  ['twice as many, but half a point', 100_000, 1000, 0.005, null],
  ['two points, but a tenth as much again', 10_000, 2200, 0.2, null],
  ['too few to tell', 49, 49, 0.02, null],
])('%s', (_, outcomes, bounces, predicted, direction) => {
  expect(driftOf('source', { name: 'fair', outcomes, bounces, predicted })?.direction ?? null).toBe(
    direction,
  );
});

test('where predictions are right, hardly a group in a thousand is told of', () => {
  // By the binomial distribution: the chance of so many bounces that an alarm is raised.
  for (const [outcomes, predicted] of [
    [100, 0.02],
    [1000, 0.02],
    [300, 0.3],
  ] as const) {
    let chance = (1 - predicted) ** outcomes;
    let alarms = 0;
    for (let bounces = 0; bounces <= outcomes; bounces++) {
      if (driftOf('source', { name: 'fair', outcomes, bounces, predicted }) !== null) alarms += chance;
      chance *= ((outcomes - bounces) / (bounces + 1)) * (predicted / (1 - predicted));
    }
    expect(alarms).toBeLessThan(0.002);
  }
});

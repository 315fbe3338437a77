// The learned model in memory: when it is read, kept and replaced, over a repository that counts the questions.

import { beforeEach, describe, expect, test } from 'vitest';
import { createLearning } from '../../src/learning/learning.ts';
import type { LearningRepository } from '../../src/learning/learning-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { type OutcomeStratum, weightAt } from '../../src/verdict/probability-model.ts';

const noon = Date.UTC(2026, 10, 20, 12);

const stratum = (outcomes: number, bounces: number): OutcomeStratum => ({
  kind: 'no_known_obstacle none',
  provider: 'other',
  segment: 'business',
  age: 'unknown',
  source: 'shop',
  proof: 'none',
  domain: '',
  outcomes: outcomes * weightAt(noon),
  bounces: bounces * weightAt(noon),
  expected: outcomes * 0.01 * weightAt(noon),
});

let now: number;
let rows: OutcomeStratum[];
let broken: boolean;
let asked: string[];
let failures: unknown[];

const answer = async <Value>(question: string, value: () => Value): Promise<Value> => {
  asked.push(question);
  if (broken) throw new Error('disk error');
  return value();
};

const repository: LearningRepository = {
  savePredictions: () => answer('savePredictions', () => undefined),
  strata: () => answer('strata', () => rows),
  calibration: () => answer('calibration', () => []),
  proofOutcomes: async () => [],
  forget: () => answer('forget', () => undefined),
  claimDrift: () => answer('claimDrift', () => true),
  releaseDrift: () => answer('releaseDrift', () => undefined),
};

const create = (tellDrift?: () => Promise<boolean>) =>
  createLearning({
    repository,
    hasher: nodeHasher(addressHashKey('a key for tests that has 32 bytes')),
    now: () => now,
    retentionDays: 90,
    ...(tellDrift && { tellDrift }),
    onFailure: (error) => failures.push(error),
  });

beforeEach(() => {
  now = noon;
  rows = [stratum(100, 3)];
  broken = false;
  asked = [];
  failures = [];
});

describe('the model', () => {
  test('is read once, and is at hand from then on', async () => {
    const learning = create();
    const learned = await learning.learned();
    expect(learned.isEmpty).toBe(false);
    expect(learning.learned()).toBe(learned);
    expect(asked).toEqual(['strata']);
  });

  test('is empty before any outcome', async () => {
    rows = [];
    expect((await create().learned()).isEmpty).toBe(true);
  });

  test('stays the same object while no outcome arrives, so that nothing is fitted again', async () => {
    const learning = create();
    const before = await learning.learned();
    await learning.refresh();
    expect(learning.learned()).toBe(before);
  });

  test.each([
    ['another delivery', stratum(101, 3)],
    ['another bounce', stratum(100, 4)],
  ])('is replaced after %s', async (_, row) => {
    const learning = create();
    const before = await learning.learned();
    rows = [row];
    await learning.refresh();
    expect(learning.learned()).not.toBe(before);
  });

  test('stays in use when the storage fails, and is empty if it failed from the start', async () => {
    const learning = create();
    const before = await learning.learned();
    broken = true;
    await learning.refresh();
    expect(learning.learned()).toBe(before);
    expect((await create().learned()).isEmpty).toBe(true);
    expect(failures).toEqual([new Error('disk error'), new Error('disk error')]);
  });
});

describe('what is due', () => {
  test('the model is read again after 30 seconds', async () => {
    const learning = create();
    await learning.learned();
    asked = [];
    now += 29_999;
    await learning.tend();
    expect(asked).toEqual([]);
    now += 1;
    await learning.tend();
    expect(asked).toEqual(['strata']);
  });

  test('expired data is deleted once an hour, and drifts are looked for if somebody is told', async () => {
    const learning = create(async () => true);
    now += 3_599_999;
    await learning.tend();
    expect(asked).toEqual(['strata']);
    asked = [];
    now += 1;
    await learning.tend();
    expect(asked).toEqual(['forget', 'calibration']);
    asked = [];
    await learning.tend();
    expect(asked).toEqual([]);
  });

  test('drifts are not computed without a receiver', async () => {
    await create().maintain();
    expect(asked).toEqual(['forget']);
  });
});

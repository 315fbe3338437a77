// What is learned from outcomes: the posterior, its interval, and what must not move it.

import { describe, expect, test } from 'vitest';
import { betaOf, betaQuantile } from '../../src/verdict/beta.ts';
import { aged } from '../../src/verdict/decay.ts';
import { type Described, featuresOf } from '../../src/verdict/features.ts';
import { policyRows } from '../../src/verdict/policy.ts';
import { pseudoCounts } from '../../src/verdict/probability.ts';
import { learn, type OutcomeStratum, weightAt } from '../../src/verdict/probability-model.ts';

const dayMs = 86_400_000;
const { prior } = policyRows.at(-1)!;

const features = (differences: Partial<Described> = {}) =>
  featuresOf({
    reason: 'no_known_obstacle',
    bounceClass: null,
    domain: 'example.org',
    provider: null,
    role: false,
    free: false,
    ageMs: null,
    source: 'form',
    ...differences,
  });

const cell = (outcomes: number, bounces: number, differences: Partial<Described> = {}): OutcomeStratum => {
  const { ageMs = null } = differences;
  const each = (ageMs === null ? prior : aged(prior, ageMs, 'business')).probability;
  return { ...features(differences), outcomes, bounces, expected: outcomes * each };
};

const told = (cells: readonly OutcomeStratum[], differences: Partial<Described> = {}) => {
  const { ageMs = null } = differences;
  return learn(cells).estimate(
    features(differences),
    ageMs === null ? prior : aged(prior, ageMs, 'business'),
  );
};

// Closed forms: p, p^(1/a) for b = 1, 1 - (1 - p)^(1/b) for a = 1, sin²(πp/2) for halves; (2, 3) is a polynomial's root.
test.each([
  [1, 1, 0.05, 0.05],
  [2, 3, 0.5, 0.3857276],
  [0.5, 0.5, 0.95, 0.9938442],
  [10, 1, 0.05, 0.7411344],
  [1, 99, 0.95, 0.0298092],
])('the quantile of a beta distribution with %d and %d at %d is %d', (a, b, p, quantile) => {
  expect(betaQuantile({ a, b }, p)).toBeCloseTo(quantile, 4);
});

test('a prior is worth as many outcomes as make its interval as wide as it says', () => {
  for (const row of policyRows) {
    const { outcomes, bounces } = pseudoCounts(row.prior);
    const { low, high, probability } = row.prior;
    expect(bounces / outcomes).toBeCloseTo(probability, 10);
    const belief = { a: bounces, b: outcomes - bounces };
    const width = betaQuantile(belief, 0.95) - betaQuantile(belief, 0.05);
    expect(width / (high - low), row.reason).toBeGreaterThan(0.75);
    expect(width / (high - low), row.reason).toBeLessThan(1.25);
  }
});

test('an estimate is shared by addresses with the same features, until twenty thousand others were asked for', () => {
  const learned = learn([cell(100, 10)]);
  const estimateFor = (probability: number) => learned.estimate(features({}), { ...prior, probability });
  const first = estimateFor(0.5);
  for (let others = 1; others < 20_000; others++) estimateFor(0.5 + others / 100_000);
  expect(estimateFor(0.5)).toBe(first);
  estimateFor(0.9);
  expect(estimateFor(0.5)).not.toBe(first);
  expect(estimateFor(0.5)).toEqual(first);
});

describe('features', () => {
  test('identify no person, and an address as the source counts as none', () => {
    expect(
      features({ source: 'jane@example.com', role: true, domain: 'gmail.com', provider: 'gmail' }),
    ).toEqual({
      kind: 'no_known_obstacle none',
      provider: 'gmail',
      segment: 'well_known role',
      proof: 'none',
      domain: '',
      age: 'unknown',
      source: '',
    });
  });

  test.each([
    [null, 'unknown'],
    [0, '30'],
    [30, '30'],
    [31, '90'],
    [365, '365'],
    [5000, 'older'],
  ])('an age of %s days is in the band %s', (days, band) => {
    expect(features({ ageMs: days === null ? null : days * dayMs }).age).toBe(band);
  });
});

describe('an estimate', () => {
  test('is none before outcomes of the same reason', () => {
    expect(told([])).toBeNull();
    expect(told([cell(100, 50, { reason: 'role_account' })])).toBeNull();
  });

  test('comes to what was observed as outcomes grow', () => {
    const errors = [10, 100, 1000, 10_000].map((outcomes) =>
      Math.abs(told([cell(outcomes, outcomes * 0.1)])!.probability - 0.1),
    );
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(errors.at(-1)).toBeLessThan(0.002);
  });

  test('has an interval that narrows and holds the estimate', () => {
    const widths = [10, 100, 1000, 10_000].map((outcomes) => {
      const { low, probability, high } = told([cell(outcomes, outcomes * 0.1)])!;
      expect(low).toBeLessThan(probability);
      expect(high).toBeGreaterThan(probability);
      return (high - low) / probability;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    // The sampling error of 1,000 in 10,000, 1.645 deviations either way.
    expect(widths.at(-1)! * 0.1).toBeCloseTo(2 * 1.645 * Math.sqrt((0.1 * 0.9) / 10_000), 2);
  });

  test('tells how many outcomes it rests on', () => {
    const cells = [cell(120, 6), cell(30, 1, { source: 'fair' })];
    expect(told(cells)!.sample).toBe(120);
    expect(told(cells, { source: 'fair' })!.sample).toBe(30);
  });

  test('does not depend on the order of what was seen', () => {
    const cells = [cell(120, 6), cell(30, 1, { source: 'fair' }), cell(50, 2, { provider: 'gmail' })];
    expect(told(cells.toReversed())!.probability).toBeCloseTo(told(cells)!.probability, 3);
  });
});

describe('shrinkage', () => {
  const settled = ['form', 'shop', 'fair'].map((source) => cell(3000, 30, { source }));

  test('a source with five outcomes does not swing', () => {
    const before = told(settled, { source: 'newcomer' })!;
    const after = told([...settled, cell(5, 2, { source: 'newcomer' })], { source: 'newcomer' })!;
    expect(after.probability).toBeLessThan(3 * before.probability);
  });

  test('an unknown source has a wider interval than one with outcomes', () => {
    const { low, high } = told(settled)!;
    const unseen = told(settled, { source: 'newcomer' })!;
    expect(unseen.high - unseen.low).toBeGreaterThan(2 * (high - low));
  });

  test('a million bounces of one source stay within what was unsure of the others', () => {
    const before = told(settled)!;
    const poison = cell(1e6, 1e6, { source: 'poison' });
    const after = told([...settled, poison])!;
    expect(after.probability).toBeGreaterThan(before.low);
    expect(after.probability).toBeLessThan(before.high);
    const twice = told([...settled, cell(2e6, 2e6, { source: 'poison' })])!;
    expect(twice.probability).toBeCloseTo(after.probability, 3);
  });

  test('outcomes at one provider apply to sources without mail to it', () => {
    const cells = ['form', 'shop', 'fair'].flatMap((source) => [
      cell(2000, 20, { source, provider: 'gmail' }),
      cell(2000, 160, { source, provider: 'yahoo' }),
    ]);
    const at = (provider: string) =>
      told([...cells, cell(500, 5, { provider: 'gmail' })], { source: 'new', provider })!;
    expect(at('yahoo').probability).toBeGreaterThan(2 * at('gmail').probability);
  });
});

describe('age', () => {
  const ages = [20, 60, 150, 300, 600, 1000];
  const observed = (yearlyDecay: number) =>
    ages.map((days) => {
      const rate = 1 - 0.99 * (1 - yearlyDecay) ** (days / 365);
      return cell(2000, 2000 * rate, { ageMs: days * dayMs });
    });

  test.each([0.05, 0.1, 0.3])('a list that loses %d of its mailboxes a year is learned to', (decay) => {
    for (const days of ages) {
      const truth = 1 - 0.99 * (1 - decay) ** (days / 365);
      const { low, high } = told(observed(decay), { ageMs: days * dayMs })!;
      expect(truth, `${days} days`).toBeGreaterThan(low - 0.01);
      expect(truth, `${days} days`).toBeLessThan(high + 0.01);
    }
  });

  test('the chance still rises with age, also between the ages that were seen', () => {
    const cells = observed(0.1);
    const chances = [0, 100, 200, 400, 800, 1200].map(
      (days) => told(cells, { ageMs: days * dayMs })!.probability,
    );
    expect(chances).toEqual(chances.toSorted((a, b) => a - b));
  });
});

test('an outcome of half a year ago weighs half as much', () => {
  const now = Date.UTC(2026, 10, 20);
  expect(weightAt(now - 180 * dayMs) / weightAt(now)).toBeCloseTo(0.5, 12);
});

test('the beta distribution of a mean and a variance has them', () => {
  const { a, b } = betaOf(0.2, 0.01);
  expect(a / (a + b)).toBeCloseTo(0.2);
  expect((a * b) / ((a + b) ** 2 * (a + b + 1))).toBeCloseTo(0.01);
});

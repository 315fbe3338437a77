// Given this rate, that grade and that band.

import { describe, expect, test } from 'vitest';
import { bandOf, bandProfiles, gradeOf, rateBandsOf } from '../../src/reports/thresholds.ts';
import { listProfiles } from '../../src/verdict/decay.ts';

test.each([
  ['hard', 0, 'excellent'],
  ['hard', 0.0099, 'excellent'],
  ['hard', 0.01, 'acceptable'],
  ['hard', 0.02, 'concerning'],
  ['hard', 0.05, 'poor'],
  ['hard', 0.1, 'poor'],
  ['hard', 0.101, 'stop'],
  ['hard', 1, 'stop'],
  ['bounces', 0.049, 'acceptable'],
  ['bounces', 0.05, 'concerning'],
  ['complaint', 0.0009, 'acceptable'],
  ['complaint', 0.001, 'concerning'],
  ['complaint', 0.003, 'stop'],
] as const)('%s at %d is %s', (name, rate, grade) => {
  expect(gradeOf(name, rate)).toBe(grade);
});

describe('the bands', () => {
  test.each([
    [null, 'bounces', [0.0199, 0.02, 0.05, 0.0501]],
    [null, 'hard', [0.0199, 0.02, 0.05, 0.0501]],
    ['b2c', 'bounces', [0.0099, 0.01, 0.05, 0.0501]],
    ['b2c', 'hard', [0.0199, 0.02, 0.05, 0.0501]],
    ['b2b', 'bounces', [0.0299, 0.03, 0.05, 0.0501]],
    ['b2b', 'hard', [0.0199, 0.02, 0.05, 0.0501]],
    ['cold', 'bounces', [0.0199, 0.02, 0.05, 0.0501]],
    ['cold', 'hard', [0.0049, 0.005, 0.02, 0.0201]],
  ] as const)('of %s, %s', (profile, name, rates) => {
    const limits = rateBandsOf(profile)[name];
    expect(rates.map((rate) => bandOf(rate, limits))).toEqual(['healthy', 'warning', 'warning', 'critical']);
    expect([bandOf(0, limits), bandOf(1, limits)]).toEqual(['healthy', 'critical']);
  });

  test('are there for each kind of list that can be set', () => {
    expect(bandProfiles).toEqual(listProfiles);
  });
});

// Given this rate, that grade.

import { expect, test } from 'vitest';
import { gradeOf } from '../../src/reports/thresholds.ts';

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

// What benches count with, and how it is said.

import { describe, expect, test } from 'vitest';
import {
  exactly,
  holds,
  inTurns,
  limitText,
  margin,
  numberText,
  ratioOf,
  spread,
  spreadText,
  type Target,
  targetText,
} from '../../bench/figures.ts';

test('a spread is the median and the range, regardless of order', () => {
  expect(spread([5, 1, 9, 3, 4])).toEqual({ median: 4, low: 1, high: 9 });
  expect(() => spread([])).toThrow(RangeError);
});

test('ratios are those of each round, not of the medians', () => {
  expect(ratioOf([10, 40, 30], [10, 20, 10])).toEqual({ median: 2, low: 1, high: 3 });
});

test('passes take turns, and the first round is not counted', async () => {
  const order: string[] = [];
  const pass = (name: string) => () => order.push(name);
  expect(await inTurns({ floor: pass('floor'), own: pass('own') }, 2)).toEqual({
    floor: [3, 5],
    own: [4, 6],
  });
  expect(order).toEqual(['floor', 'own', 'floor', 'own', 'floor', 'own']);
});

const target = (bound: Target['bound'], value: number, limit: number): Target => ({
  name: 'it',
  measured: exactly(value),
  bound,
  limit,
  unit: '×',
});

describe('a target', () => {
  test.each([
    ['at least', 3, 3, true, 1],
    ['at least', 1.5, 3, false, 0.5],
    ['at most', 40, 160, true, 4],
    ['at most', 300, 150, false, 0.5],
    ['at most', 0, 0, true, Number.NaN],
  ] as const)('%s: %d by a limit of %d', (bound, value, limit, met, by) => {
    expect(holds(target(bound, value, limit))).toBe(met);
    expect(margin(target(bound, value, limit))).toBe(by);
  });

  test('is judged by the median and says the range', () => {
    const measured = { median: 0.284, low: 0.2711, high: 0.61 };
    expect(targetText({ ...target('at least', 0, 0.6), measured })).toBe(
      'MISSED  it: 0.28 × (0.27–0.61), to be ≥ 0.6 ×',
    );
  });

  test('that was not measured is not met', () => {
    expect(holds(target('at most', Number.NaN, 5))).toBe(false);
  });
});

test.each([
  [1_234_567.8, '1.23 M'],
  [1_000_000, '1 M'],
  [21_543.6, '21,544'],
  [285.4, '285'],
  [17.64, '17.6'],
  [1, '1'],
  [0.2849, '0.28'],
  [0.00612, '0.0061'],
  [-0.5266, '-0.53'],
])('%d is said as %s', (value, text) => {
  expect(numberText(value)).toBe(text);
});

test('a constant value has no range', () => {
  expect(spreadText(exactly(781.08), 'KiB')).toBe('781 KiB');
  expect(spreadText(exactly(0), '')).toBe('0');
  expect(limitText(target('at most', 1, 1024))).toBe('≤ 1,024 ×');
});

// The rows that keep a forecast under a rate, and where the others go.

import { describe, expect, test } from 'vitest';
import { destinationOf } from '../../src/lists/destinations.ts';
import { createGoal, parseGoal } from '../../src/lists/goal.ts';
import type { EarlierVerdict, ListRow } from '../../src/lists/shape.ts';

const row = (probability: string, verdict: Partial<EarlierVerdict> = {}): ListRow => ({
  text: '',
  ending: '\n',
  fields: 3,
  plain: true,
  cleaned: false,
  email: 'jane@gmail.com',
  others: null,
  lastVerifiedAt: '',
  source: '',
  life: null,
  earlier: {
    result: 'deliverable',
    reason: 'no_known_obstacle',
    action: 'accept',
    didYouMean: '',
    status: '',
    probability,
    checkedAt: '',
    duplicate: 'false',
    provider: '',
    gateway: '',
    engagement: '',
    ...verdict,
  },
  raw: null,
  refusal: null,
});

function chosen(below: number, rows: readonly ListRow[]) {
  const goal = createGoal(below);
  for (const each of rows) goal.add(each);
  return { rows: rows.filter((each) => goal.chooses(each)), outcome: goal.outcome() };
}

const rateOf = (rows: readonly ListRow[]) =>
  rows.reduce((sum, { earlier }) => sum + Number(earlier!.probability), 0) / rows.length;

describe('a goal', () => {
  test('as many rows as stay under it, and not one more', () => {
    const rows = Array.from({ length: 500 }, (_, index) => row(String(((index * 37) % 100) / 1000 + 0.001)));
    const { rows: kept, outcome } = chosen(0.02, rows);
    expect(rateOf(kept)).toBeLessThan(0.02);
    expect(outcome).toMatchObject({ below: 0.02, keep: kept.length, remove: 500 - kept.length });
    expect(outcome.rate).toBeCloseTo(rateOf(kept), 9);
    const rest = rows.filter((each) => !kept.includes(each));
    const least = Math.min(...rest.map(({ earlier }) => Number(earlier!.probability)));
    expect(rateOf([...kept, row(String(least))])).toBeGreaterThan(0.02 - 1e-9);
    expect(Math.max(...kept.map(({ earlier }) => Number(earlier!.probability)))).toBeLessThanOrEqual(least);
  });

  test('of equal rows the first ones', () => {
    const [a, b, c, d] = [row('0.01'), row('0.03'), row('0.03'), row('0.03')];
    expect(chosen(0.0201, [a!, b!, c!, d!]).rows).toEqual([a, b]);
    expect(chosen(0.02, [a!, b!]).rows).toEqual([a]);
    expect(chosen(0.01, [a!]).rows).toEqual([]);
    expect(chosen(0.03, [a!, row('0.03')]).rows).toHaveLength(2);
  });

  test('everything if the whole list is under it, nothing if no row is', () => {
    expect(chosen(0.5, [row('0.01'), row('0.02')]).outcome).toMatchObject({ keep: 2, remove: 0 });
    expect(chosen(0.02, [row('0.03'), row('1')]).outcome).toEqual({
      below: 0.02,
      keep: 0,
      remove: 2,
      rate: 0,
    });
  });

  test('never what is suppressed, malformed, without an address, or a duplicate', () => {
    const never = [
      row('0.001', { reason: 'suppressed' }),
      row('0.001', { reason: 'syntax_error' }),
      row('', { result: '', reason: 'no_address' }),
      row('0.001', { duplicate: 'true' }),
      { ...row('0.001'), fields: 0 },
      { ...row('0.001'), earlier: null },
    ];
    expect(chosen(0.5, [...never, row('0.001')]).rows).toHaveLength(1);
  });

  test.each([
    ['2%', 0.02],
    ['2 %', 0.02],
    ['0.02', 0.02],
    ['.5%', 0.005],
    ['1,5%', 0.015],
    ['0', null],
    ['100%', null],
    ['two', null],
    ['-1%', null],
  ])('%s', (text, rate) => {
    expect(parseGoal(text)).toEqual(rate);
  });
});

test('each row has one destination', () => {
  const of = (verdict: Partial<EarlierVerdict>, options = {}) =>
    destinationOf(row('0.01', verdict), { chosen: true, dropDuplicates: false, ...options });
  expect(of({})).toBe('keep');
  expect(of({ action: 'confirm' })).toBe('fix');
  expect(of({ action: 'retry' })).toBe('retry');
  expect(of({ action: 'reject' })).toBe('remove');
  expect(of({ action: '' })).toBe('remove');
  expect(of({}, { chosen: false })).toBe('remove');
  expect(of({ action: 'confirm' }, { chosen: false })).toBe('fix');
  expect(of({ duplicate: 'true' })).toBe('keep');
  expect(of({ duplicate: 'true' }, { dropDuplicates: true })).toBe('remove');
  expect(destinationOf({ ...row('1'), earlier: null }, { chosen: true, dropDuplicates: false })).toBe(
    'remove',
  );
});

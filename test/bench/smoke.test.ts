// When a smoke run warns.

import { expect, test } from 'vitest';
import { exactly } from '../../bench/figures.ts';
import { changes, changeText, ratiosOf } from '../../bench/smoke.ts';

const outcome = (unit: string, ratio: number) => ({
  figures: [
    { name: 'own', value: exactly(7), unit, ratio: exactly(ratio) },
    { name: 'floor', value: exactly(9), unit },
  ],
  targets: [],
});

test('the ratios of a run are those of its figures that have one', () => {
  expect(ratiosOf(outcome('/s', 0.3))).toEqual({ own: 0.3 });
});

test.each([
  ['requests/s', 0.24, 0.3, []],
  ['requests/s', 0.23, 0.3, ['warning: http, own: 0.230 × its floor or peer, committed is 0.300 ×']],
  ['µs/row', 1.24, 1, []],
  ['µs/row', 1.26, 1, ['warning: http, own: 1.26 × its floor or peer, committed is 1.00 ×']],
])('%s: %d after %d', (unit, measured, committed, said) => {
  expect(changes('http', outcome(unit, measured), { http: { own: committed } }).map(changeText)).toEqual(
    said,
  );
});

test('a ratio that became much better is worth committing', () => {
  const [change] = changes('http', outcome('requests/s', 0.6), { http: { own: 0.3 } });
  expect(changeText(change!)).toMatch(/^note: .*--commit/);
});

test('a figure that was never committed is compared with nothing', () => {
  expect(changes('http', outcome('requests/s', 0.6), {})).toEqual([]);
  expect(changes('http', outcome('requests/s', 0.6), { http: { floor: 1 } })).toEqual([]);
});

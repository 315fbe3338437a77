// The causes of few counts are read, and what is found is the same.

import { expect, test } from 'vitest';
import { findWithCauses, spansOfCells } from '../../src/reports/causes-on-demand.ts';
import type { Cause, EventCount } from '../../src/reports/count.ts';
import { nothing } from '../../src/reports/tally.ts';

const cause: Cause = { failure: 'hard', reason: 'mailbox_unknown', status: '5.1.1', messages: 3 };
const cell = (period: number, hard: number, causes: readonly Cause[] = []): EventCount => ({
  period,
  name: 'gmail',
  tally: { ...nothing, hard },
  causes,
});

test('only the counts whose causes are read are explained, once', async () => {
  const asked: number[][] = [];
  const explain = async (cells: readonly EventCount[]) => {
    asked.push(cells.map(({ period }) => period));
    return cells.map(({ period, tally }) => cell(period, tally.hard, [cause]));
  };
  const found = await findWithCauses([{ cells: [cell(1, 0), cell(2, 9), cell(3, 0)], explain }], (cells) =>
    cells!.filter(({ tally }) => tally.hard > 5).flatMap(({ causes }) => causes),
  );
  expect(found).toEqual([cause]);
  expect(asked).toEqual([[2]]);
});

test('causes that are not stored are read once, and there are none', async () => {
  let reads = 0;
  const explain = async () => {
    reads += 1;
    return [];
  };
  expect(
    await findWithCauses([{ cells: [cell(1, 9)], explain }], (cells) => cells!.map(({ causes }) => causes)),
  ).toEqual([[]]);
  expect(reads).toBe(1);
});

test('nothing is read if nothing is found', async () => {
  const explain = () => Promise.reject(new Error('must not be called'));
  expect(await findWithCauses([{ cells: [cell(1, 9)], explain }], (cells) => cells!.length)).toBe(1);
});

test('days that follow each other are one span, and there are at most four', () => {
  const day = 86_400_000;
  const days = (...numbers: number[]) =>
    spansOfCells(numbers.map((number) => cell(number * day, 1))).map(({ first, last }) => [
      first / day,
      last / day,
    ]);
  expect(days()).toEqual([]);
  expect(days(7, 5, 6, 6)).toEqual([[5, 7]]);
  expect(days(1, 9, 10)).toEqual([
    [1, 1],
    [9, 10],
  ]);
  expect(days(1, 3, 20, 40, 60, 62)).toEqual([
    [1, 3],
    [20, 20],
    [40, 40],
    [60, 62],
  ]);
  expect(days(1, 3, 5, 7, 9, 11)).toEqual([[1, 11]]);
});

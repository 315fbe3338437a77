// The slider on the page of a list: which goal it begins with, so that nobody downloads an empty file.

import { expect, test } from 'vitest';
import { goalCard } from '../../src/http/pages/console/list-goal.ts';
import type { Job } from '../../src/jobs/job.ts';
import type { GoalOutcome } from '../../src/lists/goal.ts';

const card = async (keeps: Readonly<Record<string, number>>): Promise<string> => {
  const goals = Object.entries(keeps).map(([below, keep]) => ({
    below: Number(below),
    keep,
    remove: 9,
    rate: 0.01,
  }));
  return String(await goalCard({ id: 'job_1' } as Job, goals as unknown as GoalOutcome[]));
};

test.each([
  ['2% if rows are that safe', { 0.01: 3, 0.02: 5, 0.05: 9 }, '0.02'],
  ['the next higher share with rows if not', { 0.01: 0, 0.02: 0, 0.03: 4, 0.05: 9 }, '0.03'],
])('it begins with %s', async (_, keeps, value) => {
  const page = await card(keeps);
  expect(page).toContain(`value="${value}"`);
  expect(page).not.toContain('disabled');
});

test('without any safe row there is nothing to download', async () => {
  expect((await card({ 0.01: 0, 0.05: 0 })).match(/ disabled/g)).toHaveLength(2);
});

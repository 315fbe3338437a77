// What the repository of the gate promises, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { GateRepository } from '../../src/reports/gate/gate-repository.ts';
import type { GateDecision, GateQuestion } from '../../src/reports/gate/question.ts';
import type { ScoreChange } from '../../src/reports/gate/score.ts';
import type { Database } from '../../src/storage/database.ts';
import { createGateRepository } from '../../src/storage/sqlite/gate-repository.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const question: GateQuestion = {
  ...{ campaign: 'spring', purpose: 'marketing', fromDomain: null, list: null, forecast: null },
  ...{ planned: null, firstSentAt: null },
};
const refused = (total: number, best: number, failedAt: number | null = null): ScoreChange => ({
  ...{ kind: 'refused', dimension: 'provider', name: 'gmail', total, best, failedAt, limit: 30 },
});

/** `open` gives a database with the schema and nothing in it. */
export function gateBattery(name: string, open: () => Promise<Database>): void {
  describe(`The gate on ${name}`, () => {
    let repository: GateRepository;
    beforeEach(async () => {
      repository = createGateRepository(await open());
    });

    const keep = (decision: GateDecision, at: number, id: string | null = null) =>
      repository.keep(
        { campaign: 'spring', question, decision },
        at,
        true,
        id === null ? null : { id, bodyAfter: (before) => `${before} to ${decision}` },
      );

    test('scores rise to their limit once, are cut above it, and are raised until they are halved', async () => {
      expect(await repository.change([refused(20, 20, noon)], noon)).toBe(false);
      expect(await repository.change([refused(-5, 0)], noon + 1)).toBe(false);
      expect(await repository.change([refused(50, 40, noon + 2)], noon + 2)).toBe(true);
      expect(await repository.change([refused(1, 1, noon + 3)], noon + 3)).toBe(false);
      const [score] = await repository.scores(null, null);
      expect(score).toEqual({
        ...{ kind: 'refused', dimension: 'provider', name: 'gmail', score: 40 },
        ...{ raisedAt: noon + 2, failedAt: noon + 3 },
      });
      await repository.change([refused(-20, 0)], noon + 4);
      expect(await repository.scores(null, null)).toMatchObject([{ score: 20, raisedAt: noon + 2 }]);
      await repository.change([refused(-10, 3)], noon + 5);
      expect(await repository.scores(null, null)).toMatchObject([{ score: 10, raisedAt: null }]);
      await repository.change([refused(-100, 3)], noon + 6);
      expect(await repository.scores(null, null)).toMatchObject([{ score: 3 }]);
    });

    test('only the scores of the campaign and the list are read', async () => {
      const hard = (dimension: 'campaign' | 'list', of: string): ScoreChange => ({
        ...refused(1, 1),
        ...{ kind: 'hard', dimension, name: of },
      });
      await repository.change(
        [hard('campaign', 'spring'), hard('campaign', 'other'), hard('list', 'news')],
        noon,
      );
      const names = async (campaign: string | null, list: string | null) =>
        (await repository.scores(campaign, list)).map((score) => score.name).toSorted();
      expect(await names('spring', 'news')).toEqual(['news', 'spring']);
      expect(await names('news', null)).toEqual([]);
    });

    test('a change is told once, with its message; the first decision and a repeated one are none', async () => {
      expect(await keep('go', noon, 'm1')).toBeNull();
      expect(await keep('go', noon + 1, 'm2')).toBeNull();
      const told = await Promise.all([keep('stop', noon + 2, 'm3'), keep('stop', noon + 2, 'm4')]);
      expect(told.filter((before) => before !== null)).toEqual(['go']);
      const first = await repository.claim(noon + 3, noon + 10);
      expect(first).toMatchObject({ body: 'go to stop', attempts: 1 });
      expect(await repository.claim(noon + 3, noon + 10)).toBeNull();
      await repository.postpone(first!.id, noon + 5);
      expect(await repository.claim(noon + 5, noon + 10)).toMatchObject({ id: first!.id, attempts: 2 });
      await repository.settle(first!.id);
      expect(await repository.claim(noon + 100, noon + 200)).toBeNull();
      expect(await repository.askedSince(noon, 10)).toEqual([{ question, decision: 'stop' }]);
      expect(await repository.askedSince(noon + 3, 10)).toEqual([]);
    });

    test('old scores and decisions are deleted', async () => {
      await repository.change([refused(1, 1)], noon);
      await keep('go', noon);
      await repository.deleteBefore(noon);
      expect(await repository.scores(null, null)).toHaveLength(1);
      await repository.deleteBefore(noon + 1);
      expect([await repository.scores(null, null), await repository.askedSince(0, 9)]).toEqual([[], []]);
    });
  });
}

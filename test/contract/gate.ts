// What the repository of the gate promises, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { StoredEvent } from '../../src/events/event-repository.ts';
import type { GateRepository } from '../../src/reports/gate/gate-repository.ts';
import type { GateDecision, GateQuestion } from '../../src/reports/gate/question.ts';
import type { ScoreChange } from '../../src/reports/gate/score.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createGateRepository } from '../../src/storage/sqlite/gate-repository.ts';
import { death, diesAt } from './dying-database.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const question: GateQuestion = {
  ...{ campaign: 'spring', purpose: 'marketing', fromDomain: null, list: null, forecast: null },
  ...{ planned: null, firstSentAt: null },
};
const refused = (total: number, best: number, failedAt: number | null = null): ScoreChange => ({
  ...{ kind: 'refused', dimension: 'provider', name: 'gmail', total, best, failedAt, limit: 30 },
  ...{ messages: 1, failures: 1, endsBelow: 0.05 },
});
const hour = 3_600_000;

const nothingElse = { outcomes: [], deliveries: new Map<string, number>() };
const refusal: StoredEvent = {
  ...{ id: 'e1', at: noon, receivedAt: noon, reportedBy: 'postmark', kind: 'bounce', class: 'policy' },
  ...{ reason: 'blocked_reputation', status: '5.7.1', echo: false, keyId: '01234567', addressHash: 'a' },
  ...{ mailboxProvider: 'gmail', message: null, campaign: null, source: null, list: null },
  ...{ proof: 'proven', mailHost: null, gateway: null },
};

/** `open` gives a database with the schema and nothing in it. */
export function gateBattery(name: string, open: () => Promise<Database>): void {
  describe(`The gate on ${name}`, () => {
    let database: Database;
    let repository: GateRepository;
    beforeEach(async () => {
      database = await open();
      repository = createGateRepository(database);
    });

    /** Changes scores, and returns whether one of them rose to its limit. */
    const change = async (changes: readonly ScoreChange[], at: number) => {
      await repository.change({ changes, at });
      return repository.roseAt(at);
    };
    const keep = (decision: GateDecision, at: number, id: string | null = null) =>
      repository.keep(
        { campaign: 'spring', question, decision },
        at,
        true,
        id === null ? null : { id, bodyAfter: (before) => `${before} to ${decision}` },
      );

    test('scores rise to their limit once, are cut above it, and are raised until they are halved', async () => {
      expect(await change([refused(20, 20, noon)], noon)).toBe(false);
      expect(await change([refused(-5, 0)], noon + 1)).toBe(false);
      expect(await change([refused(50, 40, noon + 2)], noon + 2)).toBe(true);
      expect(await change([refused(1, 1, noon + 3)], noon + 3)).toBe(false);
      const [score] = await repository.scores(null, null);
      expect(score).toEqual({
        ...{ kind: 'refused', dimension: 'provider', name: 'gmail', score: 32 },
        ...{ raisedAt: noon + 2, failedAt: noon + 3, messages: 4, failures: 4, since: noon },
      });
      await change([refused(-12, 0)], noon + 4);
      expect(await repository.scores(null, null)).toMatchObject([{ score: 20, raisedAt: noon + 2 }]);
      await change([refused(-10, 3)], noon + 5);
      expect(await repository.scores(null, null)).toMatchObject([{ score: 10, raisedAt: null }]);
      await change([refused(-100, 3)], noon + 6);
      expect(await repository.scores(null, null)).toMatchObject([{ score: 3 }]);
    });

    test('the messages of a mailing are counted until its mail pauses for six hours', async () => {
      const some = (messages: number, failures: number): ScoreChange => ({
        ...{ ...refused(0, 0), kind: 'hard', dimension: 'list', name: 'news', messages, failures },
      });
      const counted = async () => (await repository.scores(null, 'news'))[0];
      await change([some(40, 1)], noon);
      await change([some(60, 2)], noon + 5 * hour);
      expect(await counted()).toMatchObject({ messages: 100, failures: 3, since: noon });
      await change([some(10, 0)], noon + 11 * hour);
      expect(await counted()).toMatchObject({ messages: 10, failures: 0, since: noon + 11 * hour });
    });

    test('a mailing that bounced much is not forgotten by a pause', async () => {
      const some = (messages: number, failures: number): ScoreChange => ({
        ...{ ...refused(0, 0), kind: 'hard', dimension: 'list', name: 'news', messages, failures },
      });
      await change([some(100, 6)], noon);
      await change([some(20, 1)], noon + 72 * hour);
      expect(await repository.scores(null, 'news')).toMatchObject([
        { messages: 120, failures: 7, since: noon },
      ]);
    });

    test('only the scores of the campaign and the list are read', async () => {
      const hard = (dimension: 'campaign' | 'list', of: string): ScoreChange => ({
        ...refused(1, 1),
        ...{ kind: 'hard', dimension, name: of },
      });
      await change([hard('campaign', 'spring'), hard('campaign', 'other'), hard('list', 'news')], noon);
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

    test('changes are listed in their order, with their reasons, even two in one millisecond', async () => {
      const reason = {
        code: 'hard_bounces',
        decision: 'stop',
        message: 'Too many.',
        incident: null,
      } as const;
      const change = (campaign: string, decision: GateDecision, at: number) =>
        repository.keep({ campaign, question, decision, reasons: [reason] }, at, true, null);
      for (const campaign of ['spring', 'other']) await change(campaign, 'go', noon);
      await change('spring', 'stop', noon + 1);
      await change('spring', 'go', noon + 1);
      await change('other', 'slow', noon + 2);
      const listed = await repository.changesSince(noon + 1, 10);
      expect(listed).toMatchObject([
        { campaign: 'spring', before: 'go', decision: 'stop', reasons: [reason], at: noon + 1 },
        { campaign: 'spring', before: 'stop', decision: 'go' },
        { campaign: 'other', purpose: 'marketing', before: 'go', decision: 'slow' },
      ]);
      expect(await repository.changesSince(noon + 1, 2)).toEqual(listed.slice(1));
      expect(await repository.changesSince(noon + 2, 10)).toEqual(listed.slice(2));
      expect(await createGateRepository(database, 'other').changesSince(0, 10)).toEqual([]);
      await repository.deleteBefore(noon + 2);
      expect(await repository.changesSince(0, 10)).toEqual(listed.slice(2));
    });

    test('a change is stored with its decision or not at all, wherever its process dies', async () => {
      const decisions: readonly GateDecision[] = ['stop', 'go', 'slow'];
      await keep('go', noon);
      const expected: string[] = [];
      let before: GateDecision = 'go';
      for (let kill = 0; kill < 20; kill++) {
        const decision = decisions[kill % 3]!;
        const dying = createGateRepository(
          diesAt(database, 1 + (kill % 4), kill % 2 === 0 ? 'before' : 'after'),
        );
        const told = { campaign: 'spring', question, decision };
        await dying.keep(told, noon + kill, true, null).catch((error) => expect(error).toBe(death));
        // The next process finds the same state.
        await repository.keep(told, noon + kill, true, null);
        expected.push(`${before} to ${decision}`);
        before = decision;
      }
      const listed = await repository.changesSince(0, 100);
      expect(listed.map((change) => `${change.before} to ${change.decision}`)).toEqual(expected);
    });

    test('events and their scores are stored together or not at all', async () => {
      const scores = { changes: [refused(40, 40, noon)], at: noon };
      const store = (database: Database) =>
        createEventRepository(database).store([refusal], '01234567', nothingElse, undefined, [], scores);
      const failing: Database = {
        ...database,
        batch: (statements) =>
          database.batch([...statements, { sql: 'INSERT INTO gate_scores (workspace) VALUES (NULL)' }]),
      };
      await expect(store(failing)).rejects.toThrow();
      expect(await repository.scores(null, null)).toEqual([]);
      expect(await database.all('SELECT id FROM delivery_events')).toEqual([]);
      await store(database);
      expect(await repository.scores(null, null)).toMatchObject([{ score: 32, raisedAt: noon }]);
      expect(await database.all('SELECT id FROM delivery_events')).toEqual([{ id: refusal.id }]);
      expect([await repository.roseAt(noon), await repository.roseAt(noon + 1)]).toEqual([true, false]);
    });

    test('who reported deliveries lately is known', async () => {
      const delivered = (at: number) => ({
        outcomes: [{ addressHash: 'a', at, bounced: false, weight: 1, reportedBy: 'postmark' }],
        deliveries: new Map([['postmark', at]]),
      });
      expect(await repository.reportersOfDeliveries(0)).toEqual([]);
      await createEventRepository(database).store([], '01234567', delivered(noon));
      expect(await repository.reportersOfDeliveries(noon)).toEqual(['postmark']);
      expect(await repository.reportersOfDeliveries(noon + 1)).toEqual([]);
    });

    test('old scores and decisions are deleted', async () => {
      await change([refused(1, 1)], noon);
      await keep('go', noon);
      await repository.deleteBefore(noon);
      expect(await repository.scores(null, null)).toHaveLength(1);
      await repository.deleteBefore(noon + 1);
      expect([await repository.scores(null, null), await repository.askedSince(0, 9)]).toEqual([[], []]);
    });
  });
}

// Given single replies of a provider, the limits that the gate answers at once.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyReply } from '../../../src/bounce/classify.ts';
import { openDatabase } from '../../../src/platform/database-file.ts';
import { decideGate, type GateState } from '../../../src/reports/gate/decide.ts';
import type { GateQuestion } from '../../../src/reports/gate/question.ts';
import { replyLimitsOf } from '../../../src/reports/gate/reply-limits.ts';
import { spreadOver } from '../../../src/reports/gate/spread.ts';
import { nothing } from '../../../src/reports/tally.ts';
import { createReplyLimitRepository } from '../../../src/storage/sqlite/reply-limit-repository.ts';

const minute = 60_000;
const now = Date.UTC(2026, 10, 20, 12);

const question: GateQuestion = {
  ...{ campaign: 'spring', purpose: 'marketing', fromDomain: null, list: null, forecast: null },
  ...{ planned: null, firstSentAt: null },
};
const said = (reply: string, provider = 'gmail', at = now) => ({
  ...classifyReply(reply),
  ...{ reply, provider, at },
});
const answerAfter = (...replies: ReturnType<typeof said>[]) => {
  const state: GateState = {
    ...{ now, profile: null, account: null, scores: [], refusing: [], incidents: [], senderFaults: null },
    providers: [
      {
        ...{ name: 'gmail', lastHour: { ...nothing, delivered: 1000 } },
        ...{ lastDay: { ...nothing, delivered: 9000 }, lastWeek: { ...nothing, delivered: 9000 } },
      },
    ],
    lastWeek: { ...nothing, delivered: 8000 },
    warmUpDays: [],
    ...{ mailBefore: nothing, usualHard: null },
    replyLimits: replyLimitsOf(replies, now),
  };
  return decideGate(question, state);
};

test('a reply that names a time suspends its provider until then, and nothing else', () => {
  const answer = answerAfter(said('421 4.7.28 Rate limited, try again in 300 seconds'));
  expect(answer).toMatchObject({
    decision: 'slow',
    limits: [{ provider: 'gmail', perHour: 0, until: now + 5 * minute }],
    until: now + 5 * minute,
  });
  expect(answer.reasons[0]!.message).toContain('12:05');
});

test('a reply that names no time halves what the provider took; one that names a rate sets it', () => {
  expect(answerAfter(said('421-4.7.28 An unusual rate of mail')).limits).toMatchObject([
    { provider: 'gmail', perHour: 500 },
  ]);
  expect(answerAfter(said('421 4.7.0 Too many connections', 'outlook')).limits).toMatchObject([
    { provider: 'outlook', perHour: 20 },
  ]);
  expect(answerAfter(said('450 4.7.0 Limit of 100 messages per hour exceeded')).limits).toMatchObject([
    { provider: 'gmail', perHour: 100 },
  ]);
});

test('replies about one recipient, and those whose time is over, limit nothing', () => {
  const none = { decision: 'go', limits: [] };
  expect(answerAfter(said('450 4.7.1 Greylisted, try again in 300 seconds'))).toMatchObject(none);
  expect(answerAfter(said('452 4.2.2 Mailbox full'))).toMatchObject(none);
  const early = said('421 4.7.28 Rate limited, try again in 300 seconds', 'gmail', now - 6 * minute);
  expect(answerAfter(early)).toMatchObject(none);
  expect(replyLimitsOf([early], now)).toEqual([]);
});

test('limits are kept by provider and kind, in whatever order they come', async () => {
  const early = { provider: 'gmail', kind: 'slow', until: now + 9, perHour: 100, saidAt: now } as const;
  const late = { ...early, until: now + 5, perHour: 50, saidAt: now + 1 };
  for (const order of [
    [early, late],
    [late, early],
  ]) {
    const repository = createReplyLimitRepository(openDatabase(':memory:').database);
    for (const limit of order) await repository.keep([limit]);
    await repository.keep([{ ...early, kind: 'suspend', perHour: null, until: now + 1 }]);
    expect(await repository.current(now + 1)).toEqual([
      { ...early, perHour: 50, until: now + 9, saidAt: now + 1 },
    ]);
    await repository.deleteBefore(now + 9);
    expect(await repository.current(now)).toHaveLength(1);
    await repository.deleteBefore(now + 10);
    expect(await repository.current(now)).toEqual([]);
  }
});

test('batches are spread over the hour and never exceed the limit', () => {
  expect(spreadOver(0)).toBeNull();
  expect(spreadOver(20)).toEqual({ messages: 1, everySeconds: 180, randomSeconds: 90 });
  expect(spreadOver(5000)).toEqual({ messages: 83, everySeconds: 60, randomSeconds: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (perHour) => {
      const { messages, everySeconds } = spreadOver(perHour)!;
      expect((messages * 3600) / everySeconds).toBeLessThanOrEqual(perHour);
    }),
  );
});

// How soon scores reach their limits.

import { expect, test } from 'vitest';
import { maximumScore, type ScoredEvent, scoreChanges } from '../../../src/reports/gate/score.ts';
import { warmUpLimit } from '../../../src/reports/gate/warm-up.ts';
import { nothing } from '../../../src/reports/tally.ts';

const event = (outcome: ScoredEvent['outcome'], provider: string | null = 'gmail'): ScoredEvent => ({
  ...{ outcome, wasSent: false, provider, campaign: 'spring', list: null, at: 1 },
});

/** How many failures until a limit, after `before` deliveries, if every `every`th message fails; null: not in 100,000. */
function failuresUntil(
  kind: 'refused' | 'hard',
  every: number,
  { before = 0, provider = 'gmail' as string | null, commit = 1 } = {},
): number | null {
  let score = 0;
  let failures = 0;
  const outcome = kind === 'hard' ? 'hard' : 'policy';
  for (let sent = 0; sent < before + 100_000; sent += commit) {
    const events = Array.from({ length: commit }, (_, index) =>
      event(
        sent + index >= before && (sent + index - before) % every === 0 ? outcome : 'delivered',
        provider,
      ),
    );
    failures += events.filter((one) => one.outcome === outcome).length;
    const change = scoreChanges(events, null).find((one) => one.kind === kind)!;
    score = Math.min(maximumScore(change.limit), Math.max(score + change.total, change.best));
    if (score >= change.limit) return failures;
  }
  return null;
}

test('a block is seen within 50 refused messages, however many were delivered before', () => {
  for (const before of [0, 100, 100_000])
    for (const every of [1, 2, 5, 10]) {
      const failures = failuresUntil('refused', every, { before });
      expect([before, every, failures !== null && failures <= 50]).toEqual([before, every, true]);
    }
  expect(failuresUntil('refused', 1, { provider: null })).toBeLessThanOrEqual(50);
});

/** How many messages the queue gives up until mail is slowed, at a reporter of sent mail and bounces; null: not in 10,000 messages. */
function expiredUntil(every: number): number | null {
  let score = 0;
  let expired = 0;
  for (let sent = 1; sent <= 10_000; sent++) {
    const events: ScoredEvent[] = [event('sent')];
    if (sent % every === 0) events.push({ ...event('soft'), wasSent: true });
    expired += events.length - 1;
    const change = scoreChanges(events, null).find(({ kind }) => kind === 'deferred')!;
    score = Math.max(score + change.total, change.best);
    if (score >= change.limit) return expired;
  }
  return null;
}

test('a block that only the queue shows is seen soon, although new mail leaves meanwhile', () => {
  for (const every of [1, 2, 4]) expect(expiredUntil(every)).toBeLessThanOrEqual(20);
  expect(expiredUntil(30)).toBeNull();
});

test('usual refusals and bounces never reach a limit', () => {
  expect(failuresUntil('refused', 30)).toBeNull();
  expect(failuresUntil('hard', 25)).toBeNull();
});

test('a bad list is seen within 50 hard bounces', () => {
  for (const every of [1, 4, 10]) expect(failuresUntil('hard', every)).toBeLessThanOrEqual(50);
});

test('events that are stored together change a score as one after the other', () => {
  expect(failuresUntil('refused', 1, { before: 1000, commit: 1 })).toBe(12);
  expect(failuresUntil('refused', 1, { before: 1000, commit: 20 })).toBe(20);
});

test('the warm-up goes on by days with mail, stands still under deferrals and goes back under many', () => {
  const day = 86_400_000;
  const good = { ...nothing, delivered: 100 };
  const at = (...days: (typeof good)[]) => warmUpLimit(0, days, days.length * day)?.perHour;
  expect([at(), at(good), at(good, good)]).toEqual([20, 28, 39]);
  expect(at(good, { ...good, deferred: 15 })).toBe(28);
  expect(at(good, good, good, { ...good, deferred: 30 })).toBe(28);
  expect(at(good, nothing)).toBe(28);
  expect(at(...Array.from({ length: 30 }, () => good))).toBeUndefined();
});

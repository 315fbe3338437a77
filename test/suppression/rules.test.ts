// Given what happened to an address, it stays mailable or goes on the list.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BounceClass, BounceReason } from '../../src/bounce/bounce.ts';
import {
  decideSuppression,
  defaultRules,
  type RecipientEvent,
  type SuppressionDecision,
} from '../../src/suppression/rules.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 1);

const bounce = (
  bounceClass: BounceClass,
  reason: BounceReason,
  at = start,
  messageId: string | null = `m${at}`,
  status: string | null = '4.2.2',
): RecipientEvent => ({ kind: 'bounce', class: bounceClass, reason, status, messageId, at });
const full = (days: number, messageId?: string | null) =>
  bounce('soft', 'mailbox_full', start + days * day, messageId);
const delivered = (days: number): RecipientEvent => ({ kind: 'delivered', at: start + days * day });

/** What the last of these events decides. */
const decisionOn = (events: readonly RecipientEvent[], rules = defaultRules): SuppressionDecision =>
  events.reduce<SuppressionDecision>(
    (before, event) => decideSuppression(before.kind === 'keep' ? before.run : null, event, rules),
    {
      kind: 'keep',
      run: null,
    },
  );

describe('at once, and for good', () => {
  test.each([
    ['a hard bounce', bounce('hard', 'mailbox_unknown', start, 'm', '5.1.1'), 'all', 'bounce', '5.1.1'],
    ['a complaint', bounce('complaint', 'feedback'), 'all', 'complaint', null],
    ['an unsubscribe', { kind: 'unsubscribe', at: start, list: null }, 'marketing', 'unsubscribe', null],
    ['a manual entry', { kind: 'manual', at: start, scope: 'all' }, 'all', 'manual', null],
    [
      'a manual entry of a list',
      { kind: 'manual', at: start, scope: 'list:news' },
      'list:news',
      'manual',
      null,
    ],
    [
      'an unsubscribe from a list',
      { kind: 'unsubscribe', at: start, list: ' news ' },
      'list:news',
      'unsubscribe',
      null,
    ],
    [
      'an unsubscribe from a list without a usable name',
      { kind: 'unsubscribe', at: start, list: 'jane@example.org' },
      'marketing',
      'unsubscribe',
      null,
    ],
  ] as const)('%s', (_, event, scope, reason, status) => {
    expect(decideSuppression(null, event)).toEqual({
      kind: 'suppress',
      scope,
      reason,
      status,
      since: start,
      expiresAt: null,
    });
  });

  test('the operator can keep complaints from stopping transactional mail', () => {
    const rules = { ...defaultRules, complaintScope: 'marketing' } as const;
    expect(decideSuppression(null, bounce('complaint', 'feedback'), rules)).toMatchObject({
      scope: 'marketing',
    });
    expect(decideSuppression(null, bounce('hard', 'mailbox_unknown'), rules)).toMatchObject({ scope: 'all' });
  });
});

describe('soft bounces', () => {
  test('five messages over seven days suppress until ninety days after the last', () => {
    expect(decisionOn([0, 2, 4, 6].map((days) => full(days))).kind).toBe('keep');
    expect(decisionOn([0, 2, 4, 6, 7].map((days) => full(days)))).toEqual({
      kind: 'suppress',
      scope: 'all',
      reason: 'bounce',
      status: '4.2.2',
      since: start + 7 * day,
      expiresAt: start + 97 * day,
    });
  });

  test('five within seven days wait for the next one', () => {
    const quick = [0, 1, 2, 3, 4].map((days) => full(days));
    expect(decisionOn(quick).kind).toBe('keep');
    expect(decisionOn([...quick, full(7)]).kind).toBe('suppress');
  });

  test('a message that is tried again and again counts once', () => {
    expect(decisionOn(Array.from({ length: 30 }, (_, i) => full(i, 'the same')))).toMatchObject({
      kind: 'keep',
      run: { bounces: 1 },
    });
  });

  test('bounces of unnamed messages count once a day', () => {
    const hourly = Array.from({ length: 24 * 4 }, (_, hour) => full(hour / 24, null));
    expect(decisionOn(hourly)).toMatchObject({ kind: 'keep', run: { bounces: 4 } });
  });

  test('a delivery in between starts anew', () => {
    expect(decisionOn([0, 2, 4, 6].map((days) => full(days)).concat(delivered(7)))).toEqual({
      kind: 'keep',
      run: null,
    });
    expect(decisionOn([full(0), full(2), full(4), full(6), delivered(7), full(8)])).toMatchObject({
      run: { bounces: 1, firstAt: start + 8 * day },
    });
  });

  test('a delivery from before the run, told late, ends nothing', () => {
    expect(decisionOn([full(1), full(2), delivered(0)])).toMatchObject({ run: { bounces: 2 } });
  });

  test('bounces told out of order span the same time', () => {
    expect(decisionOn([7, 0, 4, 2, 6].map((days) => full(days)))).toMatchObject({
      kind: 'suppress',
      expiresAt: start + 97 * day,
    });
  });

  test.each([
    'message_too_large',
    'greylisted',
    'rate_limited',
    'spam_content',
    'blocked_reputation',
  ] as const)('%s never counts', (reason) => {
    const events = Array.from({ length: 20 }, (_, i) => bounce('soft', reason, start + i * day));
    expect(decisionOn(events)).toEqual({ kind: 'keep', run: null });
  });

  test('an operator may set other limits', () => {
    const rules = { ...defaultRules, soft: { ...defaultRules.soft, bounces: 2, overMs: day, entryMs: day } };
    expect(decisionOn([full(0), full(1)], rules)).toMatchObject({
      kind: 'suppress',
      expiresAt: start + 2 * day,
    });
  });

  test('what is remembered of a run stays small', () => {
    const quick = Array.from({ length: 1_000 }, (_, i) => full(i / 1_000));
    const decision = decisionOn(quick);
    expect(decision.kind === 'keep' && decision.run?.messages.length).toBe(10);
  });
});

test('policy bounces, auto-replies and deliveries never suppress, whatever came before', () => {
  const harmless = fc.oneof(
    fc
      .constantFrom<BounceClass>('policy', 'autoreply', 'none')
      .chain((bounceClass) =>
        fc.integer({ min: 0, max: 365 }).map((days) => bounce(bounceClass, 'unknown', start + days * day)),
      ),
    fc.integer({ min: 0, max: 365 }).map(delivered),
  );
  const soft = fc.integer({ min: 0, max: 365 }).map((days) => full(days));
  fc.assert(
    fc.property(fc.array(fc.oneof(harmless, soft)), harmless, (before, last) => {
      expect(decisionOn([...before, last]).kind).toBe('keep');
    }),
  );
});

// What the rows of the guides' tests are made of.

import { expect } from 'vitest';
import type { BounceClass, BounceReason, Classification } from '../../../src/bounce/bounce.ts';
import { classifyReply } from '../../../src/bounce/classify.ts';
import { dayMs } from '../../../src/durations.ts';
import type { Cause, CountQuery, EventCount } from '../../../src/reports/count.ts';
import { createReports, type Dimension } from '../../../src/reports/report.ts';
import { type EventTally, type Failure, nothing } from '../../../src/reports/tally.ts';
import type { BandProfile } from '../../../src/reports/thresholds.ts';
import {
  decideSuppression,
  defaultRules,
  type SoftRun,
  type SuppressionDecision,
  type SuppressionRules,
} from '../../../src/suppression/rules.ts';

/** What a rule says, in a few words, and the assertions that show what presend does about it. */
export type Rule = readonly [says: string, show: () => void | Promise<void>];

/** Rules by their ids. */
export type Rules = Readonly<Record<string, Rule>>;

export const expectClass = (reply: string, is: BounceClass, reason?: BounceReason): Classification => {
  const found = classifyReply(reply);
  expect([reply, found.class]).toEqual([reply, is]);
  if (reason !== undefined) expect([reply, found.reason]).toEqual([reply, reason]);
  return found;
};

/** A row about the class of replies. */
export const classed = (says: string, is: BounceClass, reason: BounceReason, ...replies: string[]): Rule => [
  says,
  () => {
    for (const reply of replies) expectClass(reply, is, reason);
  },
];

export const today = Date.UTC(2026, 10, 20);

/** The decision after the replies came for messages to one address, a day apart or `everyMs`. `delivered` is a delivery. */
export function decisionAfter(
  replies: readonly (string | 'delivered')[],
  rules: SuppressionRules = defaultRules,
  everyMs = dayMs,
): SuppressionDecision {
  let run: SoftRun | null = null;
  let decision: SuppressionDecision = { kind: 'keep', run };
  replies.forEach((reply, index) => {
    const at = today + index * everyMs;
    if (reply === 'delivered') decision = decideSuppression(run, { kind: 'delivered', at }, rules);
    else {
      const { class: is, reason, status } = classifyReply(reply);
      const messageId = `message ${index}`;
      decision = decideSuppression(run, { kind: 'bounce', class: is, reason, status, messageId, at }, rules);
    }
    run = decision.kind === 'keep' ? decision.run : null;
  });
  return decision;
}

export const times = (count: number, reply: string): string[] => Array.from({ length: count }, () => reply);

export const softLimit = (bounces: number, days: number): SuppressionRules => ({
  ...defaultRules,
  soft: { ...defaultRules.soft, bounces, overMs: days * dayMs },
});

const usualCause: Readonly<Record<Failure, readonly [BounceReason, string | null]>> = {
  hard: ['mailbox_unknown', '5.1.1'],
  soft: ['mailbox_full', '4.2.2'],
  policy: ['authentication_failed', '5.7.26'],
  complaint: ['feedback', null],
  unsubscribed: ['unknown', null],
  deferred: ['rate_limited', '4.7.0'],
};

/** A count of the day that is so many days ago. Its failures have the usual cause. */
export function counted(name: string | null, counts: Partial<EventTally>, daysAgo = 0): EventCount {
  const causes = Object.entries(usualCause).flatMap(([failure, [reason, status]]): Cause[] => {
    const messages = counts[failure as Failure] ?? 0;
    return messages === 0 ? [] : [{ failure: failure as Failure, reason, status, messages }];
  });
  return { period: today - daysAgo * dayMs, name, tally: { ...nothing, ...counts }, causes };
}

/** Two weeks of quiet days before today, at two providers and other domains. */
export const quietDays = Array.from({ length: 14 }, (_, index) => index + 1).flatMap((daysAgo) => [
  counted('gmail', { delivered: 1000, hard: 8, soft: 10, policy: 2 }, daysAgo),
  counted('outlook', { delivered: 500, hard: 4, soft: 5, policy: 1 }, daysAgo),
  counted(null, { delivered: 500, hard: 6, soft: 6, policy: 2 }, daysAgo),
]);

/** The report on today, or on the last `days` days, if each dimension has these counts. */
export const reportOf = (
  counts: Partial<Record<CountQuery['by'], readonly EventCount[]>>,
  by: Dimension = 'provider',
  { days = 1, profile = null }: { readonly days?: number; readonly profile?: BandProfile | null } = {},
) =>
  createReports({
    counter: {
      count: async (query) =>
        (counts[query.by] ?? []).filter(({ period }) => query.from <= period && period < query.to),
      countUnproven: async () => 0,
    },
    now: () => today,
    profile,
  }).bounces({ from: today - (days - 1) * dayMs, to: today, by });

/** The report on mail of which so many of 1,000 messages failed. */
export const reportOfRates = (failures: Partial<EventTally>, profile: BandProfile | null = null) => {
  const failed = Object.values(failures).reduce((total, messages) => total + messages, 0);
  const provider = [counted('gmail', { delivered: 1000 - failed, ...failures })];
  return reportOf({ provider }, 'provider', { profile });
};

// The guides' rules on how fast and how often to send and to try again, and on stopping.

import { expect } from 'vitest';
import { classifyReply } from '../../../src/bounce/classify.ts';
import { retryAdvice } from '../../../src/bounce/retry-advice.ts';
import { readSettings } from '../../../src/platform/settings.ts';
import { decideGate, type GateState } from '../../../src/reports/gate/decide.ts';
import { espPreset } from '../../../src/reports/gate/presets.ts';
import type { GateQuestion } from '../../../src/reports/gate/question.ts';
import { replyLimitsOf } from '../../../src/reports/gate/reply-limits.ts';
import { spreadOver } from '../../../src/reports/gate/spread.ts';
import { nothing } from '../../../src/reports/tally.ts';
import { decisionAfter, type Rules, times, today } from './rule.ts';

const hour = 3600;
const dayMs = 86_400_000;

const question: GateQuestion = {
  ...{ campaign: 'spring', purpose: 'marketing', fromDomain: null, list: 'news', forecast: null },
  ...{ planned: null, firstSentAt: null },
};
const quiet: GateState = {
  ...{
    now: today,
    profile: null,
    account: null,
    scores: [],
    refusing: [],
    incidents: [],
    senderFaults: null,
  },
  providers: [
    {
      ...{ name: 'gmail', lastHour: { ...nothing, delivered: 100 } },
      ...{ lastDay: { ...nothing, delivered: 900 }, lastWeek: { ...nothing, delivered: 900 } },
    },
  ],
  lastWeek: { ...nothing, delivered: 8000, hard: 60 },
  warmUpDays: [],
  ...{ mailBefore: nothing, usualHard: null },
};
const gate = (state: Partial<GateState> = {}, asked: Partial<GateQuestion> = {}) =>
  decideGate({ ...question, ...asked }, { ...quiet, ...state });

const retry = (reply: string, presetHours: number | null = null) =>
  retryAdvice({ ...classifyReply(reply), reply, provider: null }, presetHours)!;

const campaignBounces = {
  ...({ kind: 'hard', dimension: 'campaign', name: 'spring', score: 30 } as const),
  ...{ raisedAt: today - 60_000, failedAt: today, messages: 200, failures: 30, since: today - 3_600_000 },
};
const block = {
  ...campaignBounces,
  kind: 'refused',
  dimension: 'provider',
  name: 'gmail',
  score: 40,
} as const;

/** The suppression rules of a service with this preset. */
export function rulesOf(preset: string) {
  const read = readSettings({ ESP_PRESET: preset });
  if (!read.ok) throw new Error(read.mistakes.join(' '));
  return read.settings.suppressionRules;
}

const firstSentAt = today - 3 * dayMs;
const goodDay = { ...nothing, delivered: 400 };
const deferredDay = { ...nothing, delivered: 350, deferred: 50 };
const badDay = { ...nothing, delivered: 200, deferred: 200 };
const warmUp = (...warmUpDays: GateState['warmUpDays']) => gate({ warmUpDays }, { firstSentAt });

export const pacingRules: Rules = {
  '1.18': [
    'temporary failures are tried again for 24 to 72 hours, with waits that grow',
    () => {
      for (const reply of [
        '421 4.3.2 Down',
        '421 4.4.1 No answer',
        '450 4.7.1 Greylisted',
        '451 4.4.7 Expired',
      ]) {
        const { after, retries, within } = retry(reply);
        expect(within).toBeGreaterThanOrEqual(24 * hour);
        expect(within).toBeLessThanOrEqual(72 * hour);
        // Each wait is twice as long as the one before it, and all of them fit.
        expect(after! * (2 ** retries - 1)).toBeLessThanOrEqual(within!);
      }
      expect(retry('450 4.7.1 Greylisted, try again in 120 seconds')).toMatchObject({
        after: 120,
        basis: 'reply',
      });
    },
  ],
  '2.40': [
    'soft: two or three more tries over 24 to 72 hours',
    () => {
      for (const reply of ['421 4.3.2 Down', '421 4.7.0 Too fast', '452 4.2.2 Mailbox full', '451 4.4.1']) {
        const { retries, within } = retry(reply);
        expect([2, 3]).toContain(retries);
        expect([24 * hour, 72 * hour]).toContain(within);
      }
    },
  ],
  '4.23': [
    'the warm-up of a domain is watched: trouble holds it back',
    () => {
      const { warmUp: plan, limits } = warmUp(goodDay, goodDay, goodDay);
      expect(plan).toMatchObject({ step: 3 });
      expect(limits).toEqual([{ provider: 'all', perHour: plan!.perHour }]);
      expect(warmUp(goodDay, goodDay, deferredDay).warmUp).toMatchObject({ step: 2 });
      expect(warmUp(goodDay, goodDay, badDay).warmUp).toMatchObject({ step: 0 });
    },
  ],
  '4.40': [
    'SendGrid tries for 72 hours, Mailgun for 8',
    () => {
      const window = (preset: string) => retry('421 4.3.2 Down', espPreset(preset)!.retryHours).within;
      expect([window('sendgrid'), window('mailgun')]).toEqual([72 * hour, 8 * hour]);
    },
  ],
  '4.41': [
    'a full mailbox is tried two or three times over days, then abandoned',
    () => {
      const full = '452 4.2.2 Mailbox full';
      expect(retry(full)).toMatchObject({ retries: 2, within: 72 * hour });
      const rules = rulesOf('ses');
      expect(decisionAfter(times(3, full), rules).kind).toBe('keep');
      expect(decisionAfter(times(4, full), rules)).toMatchObject({
        ...{ kind: 'suppress', expiresAt: today + (3 + 30) * dayMs },
      });
      // Another cause does not have this limit, and a delivery shows that there is room.
      expect(decisionAfter(times(4, '421 4.3.2 Down'), rules).kind).toBe('keep');
      expect(decisionAfter([full, full, 'delivered', full, full], rules).kind).toBe('keep');
      // Without a preset, full mailboxes count like other soft bounces.
      expect(decisionAfter(times(4, full)).kind).toBe('keep');
    },
  ],
  '4.43': [
    'three to seven campaigns, at Klaviyo seven in a row',
    () => {
      const down = '421 4.3.2 Down';
      const weekly = 7 * dayMs;
      const rules = rulesOf('klaviyo');
      expect(decisionAfter(times(6, down), rules, weekly).kind).toBe('keep');
      expect(decisionAfter(times(7, down), rules, weekly).kind).toBe('suppress');
      expect(decisionAfter([...times(6, down), 'delivered', down], rules, weekly).kind).toBe('keep');
      expect(decisionAfter(times(5, down), rulesOf('none'), weekly).kind).toBe('suppress');
    },
  ],
  '4.44': [
    'at Mailchimp seven in total',
    () => {
      const down = '421 4.3.2 Down';
      const rules = rulesOf('mailchimp');
      expect(decisionAfter([...times(6, down), 'delivered'], rules).kind).toBe('keep');
      expect(decisionAfter([...times(6, down), 'delivered', down], rules).kind).toBe('suppress');
      expect(decisionAfter([...times(6, down), 'delivered', down], rulesOf('klaviyo')).kind).toBe('keep');
    },
  ],
  '4.46': [
    'batches with random delays, spread over the hour',
    () => {
      expect(spreadOver(600)).toEqual({ messages: 10, everySeconds: 60, randomSeconds: 30 });
      expect(spreadOver(20)).toEqual({ messages: 1, everySeconds: 180, randomSeconds: 90 });
      expect(spreadOver(0)).toBeNull();
    },
  ],
  '4.48': [
    'a new domain or IP address warms up: little at first, then more each day',
    () => {
      const { decision, warmUp: plan } = gate({}, { firstSentAt: today });
      expect(decision).toBe('slow');
      expect(plan!.perHour).toBeLessThanOrEqual(50);
      const days = [plan!.perHour, ...plan!.nextDays];
      expect(days.length).toBeGreaterThanOrEqual(28);
      for (const [day, perHour] of days.slice(1).entries()) {
        expect(perHour).toBeGreaterThan(days[day]!);
        expect(perHour).toBeLessThanOrEqual(2 * days[day]!);
      }
      expect(gate({}, { firstSentAt: today - 90 * dayMs }).warmUp).toBeUndefined();
    },
  ],
  '4.60': [
    'a spike pauses the campaign',
    () => {
      expect(gate().decision).toBe('go');
      expect(gate({ scores: [campaignBounces] }).decision).toBe('stop');
      expect(gate({ scores: [block] }).limits).toEqual([{ provider: 'gmail', perHour: 0 }]);
      const reply = '421 4.7.28 Rate limited, try again in 300 seconds';
      const said = { ...classifyReply(reply), reply, provider: 'gmail', at: today };
      expect(gate({ replyLimits: replyLimitsOf([said], today) })).toMatchObject({
        ...{ decision: 'slow', until: today + 300_000 },
        limits: [{ provider: 'gmail', perHour: 0, until: today + 300_000 }],
      });
    },
  ],
};

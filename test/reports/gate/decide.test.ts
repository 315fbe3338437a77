// What is known, and the decision that follows.

import { expect, test } from 'vitest';
import { decideGate, type GateState } from '../../../src/reports/gate/decide.ts';
import type { GateIncident } from '../../../src/reports/gate/incident-reasons.ts';
import { espPreset } from '../../../src/reports/gate/presets.ts';
import type { GateDecision, GateQuestion } from '../../../src/reports/gate/question.ts';
import type { GateScore } from '../../../src/reports/gate/score.ts';
import { nothing } from '../../../src/reports/tally.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 20, 12);

const question: GateQuestion = {
  ...{ campaign: 'spring', purpose: 'marketing', fromDomain: null, list: 'news', forecast: null },
  ...{ planned: null, firstSentAt: null },
};
const mail = (name: string | null, delivered: number) => ({
  name,
  lastHour: { ...nothing, delivered: delivered / 10 },
  lastDay: { ...nothing, delivered },
  lastWeek: { ...nothing, delivered: 7 * delivered },
});
const quiet: GateState = {
  ...{ now, profile: null, account: null, scores: [], refusing: [], incidents: [], senderFaults: null },
  providers: [mail('gmail', 500), mail('outlook', 400), mail(null, 300)],
  lastWeek: { ...nothing, delivered: 8000, hard: 60 },
  ...{ warmUpDays: [], mailBefore: nothing, usualHard: null },
};
const raised = (kind: GateScore['kind'], name: string, failedAgo = 0): GateScore => ({
  ...{ kind, name, dimension: /^hard/.test(kind) ? 'campaign' : 'provider', score: 35 },
  ...{ raisedAt: now - failedAgo - 60_000, failedAt: now - failedAgo },
  ...{ messages: 200, failures: 40, since: now - failedAgo - hour },
});
/** A mailing of the list or the campaign that began `hours` ago and whose score is not raised. */
const mailing = (
  dimension: 'list' | 'campaign',
  messages: number,
  failures: number,
  hours = 1,
): GateScore => ({
  ...{ kind: 'hard', dimension, name: dimension === 'list' ? 'news' : 'spring', score: 5, raisedAt: null },
  ...{ failedAt: now, messages, failures, since: now - hours * hour },
});
const wasGood = { ...nothing, delivered: 990, hard: 10 };
const incident = (
  kind: GateIncident['kind'],
  severity: GateIncident['severity'],
  scope: GateIncident['scope'] = {},
  refusedAgo = 0,
): GateIncident => ({
  ...{ id: 'inc_1', kind, severity, scope, explanation: 'Seen.', advice: 'Do.' },
  ...{ openedAt: now - refusedAgo - hour, seenAt: now - refusedAgo },
  evidence: { providers: [{ name: 'outlook' }] },
});

const withChanges = <T extends object>(value: T, changes: Partial<T> | undefined): T => ({
  ...value,
  ...changes,
});

const rows: readonly (readonly [string, GateDecision, Partial<GateState>, Partial<GateQuestion>?])[] = [
  ['nothing is wrong', 'go', {}],
  ['gmail refuses now', 'slow', { scores: [raised('refused', 'gmail')] }],
  [
    'the providers of most mail refuse now',
    'stop',
    { scores: [raised('refused', 'gmail'), raised('refused', 'outlook')] },
  ],
  [
    'gmail refuses, and as most mail is held, the mail of the last day was nearly all to gmail',
    'slow',
    {
      scores: [raised('refused', 'gmail')],
      providers: [
        { ...mail('gmail', 500), lastDay: { ...nothing, policy: 40 } },
        ...[mail('outlook', 400), mail(null, 300)].map((one) => ({ ...one, lastDay: nothing })),
      ],
    },
  ],
  [
    'the same, for a password reset',
    'slow',
    { scores: [raised('refused', 'gmail'), raised('refused', 'outlook')] },
    { purpose: 'transactional' },
  ],
  [
    'gmail refused two hours ago: a few messages try it',
    'slow',
    { scores: [raised('refused', 'gmail', 2 * hour)] },
  ],
  ['gmail refused three days ago', 'go', { scores: [raised('refused', 'gmail', 72 * hour)] }],
  ['the campaign bounces', 'stop', { scores: [raised('hard', 'spring')] }],
  [
    'it bounced two days ago and was cleaned',
    'slow',
    { scores: [raised('hard', 'spring', 48 * hour)] },
    { forecast: { hard: 0.005, catchAll: null } },
  ],
  ['it was not cleaned', 'stop', { scores: [raised('hard', 'spring', 48 * hour)] }],
  ['an eighth of a new list bounces', 'stop', { scores: [mailing('list', 80, 10)] }],
  ['its bounces are reported before the rest', 'go', { scores: [mailing('list', 10, 10)] }],
  ['the same, after four bounces', 'go', { scores: [mailing('list', 32, 4)] }],
  ['it still does when the second hour ends', 'stop', { scores: [mailing('list', 32, 4, 1.5)] }],
  ['the same, after three bounces', 'go', { scores: [mailing('list', 24, 3, 1.5)] }],
  ['a twelfth of a new list bounces: that may be chance', 'go', { scores: [mailing('list', 84, 7)] }],
  ['the twelfth still does when the second hour ends', 'stop', { scores: [mailing('list', 84, 7, 1.5)] }],
  ['half as much does', 'go', { scores: [mailing('list', 168, 7, 1.5)] }],
  [
    'the same as the first, of a list that is known to be good',
    'go',
    { scores: [mailing('list', 80, 10)], mailBefore: wasGood },
  ],
  ['it bounces far more than ever', 'stop', { scores: [mailing('list', 120, 24)], mailBefore: wasGood }],
  [
    'a twelfth of a new list bounces that was expected to',
    'stop',
    { scores: [mailing('list', 100, 9)] },
    { forecast: { hard: 0.08, catchAll: null } },
  ],
  [
    'three of forty bounce when the second hour ends, and it was expected',
    'stop',
    { scores: [mailing('list', 40, 3, 1.5)] },
    { forecast: { hard: 0.06, catchAll: null } },
  ],
  [
    'a good campaign begins to bounce, as a bad list is sent under its name',
    'stop',
    {
      scores: [{ ...mailing('campaign', 600, 31, 4), score: 9 }],
      providers: [{ ...mail('gmail', 500), lastHour: { ...nothing, delivered: 180, hard: 12 } }],
      mailBefore: { ...nothing, delivered: 3638, hard: 10 },
    },
    { list: null },
  ],
  [
    'the same, and these are bounces of earlier hours that were reported together',
    'go',
    {
      scores: [{ ...mailing('campaign', 600, 31, 4), score: 9 }],
      mailBefore: { ...nothing, delivered: 3638, hard: 10 },
    },
    { list: null },
  ],
  [
    'the same, of a campaign that always bounced more',
    'go',
    {
      scores: [{ ...mailing('campaign', 600, 31, 4), score: 9 }],
      mailBefore: { ...nothing, delivered: 3600, hard: 60 },
    },
    { list: null },
  ],
  [
    'a twelfth of a new list bounces that was verified to be good',
    'go',
    { scores: [mailing('list', 84, 7, 1.5)] },
    { forecast: { hard: 0.01, catchAll: null } },
  ],
  [
    'little of a list bounces that bounced yesterday',
    'stop',
    { scores: [mailing('list', 100, 5)], mailBefore: { ...nothing, delivered: 900, hard: 100 } },
  ],
  [
    'little of a list bounces that hardly bounced before',
    'go',
    { scores: [mailing('list', 70, 6, 1.5)], mailBefore: { ...nothing, delivered: 149, hard: 1 } },
  ],
  [
    'an eighth bounces without a list, of a sender whose mail hardly bounces',
    'stop',
    { scores: [mailing('campaign', 96, 12)], usualHard: 0.003 },
    { list: null },
  ],
  [
    'the same, of a sender whose mail usually bounces more',
    'go',
    { scores: [mailing('campaign', 96, 12)], usualHard: 0.015 },
    { list: null },
  ],
  ['the same, of a sender that is unknown', 'go', { scores: [mailing('campaign', 96, 12)] }, { list: null }],
  ['a campaign bounces that goes to several lists', 'go', { scores: [mailing('campaign', 96, 12)] }],
  [
    'its score is not raised, and its list was good for weeks: a few messages try it',
    'slow',
    {
      scores: [{ ...mailing('list', 120, 24, 4), failedAt: now - 3 * hour }],
      mailBefore: wasGood,
    },
  ],
  [
    'a list that was good for weeks bounces',
    'stop',
    { scores: [raised('hard', 'spring', hour)], mailBefore: { ...nothing, delivered: 990, hard: 10 } },
  ],
  [
    'it bounced three hours ago: a few messages try it',
    'slow',
    { scores: [raised('hard', 'spring', 3 * hour)], mailBefore: { ...nothing, delivered: 990, hard: 10 } },
  ],
  [
    'the trial goes well: one bounce does not end it',
    'slow',
    {
      scores: [{ ...raised('hard', 'spring'), score: 15 }],
      mailBefore: { ...nothing, delivered: 990, hard: 10 },
    },
  ],
  [
    'it went well for so long that the score is not raised any more: one bounce does not end it either',
    'slow',
    {
      scores: [{ ...mailing('list', 960, 116, 54), score: 8.5 }],
      mailBefore: { ...nothing, delivered: 8790, hard: 60 },
    },
  ],
  ['outlook delays', 'slow', { scores: [raised('deferred', 'outlook')] }],
  ['authentication is broken', 'stop', { incidents: [incident('authentication', 'critical')] }],
  [
    'it broke three hours ago, and nothing was sent since then: a few messages try it',
    'slow',
    { incidents: [incident('authentication', 'critical', {}, 3 * hour)] },
  ],
  [
    'a look still finds it, but the last refusal was three hours ago',
    'slow',
    {
      incidents: [{ ...incident('sender_block', 'critical'), openedAt: now - 4 * hour }],
      scores: [{ ...raised('refused', 'outlook', 3 * hour), score: 20, raisedAt: null }],
    },
  ],
  [
    'it broke three hours ago, and a trial was refused just now',
    'stop',
    {
      incidents: [incident('authentication', 'critical', {}, 3 * hour)],
      scores: [{ ...raised('refused', 'outlook'), score: 20, raisedAt: null }],
    },
  ],
  [
    'the campaign was a bad import three hours ago: mail does not show that it is better',
    'stop',
    { incidents: [incident('bad_import', 'critical', { campaign: 'spring' }, 3 * hour)] },
  ],
  ['the sender is listed, a little', 'slow', { incidents: [incident('sender_block', 'warning')] }],
  [
    'this campaign is a bad import',
    'stop',
    { incidents: [incident('bad_import', 'critical', { campaign: 'spring' })] },
  ],
  [
    'another campaign is a bad import',
    'go',
    { incidents: [incident('bad_import', 'critical', { campaign: 'other' })] },
  ],
  [
    'another list gets complaints',
    'go',
    { incidents: [incident('complaints', 'critical', { list: 'offers' })] },
  ],
  [
    'complaints, for a password reset',
    'go',
    { incidents: [incident('complaints', 'critical')] },
    { purpose: 'transactional' },
  ],
  ['mailboxes are full', 'go', { incidents: [incident('mailboxes_full', 'critical')] }],
  ['6% of the list will bounce', 'slow', {}, { forecast: { hard: 0.06, catchAll: 0 } }],
  ['12% of the list will bounce', 'stop', {}, { forecast: { hard: 0.12, catchAll: 0 } }],
  ['3% of a cold list will bounce', 'slow', { profile: 'cold' }, { forecast: { hard: 0.03, catchAll: 0 } }],
  ['half of the list is catch-all', 'slow', {}, { forecast: { hard: 0.01, catchAll: 0.5 } }],
  [
    '6% hard bounces in a week at Amazon SES',
    'slow',
    { account: espPreset('ses')!.limits, lastWeek: { ...nothing, delivered: 9400, hard: 600 } },
  ],
  [
    '9.5%: SES pauses at 10%',
    'stop',
    { account: espPreset('ses')!.limits, lastWeek: { ...nothing, delivered: 9050, hard: 950 } },
  ],
  [
    'the same, and the list was good for weeks',
    'slow',
    {
      ...{ account: espPreset('ses')!.limits, lastWeek: { ...nothing, delivered: 9050, hard: 950 } },
      mailBefore: { ...nothing, delivered: 990, hard: 10 },
    },
  ],
  [
    'the same, and the list was checked',
    'slow',
    { account: espPreset('ses')!.limits, lastWeek: { ...nothing, delivered: 9050, hard: 950 } },
    { forecast: { hard: 0.005, catchAll: null } },
  ],
  [
    'the same, and the list was good for weeks, but its check says otherwise',
    'stop',
    {
      ...{ account: espPreset('ses')!.limits, lastWeek: { ...nothing, delivered: 9050, hard: 950 } },
      mailBefore: { ...nothing, delivered: 990, hard: 10 },
    },
    { forecast: { hard: 0.03, catchAll: null } },
  ],
  [
    'too few messages for a rate',
    'go',
    { account: espPreset('ses')!.limits, lastWeek: { ...nothing, delivered: 90, hard: 10 } },
  ],
  [
    'the DNS is broken, and mail arrives',
    'slow',
    { senderFaults: [{ code: 'spf_none', meaning: 'No SPF.' }] },
  ],
  [
    'the DNS is broken, and nothing was sent',
    'stop',
    { senderFaults: [{ code: 'spf_none', meaning: 'No SPF.' }], providers: [] },
  ],
  ['a new sender', 'slow', {}, { firstSentAt: now - hour }],
];

for (const [says, decision, state, differences] of rows)
  test(`${says}: ${decision}`, () => {
    const answer = decideGate(withChanges(question, differences), withChanges(quiet, state));
    expect(answer.decision).toBe(decision);
    expect(answer.until).toBeGreaterThan(now);
  });

test('a list whose forecast is bad is sent at a rate that tests it, until it was tested', () => {
  const forecast = { hard: 0.08, catchAll: null };
  const limitsOf = (state: Partial<GateState>, purpose: GateQuestion['purpose'] = 'marketing') =>
    decideGate({ ...question, forecast, purpose }, { ...quiet, ...state }).limits;
  const tested = [{ provider: 'all', perHour: 60 }];
  expect(limitsOf({})).toEqual(tested);
  expect(limitsOf({ scores: [mailing('list', 119, 2)] })).toEqual(tested);
  expect(limitsOf({ scores: [mailing('list', 120, 2)] })).toEqual([]);
  // Events without the list.
  expect(limitsOf({ scores: [mailing('campaign', 120, 2)] })).toEqual([]);
  expect(limitsOf({}, 'transactional')).toEqual([]);
  // Without events, no message would ever count.
  expect(limitsOf({ lastWeek: nothing })).toEqual([]);
});

test('near the limit of the account, a campaign without a list is tried, and goes on if it shows that it is good', () => {
  const near = {
    ...{ ...quiet, account: espPreset('ses')!.limits, usualHard: 0.004 },
    lastWeek: { ...nothing, delivered: 9050, hard: 950 },
  };
  const ask = (state: Partial<GateState>) => {
    const { decision, limits } = decideGate({ ...question, list: null }, { ...near, ...state });
    return [decision, limits[0]?.perHour];
  };
  const mailed = (messages: number, failures: number) => ({
    scores: [mailing('campaign', messages, failures)],
  });
  expect(ask({})).toEqual(['slow', 20]);
  expect(ask(mailed(60, 2))).toEqual(['slow', 20]);
  expect(ask(mailed(120, 2))).toEqual(['slow', 100]);
  expect(ask(mailed(60, 5))).toEqual(['stop', undefined]);
  expect(ask(mailed(120, 7))).toEqual(['stop', undefined]);
  expect(ask({ usualHard: 0.03 })).toEqual(['stop', undefined]);
  expect(ask({ usualHard: null })).toEqual(['stop', undefined]);
});

test('a stop near the limit of the account says when the rate is lower if nothing is sent', () => {
  const day = (age: number, delivered: number, hard: number) => ({
    start: Date.UTC(2026, 10, 20 - age),
    tally: { ...nothing, delivered, hard },
  });
  const messageOf = (...weekDays: ReturnType<typeof day>[]) =>
    decideGate(question, {
      ...{ ...quiet, account: espPreset('ses')!.limits, weekDays },
      lastWeek: { ...nothing, delivered: 9050, hard: 950 },
    }).reasons.find(({ code }) => code === 'esp_bounce_limit')!.message;
  // The bad day is three days old, so its last message is a week old five days from now.
  expect(messageOf(day(5, 4000, 20), day(3, 1050, 910), day(1, 4000, 20))).toContain('from 2026-11-25 on');
  expect(messageOf(day(5, 4000, 920), day(1, 5050, 30))).toContain('from 2026-11-23 on');
  expect(messageOf()).not.toContain('is lower from');
});

test('a block is held for an hour, and longer if it lasts, but at most twelve hours', () => {
  const limitsAfter = (lastedHours: number, agoHours: number) => {
    const failedAt = now - agoHours * hour;
    const score = { ...raised('refused', 'gmail'), failedAt, raisedAt: failedAt - lastedHours * hour };
    return decideGate(question, { ...quiet, scores: [score] }).limits;
  };
  const held = [{ provider: 'gmail', perHour: 0 }];
  const trial = [{ provider: 'gmail', perHour: 20 }];
  expect(limitsAfter(0, 0.9)).toEqual(held);
  expect(limitsAfter(0, 1.1)).toEqual(trial);
  expect(limitsAfter(10, 4.9)).toEqual(held);
  expect(limitsAfter(10, 5.1)).toEqual(trial);
  expect(limitsAfter(100, 11.9)).toEqual(held);
  expect(limitsAfter(100, 12.1)).toEqual(trial);
});

test('the trial of an open incident is slow until deliveries show that it goes well', () => {
  const open = incident('authentication', 'critical', {}, 3 * hour);
  const limitsWith = (score: number) =>
    decideGate(question, {
      ...quiet,
      incidents: [open],
      scores: [{ ...raised('refused', 'outlook', 3 * hour), score }],
    }).limits.filter(({ provider }) => provider === 'all');
  expect(limitsWith(25)).toEqual([{ provider: 'all', perHour: 20 }]);
  expect(limitsWith(15)).toEqual([{ provider: 'all', perHour: 100 }]);
});

// Decides whether a campaign may be sent, from what is known at this moment. Pure.

import { hourMs, minuteMs } from '../../durations.ts';
import { roughPercent } from '../../number-text.ts';
import { bounces, type EventTally, sentIn } from '../tally.ts';
import { rateBandsOf } from '../thresholds.ts';
import { accountReasons, type DayTally } from './account.ts';
import { type AddressState, badAddresses, isForecastTested } from './bad-addresses.ts';
import { blockHolds } from './holds.ts';
import { type GateIncident, incidentReasons } from './incident-reasons.ts';
import { forecastTest } from './mailing.ts';
import type { AccountLimits } from './presets.ts';
import type {
  GateAnswer,
  GateDecision,
  GateLimit,
  GatePurpose,
  GateQuestion,
  GateReason,
  WarmUpPlan,
} from './question.ts';
import { limitsByReplies, type ReplyLimit } from './reply-limits.ts';
import { scoreLimit } from './score.ts';
import { needsWarmUp, warmUpLimit } from './warm-up.ts';

/** An error that a preflight found in the DNS records of the From domain. */
export interface KnownFault {
  readonly code: string;
  readonly meaning: string;
}

/** Mail to one provider that got mail in the last week. The name is null for mail hosts that belong to no well-known provider. */
export interface ProviderMail {
  readonly name: string | null;
  readonly lastHour: EventTally;
  readonly lastDay: EventTally;
  /** The part of all mail that goes to a provider is that of a week, because a hold changes that of a day. */
  readonly lastWeek: EventTally;
}

/** What is known. All tallies are of the operator's whole mail, unless they say otherwise. */
export interface GateState extends AddressState {
  readonly account: AccountLimits | null;
  /** Without scores: providers that refuse much of the mail of this and the last hour (see `policyBursts`). */
  readonly refusing: readonly (string | null)[];
  readonly incidents: readonly GateIncident[];
  /** What single replies of providers ask for; absent: nothing. */
  readonly replyLimits?: readonly ReplyLimit[];
  readonly providers: readonly ProviderMail[];
  readonly lastWeek: EventTally;
  /** The days of the last week, the earliest first. `start`: epoch milliseconds. Absent: not known. */
  readonly weekDays?: readonly DayTally[];
  /** The complete days since the first mail, the earliest first. Empty if the question has no date of the first mail. */
  readonly warmUpDays: readonly EventTally[];
  /** The errors of the From domain; null if they are not known. */
  readonly senderFaults: readonly KnownFault[] | null;
}

const strictness: Readonly<Record<GateDecision, number>> = { go: 0, slow: 1, stop: 2 };

/** How long an answer is valid, unless something that it depends on ends sooner. `guess`. */
const answerMs: Readonly<Record<GateDecision, number>> = {
  go: 10 * minuteMs,
  slow: 10 * minuteMs,
  stop: hourMs,
};

/** If the providers that refuse mail get this share of all mail, a campaign must stop. `guess`. */
const mostRefusing = 0.5;
/** The share of addresses in catch-all domains above which a campaign is sent in small parts first. Guides for senders warn from it on. */
const muchCatchAll = 0.25;
/** A campaign stops if it is expected to bounce more often than this (the grade `stop`). */
const forecastStop = 0.1;
/**
 * The limit for a provider that delays mail: this part of the messages that it accepted in the last hour, but at least this many.
 * `guess`.
 */
const slowed = { part: 0.5, least: 20 } as const;

export function decideGate(question: GateQuestion, state: GateState): GateAnswer {
  const limits: GateLimit[] = [];
  const holds = blockHolds(state);
  const byReplies = limitsByReplies(state.replyLimits ?? [], state.now, (provider) =>
    slowedRate(provider, state.providers),
  );
  limits.push(...byReplies.limits);
  const plan = warmUpPlan(question, state);
  const found: GateReason[] = [
    ...holds.map(({ reason }) => reason),
    ...refusedShare(state, holds),
    ...incidentReasons(state.incidents, question, state, limits),
    ...badAddresses(question, state, limits),
    ...overloads(state, limits),
    ...byReplies.reasons,
    ...forecastReasons(question, state, limits),
    ...accountReasons(question, state, limits),
    ...dnsReasons(state),
    ...warmUpReasons(plan, limits),
    ...(state.providers.some(hasEvents) ? [] : [noEvents]),
  ];
  for (const { provider, perHour } of holds) limits.push({ provider, perHour });
  const reasons = found
    .map((reason) => forPurpose(question.purpose, reason))
    .toSorted((a, b) => strictness[b.decision] - strictness[a.decision]);
  const decision = reasons[0]?.decision ?? 'go';
  const ends = [...holds, ...byReplies.limits].flatMap(({ until }) =>
    until !== undefined && until > state.now ? [until] : [],
  );
  return {
    decision,
    reasons,
    limits: tightest(limits, question.planned),
    until: Math.min(state.now + answerMs[decision], ...ends),
    ...(plan === null ? {} : { warmUp: plan }),
  };
}

/**
 * Adapts a reason to the purpose. A person waits for transactional mail, so a reason that stops marketing only slows
 * transactional mail.
 */
function forPurpose(purpose: GatePurpose, reason: GateReason): GateReason {
  if (purpose === 'marketing' || reason.decision !== 'stop') return reason;
  return { ...reason, decision: 'slow' };
}

const reason = (
  code: GateReason['code'],
  decision: GateDecision,
  message: string,
  incident: string | null = null,
): GateReason => ({ code, decision, message, incident });

const noEvents = reason(
  'no_events',
  'go',
  'No delivery events arrived in the last day, so presend cannot see a block or a bad list. Connect the webhook of your email service provider to POST /v1/hooks/esp/….',
);

const hasEvents = ({ lastDay }: ProviderMail): boolean => Object.values(lastDay).some((count) => count > 0);

/** The reason to stop if the providers that refuse mail get so much of all mail that the rest is not worth sending now. */
function refusedShare(
  { providers }: GateState,
  holds: readonly { readonly provider: string | null; readonly perHour: number }[],
): GateReason[] {
  const closed = new Set(holds.filter(({ perHour }) => perHour === 0).map(({ provider }) => provider));
  if (closed.size === 0) return [];
  const mail = (some: readonly ProviderMail[]) =>
    some.reduce((sum, { lastWeek }) => sum + (sentIn(lastWeek) ?? bounces(lastWeek)), 0);
  const share = mail(providers.filter(({ name }) => closed.has(name))) / mail(providers);
  if (!(share >= mostRefusing)) return [];
  return [
    reason(
      'sender_block',
      'stop',
      `Most of your mail (${roughPercent(share)}) goes to providers that refuse it now. Stop sending, read their SMTP replies, and fix the cause first.`,
    ),
  ];
}

/** Half of what a provider took in the last hour. */
function slowedRate(provider: string | null, providers: readonly ProviderMail[]): number {
  const taken = providers.find(({ name }) => name === provider)?.lastHour.delivered ?? 0;
  return Math.max(slowed.least, Math.ceil(taken * slowed.part));
}

/**
 * The reasons and limits for providers that delay much of the mail now: half of the messages that they accepted in the last hour.
 */
function overloads({ scores, providers }: GateState, limits: GateLimit[]): GateReason[] {
  return scores.flatMap((score) => {
    if (score.kind !== 'deferred' || score.raisedAt === null || score.score < scoreLimit(score) / 2)
      return [];
    const provider = score.name === '' ? null : score.name;
    limits.push({ provider, perHour: slowedRate(provider, providers) });
    return [
      reason(
        'provider_defers',
        'slow',
        `${provider ?? 'Mail hosts of smaller providers'} delay${provider === null ? '' : 's'} much of your mail. Send it more slowly and spread it over the hour.`,
      ),
    ];
  });
}

function forecastReasons(question: GateQuestion, state: GateState, limits: GateLimit[]): GateReason[] {
  const { forecast } = question;
  if (forecast === null) return [];
  const { criticalAbove } = rateBandsOf(state.profile).hard;
  const reasons: GateReason[] = [];
  if (forecast.hard > criticalAbove) {
    // Mail of which nothing is reported cannot be tested, and a person waits for transactional mail.
    const isTestable = question.purpose === 'marketing' && sentIn(state.lastWeek) !== null;
    if (isTestable && !isForecastTested(question, state))
      limits.push({ provider: 'all', perHour: forecastTest.perHour });
    reasons.push(
      reason(
        'forecast',
        forecast.hard > Math.min(forecastStop, 2 * criticalAbove) ? 'stop' : 'slow',
        `${roughPercent(forecast.hard)} of this list are expected to bounce hard. The limit is ${roughPercent(criticalAbove)}. Remove the riskiest addresses before you send.`,
      ),
    );
  }
  if (forecast.catchAll !== null && forecast.catchAll > muchCatchAll)
    reasons.push(
      reason(
        'catch_all',
        'slow',
        `${roughPercent(forecast.catchAll)} of the addresses are at catch-all domains, which accept mail to any name. Nobody can check before sending whether such a mailbox exists. Send in small parts first.`,
      ),
    );
  return reasons;
}

/** If this much mail arrived, and no more than this share was refused, a fault in DNS does not stop all mail. */
const provesDelivery = { messages: 100, mostRefused: 0.02 } as const;

function dnsReasons({ senderFaults, providers }: GateState): GateReason[] {
  if (senderFaults === null || senderFaults.length === 0) return [];
  const total = (name: 'delivered' | 'policy') =>
    providers.reduce((sum, { lastDay }) => sum + lastDay[name], 0);
  const delivered = total('delivered');
  const arrives =
    delivered >= provesDelivery.messages && total('policy') < provesDelivery.mostRefused * delivered;
  return senderFaults.map(({ code, meaning }) =>
    reason('sender_dns', arrives ? 'slow' : 'stop', `${code}: ${meaning}`),
  );
}

const warmUpPlan = ({ firstSentAt }: GateQuestion, { warmUpDays, now }: GateState): WarmUpPlan | null =>
  firstSentAt === null || !needsWarmUp(firstSentAt, now) ? null : warmUpLimit(firstSentAt, warmUpDays, now);

function warmUpReasons(plan: WarmUpPlan | null, limits: GateLimit[]): GateReason[] {
  if (plan === null) return [];
  limits.push({ provider: 'all', perHour: plan.perHour });
  return [
    reason(
      'warm_up',
      'slow',
      `The sender is new: step ${plan.step} of its warm-up allows ${plan.perHour} messages in an hour.`,
    ),
  ];
}

/** The strictest limit of each provider, the lowest first. Limits that the planned mail cannot reach are left out. */
function tightest(limits: readonly GateLimit[], planned: number | null): GateLimit[] {
  const least = new Map<string | null, GateLimit>();
  for (const limit of limits) {
    const other = least.get(limit.provider);
    if (other === undefined || isTighter(limit, other)) least.set(limit.provider, limit);
  }
  return [...least.values()]
    .filter(({ perHour }) => planned === null || perHour < planned)
    .toSorted((a, b) => a.perHour - b.perHour);
}

/** Of two equal limits, the one that ends later holds, or the one without an end. */
const isTighter = (limit: GateLimit, other: GateLimit): boolean =>
  limit.perHour < other.perHour ||
  (limit.perHour === other.perHour &&
    (limit.until ?? Number.POSITIVE_INFINITY) > (other.until ?? Number.POSITIVE_INFINITY));

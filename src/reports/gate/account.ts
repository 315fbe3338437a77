// The rates of the last week against the limits at which the email service provider reviews or pauses an account. Pure.
//
// Near the limit, mail that is expected to be good goes on slowly: only good mail lowers the rate, so a stop of it would last until
// the week is over. Mail about which nothing is known yet is tried, if the sender's mail is usually good.

import { weekMs } from '../../durations.ts';
import { roughPercent } from '../../number-text.ts';
import { type EventTally, sentIn, sum } from '../tally.ts';
import { type AddressState, isExpectedGood } from './bad-addresses.ts';
import type { AccountLimits } from './presets.ts';
import type { GateLimit, GateQuestion, GateReason } from './question.ts';

/** A day of all mail. `start`: epoch milliseconds. */
export interface DayTally {
  readonly start: number;
  readonly tally: EventTally;
}

export interface AccountState extends AddressState {
  readonly account: AccountLimits | null;
  readonly lastWeek: EventTally;
  readonly weekDays?: readonly DayTally[];
}

/** Minimum number of sent messages for a rate of the account. */
const leastSent = { hard: 1000, complaint: 2000 } as const;
/** Sending stops at this part of a provider's limit, because messages that are under way can still bounce. `guess`. */
const nearLimit = 0.9;
/** Messages per hour of mail that is expected to be good, and of mail that is tried. `guess`. */
const perHour = { good: 100, tried: 20 } as const;
/** A campaign shows what its addresses are like after so many messages. `guess`. */
const leastShown = 100;

type Code = 'esp_bounce_limit' | 'esp_complaint_limit';

interface AccountRate {
  readonly code: Code;
  readonly rate: number;
  readonly review: number | null;
  readonly pause: number | null;
  /** What may be sent in an hour near the pause; null: nothing. `below`: the rate that good mail stays below. */
  readonly allowed: (below: number) => number | null;
  /** The failures that count. */
  readonly failures: (tally: EventTally) => number;
}

export function accountReasons(
  question: GateQuestion,
  state: AccountState,
  limits: GateLimit[],
): GateReason[] {
  const { account, lastWeek, mailBefore } = state;
  const sent = sentIn(lastWeek);
  if (sent === null || account === null) return [];
  const before = sentIn(mailBefore) ?? 0;
  const rates: AccountRate[] = [];
  if (sent >= leastSent.hard)
    rates.push({
      ...{ code: 'esp_bounce_limit', rate: lastWeek.hard / sent },
      ...{ review: account.hardReview, pause: account.hardPause },
      allowed: (below) => allowedOf(question, state, below),
      failures: ({ hard }) => hard,
    });
  if (sent >= leastSent.complaint)
    rates.push({
      ...{ code: 'esp_complaint_limit', rate: lastWeek.complaint / sent },
      ...{ review: account.complaintReview, pause: account.complaintPause },
      allowed: (below) =>
        before >= leastSent.complaint && mailBefore.complaint < below * before ? perHour.good : null,
      failures: ({ complaint }) => complaint,
    });
  return rates.flatMap((rate) => reasonsOf(rate, state, limits));
}

/** How much mail of a question may be sent in an hour near the limit of hard bounces. */
function allowedOf(question: GateQuestion, state: AccountState, below: number): number | null {
  if (isExpectedGood(question, state, below)) return perHour.good;
  const { list, forecast } = question;
  const { usualHard, scores } = state;
  // A list has a name, so it can show that it is good, or be verified. A campaign without one cannot.
  if (list !== null || forecast !== null || usualHard === null || usualHard >= below / 2) return null;
  const mailing = scores.find(({ kind, dimension }) => kind === 'hard' && dimension === 'campaign');
  if (mailing === undefined || mailing.messages < leastShown) {
    // It is tried until it shows what it is like.
    return (mailing?.failures ?? 0) >= below * leastShown ? null : perHour.tried;
  }
  return mailing.failures < below * mailing.messages ? perHour.good : null;
}

function reasonsOf(
  { code, rate, review, pause, allowed, failures }: AccountRate,
  state: AccountState,
  limits: GateLimit[],
): GateReason[] {
  const isNear = pause !== null && rate >= nearLimit * pause;
  if (!isNear && (review === null || rate < review)) return [];
  const what = code === 'esp_bounce_limit' ? 'hard bounce' : 'complaint';
  const seen = `The ${what} rate of the last week is ${roughPercent(rate)}. Your email service provider`;
  const reason = (decision: GateReason['decision'], message: string): GateReason => ({
    ...{ code, decision, message, incident: null },
  });
  if (!isNear)
    return [
      reason(
        'slow',
        `${seen} reviews accounts at ${roughPercent(review!)}. Send less until the rate is lower.`,
      ),
    ];
  const pauses = `${seen} pauses accounts at ${roughPercent(pause)}.`;
  const some = allowed(review ?? pause / 2);
  if (some !== null) {
    limits.push({ provider: 'all', perHour: some });
    return [
      reason(
        'slow',
        `${pauses} This mail is expected to bounce less, so it lowers the rate: send it slowly.`,
      ),
    ];
  }
  const end = lowerFrom(state.weekDays ?? [], failures, nearLimit * pause);
  const later =
    end === null
      ? ''
      : ` If nothing else is sent, the rate is lower from ${new Date(end).toISOString().slice(0, 10)} on.`;
  return [reason('stop', `${pauses} Stop sending and remove the cause first.${later}`)];
}

/** When the rate of the last week falls below `below` because its earliest days are over, if nothing is sent; null: unknown. */
function lowerFrom(
  days: readonly DayTally[],
  failures: (tally: EventTally) => number,
  below: number,
): number | null {
  for (const [index, { start }] of days.entries()) {
    const rest = sum(days.slice(index + 1).map(({ tally }) => tally));
    // The day counts until its last message is a week old.
    if (failures(rest) < below * (sentIn(rest) ?? 1)) return start + weekMs + weekMs / 7;
  }
  return null;
}

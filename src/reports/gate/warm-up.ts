// The plan by which a new domain or IP address sends more from day to day: data/warm-up.tsv.

import { warmUp } from '../../../data/packed/sending.js';
import { dayMs } from '../../durations.ts';
import { type EventTally, sentIn } from '../tally.ts';
import type { WarmUpPlan } from './question.ts';

const perHourOfDay = warmUp.split(' ').map(Number);

/** If the share of delayed or refused mail of a day is above these limits, the plan stays at its step, or goes back. `guess`. */
const troubled = { stay: 0.1, back: 0.25 } as const;

/** Days that the plan goes back after a day with very much trouble. `guess`. */
const daysBack = 2;

/** Whether a sender whose first mail was sent at `firstSentAt` must still follow the plan. */
export const needsWarmUp = (firstSentAt: number, now: number): boolean =>
  now - firstSentAt < 2 * perHourOfDay.length * dayMs;

/**
 * Returns how many messages may be sent in an hour; null after the end of the plan. `days` has the tallies of the complete days
 * since the first mail, the earliest first. A day moves the plan one step on, unless providers delayed or refused much of its
 * mail. A day without mail does not move the plan, because providers forget a sender that sends nothing.
 */
export function warmUpLimit(
  firstSentAt: number,
  days: readonly EventTally[],
  now: number,
): WarmUpPlan | null {
  const elapsed = Math.max(0, Math.floor((now - firstSentAt) / dayMs));
  let step = 0;
  for (const tally of days) {
    const sent = sentIn(tally);
    if (sent === null) continue;
    const trouble = (tally.deferred + tally.policy) / sent;
    if (trouble >= troubled.back) step = Math.max(0, step - daysBack);
    else if (trouble < troubled.stay) step += 1;
  }
  const today = Math.min(step, elapsed);
  const perHour = perHourOfDay[today];
  return perHour === undefined ? null : { step: today, perHour, nextDays: perHourOfDay.slice(today + 1) };
}

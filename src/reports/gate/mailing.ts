// Tests whether a mailing goes to a bad list, by the number of messages that bounced so far. Pure.
//
// The test is sequential: it weighs how likely the bounces are if the list is bad against how likely they are if it is not. Hours
// and speed do not matter to it, so a list that is sent slowly is stopped after as many messages as a fast one. It begins with what
// is believed before anything bounced, and stops a mailing when that is turned over. At first only strong evidence counts. When the
// second hour is nearly over, the likelier of the two is taken, because a bad list must not be sent into its third hour.

import { hourMs, minuteMs } from '../../durations.ts';
import { type BandProfile, rateBandsOf } from '../thresholds.ts';

/** The messages of one mailing that were delivered or bounced, and those that bounced hard. */
export interface MailingCounts {
  readonly messages: number;
  readonly failures: number;
  /** When its first message was reported, in epoch milliseconds; null if that is not known. */
  readonly since: number | null;
}

/** A mailing ends when its mail pauses for so long. `guess`. */
export const mailingPauseMs = 6 * hourMs;

/** What is believed before a mailing begins: how many times likelier it is that the list is bad than that it is good. `guess`. */
export const priorOdds = {
  /** A list that was not mailed in the last four weeks. Such lists are bad far more often than others. */
  newList: 3,
  /** A list that was mailed, but hardly. */
  hardlyMailed: 0.4,
  /** A campaign without a list, of a sender whose mail hardly bounces. */
  soundSender: 1.5,
  /** A campaign without a list, of another sender. Most of its campaigns are no bad lists. */
  otherSender: 0.14,
  /** Mail that was good for weeks. */
  knownGood: 0.05,
  /** Mail of a list of which more than the critical share is expected to bounce, or less than the share that warns. */
  badForecast: 20,
  goodForecast: 0.14,
} as const;

/**
 * Fewer messages or hard bounces than these say nothing, because bounces may be reported sooner than the rest. If a forecast said
 * that the list is bad, fewer are enough. `guess`.
 */
const least = { messages: 20, failures: 4, failuresAfterForecast: 3 } as const;
/** Odds at which a mailing is stopped at once. `guess`. */
const sure = 40;
/** From then on, a mailing is stopped that is likelier bad than good. Questions about a slow one are twenty minutes apart. `guess`. */
const dueAfterMs = 85 * minuteMs;

/**
 * The shares of hard bounces of good and of bad lists, as parts of the rate that is critical: 0.5% to 5%, and 8% to 40%. Between
 * these it may be called either.
 */
const goodParts = [0.1, 0.4, 0.6, 0.8, 1];
const badParts = Array.from({ length: 9 }, (_, index) => 1.6 * 5 ** (index / 8));

/** How many times likelier the bounces are if the list is bad, as a logarithm. */
function evidence({ messages, failures }: MailingCounts, profile: BandProfile | null): number {
  const critical = rateBandsOf(profile).hard.criticalAbove;
  // A late bounce may be counted without its message.
  const rest = Math.max(messages - failures, 0);
  const likelihood = (parts: readonly number[]) =>
    logMean(parts.map((part) => failures * Math.log(part * critical) + rest * Math.log(1 - part * critical)));
  return likelihood(badParts) - likelihood(goodParts);
}

/** The logarithm of the mean of numbers that are given by their logarithms. */
function logMean(logarithms: readonly number[]): number {
  const most = Math.max(...logarithms);
  const total = logarithms.reduce((sum, one) => sum + Math.exp(one - most), 0);
  return most + Math.log(total / logarithms.length);
}

/**
 * A list with a bad forecast is sent at no more than this rate until its test has so many messages: in two hours they show
 * whether the forecast is right, at a lower speed they do not. `guess`.
 */
export const forecastTest = { perHour: 60, messages: 120 } as const;

/** Whether a mailing must be stopped now. */
export function looksBad(
  mailing: MailingCounts,
  odds: number,
  { now, profile }: { readonly now: number; readonly profile: BandProfile | null },
): boolean {
  const leastFailures = odds >= priorOdds.badForecast ? least.failuresAfterForecast : least.failures;
  if (mailing.messages < least.messages || mailing.failures < leastFailures) return false;
  const isDue = mailing.since === null || now - mailing.since >= dueAfterMs;
  return Math.log(odds) + evidence(mailing, profile) >= (isDue ? 0 : Math.log(sure));
}

// Decides what follows from the hard bounces of a campaign or a list: it stops, and may be tried again if it was good before.

import { dayMs, hourMs, startOfDay } from '../../durations.ts';
import { type EventTally, sentIn, sum } from '../tally.ts';
import { type BandProfile, rateBandsOf } from '../thresholds.ts';
import { forecastTest, looksBad, type MailingCounts, priorOdds } from './mailing.ts';
import type { GateLimit, GateQuestion, GateReason } from './question.ts';
import { type GateScore, scoreLimit } from './score.ts';

/** What is known about the addresses of a question. */
export interface AddressState {
  readonly now: number;
  readonly profile: BandProfile | null;
  readonly scores: readonly GateScore[];
  /** What the list of the question, or its campaign if it names no list, did in the complete days of the last weeks. */
  readonly mailBefore: EventTally;
  /** All mail of the last hour, by when it happened. */
  readonly providers: readonly { readonly lastHour: EventTally }[];
  /** The median share of hard bounces of those days, of all mail; null if too little is known. */
  readonly usualHard: number | null;
}

/** A list is known to be good after so many messages, if fewer than this share of them bounced hard. `guess`. */
const knownGood = { sent: 200, hard: 0.03 } as const;
/**
 * Mail of which less than this share bounced in weeks is held at a lower score than other mail. A bad list may be sent under the
 * name of a good campaign and at the same time. Then it is hidden among good messages, and the counts of the mailing do not show it.
 * `guess`: chance raises a score that high about once in 3,000 messages of which 3% bounce, and hardly ever below 1%.
 */
const hardlyBounced = { hard: 0.01, score: 8 } as const;
/** A list that got fewer messages than this on earlier days of the last weeks is new. `guess`. */
const hardlyMailed = 50;
/** If the sender's usual share of hard bounces is at most this, a campaign without a list is sooner called bad. `guess`. */
const soundHard = 0.005;
/** A list that is known to be good is tried again so long after its last hard bounce, with so many messages in an hour. `guess`. */
const trial = { afterMs: 2 * hourMs, perHour: 30, perHourLater: 150 } as const;

function isKnownGood({ mailBefore }: AddressState, hard: number = knownGood.hard): boolean {
  const sent = sentIn(mailBefore);
  return sent !== null && sent >= knownGood.sent && mailBefore.hard < hard * sent;
}

/**
 * Whether the mail of a question is expected to bounce at less than a rate: a list that was mailed before did, and a forecast does
 * not say otherwise; or a new list has a forecast that is low.
 */
export function isExpectedGood({ forecast }: GateQuestion, state: AddressState, below: number): boolean {
  if (forecast !== null && forecast.hard >= Math.min(below, rateBandsOf(state.profile).hard.warningFrom))
    return false;
  const { mailBefore } = state;
  return forecast !== null || (isKnownGood(state) && mailBefore.hard < below * (sentIn(mailBefore) ?? 0));
}

/** Whether a score has the counts of the mailing. A sender that names no lists has only its campaigns. */
const isOfMailing = ({ list }: GateQuestion, { kind, dimension }: GateScore): boolean =>
  kind === 'hard' && dimension === (list === null ? 'campaign' : 'list');

/** Whether the mailing must be stopped although its score is not raised. */
const isFoundBad = (question: GateQuestion, state: AddressState, score: GateScore): boolean =>
  isOfMailing(question, score) &&
  ((score.score >= hardlyBounced.score && isKnownGood(state, hardlyBounced.hard) && bouncesNow(state)) ||
    looksBad(withBefore(score, state), oddsOf(question, state), state));

/** Whether mail of the last hour bounced. Bounces of earlier hours that are reported together raise a score too. */
function bouncesNow({ providers }: AddressState): boolean {
  const last = sum(providers.map(({ lastHour }) => lastHour));
  return last.hard >= knownGood.hard * (sentIn(last) ?? Number.POSITIVE_INFINITY);
}

/** Whether so much of the mailing was sent that it shows whether a bad forecast is right. */
export function isForecastTested(question: GateQuestion, { scores }: AddressState): boolean {
  // The events of some senders name no list.
  const mailing =
    scores.find((score) => isOfMailing(question, score)) ?? scores.find(({ kind }) => kind === 'hard');
  return mailing !== undefined && mailing.messages >= forecastTest.messages;
}

/** What a list that is not known to be good did on earlier days counts as what it does now. */
function withBefore(score: GateScore, state: AddressState): MailingCounts {
  const { messages, failures, since } = score;
  const before = sentIn(state.mailBefore) ?? 0;
  // A mailing that began on an earlier day is counted already.
  if (isKnownGood(state) || since === null || since < startOfDay(state.now)) return score;
  return { messages: messages + before, failures: failures + state.mailBefore.hard, since };
}

/** What is believed about a list before it is mailed. */
function oddsOf({ list, forecast }: GateQuestion, state: AddressState): number {
  const { warningFrom, criticalAbove } = rateBandsOf(state.profile).hard;
  if (forecast !== null && forecast.hard > criticalAbove) return priorOdds.badForecast;
  if (isKnownGood(state)) return priorOdds.knownGood;
  if (forecast !== null && forecast.hard < warningFrom) return priorOdds.goodForecast;
  if (list !== null)
    return (sentIn(state.mailBefore) ?? 0) < hardlyMailed ? priorOdds.newList : priorOdds.hardlyMailed;
  return state.usualHard !== null && state.usualHard <= soundHard
    ? priorOdds.soundSender
    : priorOdds.otherSender;
}

/** Returns the reasons, and adds the limits of trials to `limits`. */
export function badAddresses(question: GateQuestion, state: AddressState, limits: GateLimit[]): GateReason[] {
  const bad = state.scores.filter(
    (score) => score.kind === 'hard' && (score.raisedAt !== null || isFoundBad(question, state, score)),
  );
  return bad.map((score) => {
    if (isTried(score, state)) {
      limits.push({ provider: 'all', perHour: isBetter(score, state) ? trial.perHourLater : trial.perHour });
      return reasonOf(
        score,
        'slow',
        'had too many hard bounces until recently. Send only a few messages now, and ask again.',
      );
    }
    const { forecast } = question;
    // A list that was cleaned since then is sent in small parts, until its deliveries show that it is better.
    const isLongAgo = score.failedAt !== null && state.now - score.failedAt > 24 * hourMs;
    const isCleaned =
      forecast !== null && forecast.hard < rateBandsOf(state.profile).hard.warningFrom && isLongAgo;
    return reasonOf(
      score,
      isCleaned ? 'slow' : 'stop',
      'has too many addresses that do not exist. Verify the list, remove the addresses with the action "reject", and ask again with the forecast of the list.',
    );
  });
}

/** A list that was good for weeks may have bounced for a fault of its provider. One that never was good is not tried. */
function isTried(score: GateScore, state: AddressState): boolean {
  if (!isKnownGood(state)) return false;
  const isOver = score.failedAt === null || state.now - score.failedAt >= trial.afterMs;
  return isOver || isBetter(score, state);
}

/** Whether the latest mail shows that what bounced before is over, so that a single bounce does not end the trial. */
const isBetter = (score: GateScore, state: AddressState): boolean =>
  score.score < scoreLimit(score) && (score.raisedAt !== null || (isOld(score, state) && !bouncesNow(state)));

/** Whether a mailing began a day ago or earlier. One goes on for so long if it was bad, be it a late bounce alone, or if its mail never pauses. */
const isOld = ({ since }: MailingCounts, { now }: AddressState): boolean =>
  since !== null && now - since >= dayMs;

const reasonOf = (
  { dimension, name }: GateScore,
  decision: GateReason['decision'],
  says: string,
): GateReason => ({
  ...{ code: 'hard_bounces', decision, incident: null },
  message: `The ${dimension} ${name} ${says}`,
});

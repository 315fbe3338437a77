// Decides what follows from the hard bounces of a campaign or a list: it stops, and may be tried again if it was good before.

import { hourMs } from '../../durations.ts';
import { type EventTally, sentIn } from '../tally.ts';
import { type BandProfile, rateBandsOf } from '../thresholds.ts';
import type { GateLimit, GateQuestion, GateReason } from './question.ts';
import { type GateScore, scoreLimit } from './score.ts';

/** What is known about the addresses of a question. */
export interface AddressState {
  readonly now: number;
  readonly profile: BandProfile | null;
  readonly scores: readonly GateScore[];
  /** What the list of the question, or its campaign if it names no list, did in the complete days of the last weeks. */
  readonly mailBefore: EventTally;
  /** The median share of hard bounces of those days, of all mail; null if too little is known. */
  readonly usualHard: number | null;
}

/** A list is known to be good after so many messages, if fewer than this share of them bounced hard. `guess`. */
const knownGood = { sent: 200, hard: 0.03 } as const;
/**
 * If the sender's usual share of hard bounces is at most this, few hard bounces are enough to call a campaign without a list bad.
 * `guess`.
 */
const soundHard = 0.005;
/** A list that is known to be good is tried again so long after its last hard bounce, with so many messages in an hour. `guess`. */
const trial = { afterMs: 2 * hourMs, perHour: 30, perHourLater: 150 } as const;

function isKnownGood({ mailBefore }: AddressState): boolean {
  const sent = sentIn(mailBefore);
  return sent !== null && sent >= knownGood.sent && mailBefore.hard < knownGood.hard * sent;
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

/**
 * Whether few hard bounces (the score `hard_early`) are enough to call a list or a campaign bad. They are for a list that was
 * hardly mailed before, because such lists are bad far more often. If the sender names no lists, few are enough for a sender
 * whose usual rate is low.
 */
const isSoonBelieved = (
  { list }: GateQuestion,
  dimension: GateScore['dimension'],
  state: AddressState,
): boolean =>
  list === null
    ? state.usualHard !== null && state.usualHard <= soundHard
    : dimension === 'list' && !isKnownGood(state);

/** Returns the reasons, and adds the limits of trials to `limits`. */
export function badAddresses(question: GateQuestion, state: AddressState, limits: GateLimit[]): GateReason[] {
  const raised = state.scores.filter(
    ({ kind, dimension, raisedAt }) =>
      raisedAt !== null &&
      (kind === 'hard' || (kind === 'hard_early' && isSoonBelieved(question, dimension, state))),
  );
  // If `hard` and `hard_early` were both raised for one dimension, they give one reason.
  const bad = new Map(raised.map((score) => [score.dimension, score]));
  return [...bad.values()].map((score) => {
    if (isTried(score, state)) {
      const goesWell = score.score < scoreLimit(score);
      limits.push({ provider: 'all', perHour: goesWell ? trial.perHourLater : trial.perHour });
      return reasonOf(
        score,
        'slow',
        'had too many hard bounces until recently. Send only a few messages now, and ask again.',
      );
    }
    const { forecast } = question;
    // A list that was cleaned since then is sent in small parts, until its deliveries show that it is better.
    const isOld = score.failedAt !== null && state.now - score.failedAt > 24 * hourMs;
    const isCleaned =
      forecast !== null && forecast.hard < rateBandsOf(state.profile).hard.warningFrom && isOld;
    return reasonOf(
      score,
      isCleaned ? 'slow' : 'stop',
      'has too many addresses that do not exist. Verify the list, remove the addresses with the action "reject", and ask again with the forecast of the list.',
    );
  });
}

/** A list that was good for weeks may have bounced for a fault of its provider. One that never was good is not tried. */
function isTried(score: GateScore, state: AddressState): boolean {
  if (score.kind !== 'hard' || !isKnownGood(state)) return false;
  const isOver = score.failedAt === null || state.now - score.failedAt >= trial.afterMs;
  return isOver || score.score < scoreLimit(score);
}

const reasonOf = (
  { dimension, name }: GateScore,
  decision: GateReason['decision'],
  says: string,
): GateReason => ({
  ...{ code: 'hard_bounces', decision, incident: null },
  message: `The ${dimension} ${name} ${says}`,
});

// Scores how strongly the latest events indicate a block, a bad list or an overload. Counts by the hour react too slowly: after
// ten thousand deliveries, a block raises the rate of the hour only after hundreds of messages have bounced.

import { type BandProfile, rateBandsOf } from '../thresholds.ts';
import type { MailingCounts } from './mailing.ts';

export type ScoreKind = 'refused' | 'hard' | 'deferred';
export type ScoreDimension = 'provider' | 'campaign' | 'list';

/** What happened to one message, as far as scores are concerned. Null names are unknown. */
export interface ScoredEvent {
  /**
   * `sent`: the message left, and its reporter reports no deliveries. It counts as delivered until it bounces.
   */
  readonly outcome: 'sent' | 'delivered' | 'hard' | 'soft' | 'policy' | 'deferred';
  /** Whether the message counted as delivered before. */
  readonly wasSent: boolean;
  readonly provider: string | null;
  readonly campaign: string | null;
  readonly list: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface ScoreKey {
  readonly kind: ScoreKind;
  readonly dimension: ScoreDimension;
  /** Empty for mail hosts of no well-known provider. */
  readonly name: string;
}

/** A score as it is stored, and the messages of the current mailing. Times are in epoch milliseconds. */
export interface GateScore extends ScoreKey, MailingCounts {
  readonly score: number;
  /** When the score reached its limit; null if it has not since it was last 0. */
  readonly raisedAt: number | null;
  /** When the last failure happened. */
  readonly failedAt: number | null;
}

/**
 * How some events change a score. A score never falls below 0, so the effect of a sequence is `max(score + total, best)`:
 * storage can apply it in one atomic statement, whatever other processes add in between.
 */
export interface ScoreChange extends ScoreKey {
  readonly total: number;
  readonly best: number;
  readonly failedAt: number | null;
  /** The score at which the mail is held. */
  readonly limit: number;
  /** How many messages had an outcome for the first time, and how many failed. */
  readonly messages: number;
  readonly failures: number;
  /** A mailing of which at most this share failed ends when its mail pauses. One that is worse is not forgotten. */
  readonly endsBelow: number;
}

/** The changes by some events. */
export interface ScoreChanges {
  readonly changes: readonly ScoreChange[];
  /** Epoch milliseconds. */
  readonly at: number;
}

interface Rates {
  /** The share of failures of ordinary mail, and of mail that must be held. */
  readonly usual: number;
  readonly bad: number;
  /** The score at which the mail is held. */
  readonly limit: number;
}

/**
 * The rates and limits were measured on synthetic years of sends (`npm run simulate -- gate-years`, development seeds; see
 * docs/gate.md): they stop blocks within 50 refused messages. `deferred` and the rates of cold mail are guesses. How lists are stopped
 * that are not known to be good: see mailing.ts. A score is that of Page's CUSUM test (1954): the sum of the logarithms of
 * how much likelier each outcome is at the bad rate than at the usual one. After the limit L, one false alarm is expected in
 * about e^L messages at the usual rate. Failures come in clusters, so the limits are much higher than independent ones need.
 */
const ratesOf: Readonly<Record<ScoreKind, Rates>> = {
  refused: { usual: 0.02, bad: 0.15, limit: 24 },
  hard: { usual: 0.03, bad: 0.1, limit: 20 },
  deferred: { usual: 0.1, bad: 0.5, limit: 25 },
};

/** Cold mail must pause at lower rates of hard bounces (see `rateBandsOf`). */
const coldRates: Partial<Record<ScoreKind, Rates>> = {
  hard: { usual: 0.012, bad: 0.04, limit: 20 },
};

/**
 * Factor of the limit for the mail hosts of no well-known provider, because these are many: failures at one of them must not hold
 * back the mail to all others. `guess`.
 */
const unnamedFactor = 2;

/**
 * A score stops rising this far above its limit, so a block that ended is forgotten soon: some 15 deliveries bring it below its
 * limit, and some 120 to half of it. `guess`.
 */
const headroom = 2;

const ratesFor = (kind: ScoreKind, profile: BandProfile | null): Rates =>
  (profile === 'cold' ? coldRates[kind] : undefined) ?? ratesOf[kind];

/** The score at which mail is held. */
export const scoreLimit = ({ kind, dimension, name }: ScoreKey): number =>
  ratesOf[kind].limit * (dimension === 'provider' && name === '' ? unnamedFactor : 1);

export const maximumScore = (limit: number): number => limit + headroom;

/** Whether an outcome is a failure of this kind; null if the outcome does not matter for this kind. */
const failureOf: Readonly<Record<ScoreKind, (outcome: ScoredEvent['outcome']) => boolean | null>> = {
  refused: (outcome) => (outcome === 'deferred' ? null : outcome === 'policy'),
  hard: (outcome) => (outcome === 'deferred' ? null : outcome === 'hard'),
  deferred: (outcome) =>
    outcome === 'delivered' || outcome === 'sent'
      ? false
      : outcome === 'deferred' || outcome === 'soft'
        ? true
        : null,
};

function keysOf({ provider, campaign, list }: ScoredEvent): ScoreKey[] {
  const named = (dimension: ScoreDimension, name: string | null): ScoreKey[] =>
    name === null ? [] : [{ kind: 'hard', dimension, name }];
  return [
    { kind: 'refused', dimension: 'provider', name: provider ?? '' },
    { kind: 'deferred', dimension: 'provider', name: provider ?? '' },
    ...named('campaign', campaign),
    ...named('list', list),
  ];
}

/** Returns how the events, in the order in which they happened, change the scores. */
export function scoreChanges(
  events: readonly ScoredEvent[],
  profile: BandProfile | null,
): readonly ScoreChange[] {
  const endsBelow = rateBandsOf(profile).hard.criticalAbove;
  const changes = new Map<string, { -readonly [Name in keyof ScoreChange]: ScoreChange[Name] }>();
  for (const event of events)
    for (const key of keysOf(event)) {
      const isFailure = failureOf[key.kind](event.outcome);
      if (isFailure === null) continue;
      const { usual, bad } = ratesFor(key.kind, profile);
      const success = Math.log((1 - bad) / (1 - usual));
      const isCounted = event.wasSent && event.outcome !== 'deferred';
      const step = isFailure ? Math.log(bad / usual) - (isCounted ? success : 0) : isCounted ? 0 : success;
      const id = `${key.kind} ${key.dimension} ${key.name}`;
      let change = changes.get(id);
      if (change === undefined) {
        change = {
          ...{ ...key, total: 0, best: 0, failedAt: null, limit: scoreLimit(key) },
          ...{ messages: 0, failures: 0, endsBelow },
        };
        changes.set(id, change);
      }
      change.total += step;
      if (!isCounted) change.messages += 1;
      if (isFailure) change.failures += 1;
      change.best = Math.min(Math.max(0, change.best + step), maximumScore(change.limit));
      if (isFailure) change.failedAt = Math.max(change.failedAt ?? 0, event.at);
    }
  return [...changes.values()];
}

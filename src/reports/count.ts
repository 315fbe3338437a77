// Counts of delivery events: how much mail was sent, how much bounced and why. They are grouped by time and by one
// property of the mail, such as the provider.

import type { BounceReason } from '../bounce/bounce.ts';
import type { EventTally, Failure } from './tally.ts';

/** A cause of failures, and the number of messages that failed for it. */
export interface Cause {
  readonly failure: Failure;
  readonly reason: BounceReason;
  /** The enhanced status code (RFC 3463), such as 5.1.1. Null if it is unknown. */
  readonly status: string | null;
  readonly messages: number;
}

/** The outcomes of the mail of one period that has one property in common, such as the provider or the source. */
export interface EventCount {
  /** Start of the period in epoch milliseconds; 0 if the count is for the whole time of the query. */
  readonly period: number;
  /** The name of the provider, source and so on; the reason or the status. Null if unknown. */
  readonly name: string | null;
  readonly tally: EventTally;
  /** The causes may be computed only when they are first read, which takes longer than reading `tally`. */
  readonly causes: readonly Cause[];
}

export interface CountQuery {
  /**
   * Start (included) and end (excluded) of the time to count, in epoch milliseconds. Events are counted by whole hours: the time
   * is extended to the start of its first hour and to the end of its last hour.
   */
  readonly from: number;
  readonly to: number;
  /**
   * `mail_host`: the `mailHostDomain` of the recipient's domain. It is known only for bounces, as are `reason` and `status`, so
   * sent and delivered messages are not counted. `list`: the mailing list that the event names.
   *
   * If an hour or a day has very many names, some of them are counted together under the name `other`.
   */
  readonly by: 'provider' | 'gateway' | 'source' | 'campaign' | 'list' | 'mail_host' | 'reason' | 'status';
  readonly every: 'hour' | 'day' | 'all';
  /** False if the causes are not needed: `EventCount.causes` is then empty, and the count is faster. True by default. */
  readonly causes?: boolean;
  /** Counts only these names; all by default. */
  readonly names?: readonly (string | null)[];
}

/**
 * The storage port that returns counts of delivery events. Of several bounces of one message to one recipient, only the latest
 * counts; a complaint and an unsubscribe count as well. Counts do not change when the events are deleted.
 */
export interface EventCounter {
  /** Returns one count for each combination of period and name that has events. The order is arbitrary. */
  count(question: CountQuery): Promise<EventCount[]>;
  /**
   * Returns the number of events without proof that they are about the operator's mail (see BOUNCE_TRUST in
   * docs/bounces.md). `count` leaves these events out.
   */
  countUnproven(period: Pick<CountQuery, 'from' | 'to'>): Promise<number>;
}

/** The storage port that counts the events that earlier versions stored. Newer events are counted when they are stored. */
export interface EventHistory {
  /**
   * Counts at most `limit` events, the newest first: the counts of recent days are complete soon, and the oldest events may
   * expire before they are counted. Returns the number of events. One transaction counts them and marks them as counted.
   */
  countNext(limit: number): Promise<number>;
  /** Returns the time of the newest event that is not counted yet, in epoch milliseconds; null if all events are counted. */
  newestUncounted(): Promise<number | null>;
}

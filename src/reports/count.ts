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
  readonly causes: readonly Cause[];
}

export interface CountQuery {
  /** Start (included) and end (excluded) of the time to count, in epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /**
   * `mail_host`: the `mailHostDomain` of the recipient's domain. It is known only for bounces, as are `reason` and `status`, so sent
   * and delivered messages are not counted. `list`: the mailing list that the event names.
   */
  readonly by: 'provider' | 'gateway' | 'source' | 'campaign' | 'list' | 'mail_host' | 'reason' | 'status';
  readonly every: 'hour' | 'day' | 'all';
}

/** The storage port that counts stored delivery events. */
export interface EventCounter {
  /** Returns one count for each combination of period and name that has events. The order is arbitrary. */
  count(question: CountQuery): Promise<EventCount[]>;
  /**
   * Returns the number of events without proof that they are about the operator's mail (see BOUNCE_TRUST in
   * docs/bounces.md). `count` leaves these events out.
   */
  countUnproven(period: Pick<CountQuery, 'from' | 'to'>): Promise<number>;
}

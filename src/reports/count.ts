// Counts of delivery events: how much was sent, how much bounced and why, by time and by one property of the mail.

import type { BounceReason } from '../bounce/bounce.ts';
import type { EventTally, Failure } from './tally.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Why messages failed, and how many. */
export interface Cause {
  readonly failure: Failure;
  readonly reason: BounceReason;
  /** Enhanced status code (RFC 3463). */
  readonly status: string | null;
  readonly messages: number;
}

/** The outcomes of the mail of one period that has the same provider, source or campaign. */
export interface EventCount {
  /** Start of the period in epoch milliseconds; 0 if not grouped by time. */
  readonly period: number;
  /** The name of the provider, source or campaign; null if unknown. */
  readonly name: string | null;
  readonly tally: EventTally;
  readonly causes: readonly Cause[];
}

export interface CountQuery {
  /** Epoch milliseconds; the start is included, the end excluded. */
  readonly from: number;
  readonly to: number;
  readonly by: 'provider' | 'source' | 'campaign';
  readonly every: 'hour' | 'day' | 'all';
}

/** The port for counting stored delivery events. */
export interface EventCounter {
  /** Returns one count per period and name that has events, in no particular order. */
  count(question: CountQuery): Promise<EventCount[]>;
  /** Returns the number of events of the period that lack proof (see BOUNCE_TRUST). `count` leaves them out. */
  countUnproven(period: Pick<CountQuery, 'from' | 'to'>): Promise<number>;
}

// Counts of delivery events: how much was sent, how much bounced and why, by time and by one property of the mail.

import type { BounceReason } from '../bounce/bounce.ts';
import type { Failure, Tally } from './tally.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Why messages failed, and how many did for that. */
export interface Cause {
  readonly failure: Failure;
  readonly reason: BounceReason;
  /** Enhanced status code (RFC 3463). */
  readonly status: string | null;
  readonly messages: number;
}

/** What came of the mail of one period to one provider, of one source, of one campaign. */
export interface Cell {
  /** Where the period begins, epoch milliseconds; 0 where time was not asked for. */
  readonly period: number;
  /** Null where the events do not say. */
  readonly name: string | null;
  readonly tally: Tally;
  readonly causes: readonly Cause[];
}

export interface Question {
  /** Epoch milliseconds, the first one included, the last one not. */
  readonly from: number;
  readonly to: number;
  readonly by: 'provider' | 'source' | 'campaign';
  readonly every: 'hour' | 'day' | 'all';
}

/** The port for counting stored delivery events. */
export interface EventCounter {
  /** The cells that have any events, in no order. */
  count(question: Question): Promise<Cell[]>;
}

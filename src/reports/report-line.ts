// One line of a report: counts of messages, and their rates with grades and bands.

import { bounces, type EventTally } from './tally.ts';
import {
  type Band,
  type BandedRate,
  bandOf,
  fewMessages,
  type Grade,
  type GradedRate,
  gradeOf,
  type RateBands,
} from './thresholds.ts';

export interface Rate {
  /** Share of the sent messages, from 0 to 1. */
  readonly rate: number;
  /** The grade of the rate, such as `poor`. Null if no grades are defined for this rate. */
  readonly grade: Grade | null;
  /** The band of the rate for the kind of mail (PROFILE). Null if no bands are defined for this rate. */
  readonly band: Band | null;
  /** True if too few messages were sent to judge the rate. */
  readonly few: boolean;
}

export type RateName = 'hard' | 'soft' | 'policy' | 'bounces' | 'complaint' | 'unsubscribed';

export interface ReportLine extends Omit<EventTally, 'sent'> {
  /**
   * Number of sent messages: those that the provider reported as sent, or the delivered and bounced ones if these are
   * more. Null if it is unknown.
   */
  readonly sent: number | null;
  /** Sum of `hard`, `soft` and `policy`. */
  readonly bounces: number;
  /** Each count divided by the sent messages. Null if the number of sent messages is unknown. */
  readonly rates: Readonly<Record<RateName, Rate>> | null;
}

const isGraded = (name: RateName): name is GradedRate =>
  name === 'hard' || name === 'bounces' || name === 'complaint';
const isBanded = (name: RateName): name is BandedRate => name === 'hard' || name === 'bounces';

/**
 * Returns the line for a tally. `sent` is the number of sent messages, from which the rates are computed; null if it is unknown.
 */
export function reportLine(tally: EventTally, sent: number | null, bands: RateBands): ReportLine {
  const { sent: _, ...rest } = tally;
  const counts = { ...rest, bounces: bounces(tally) };
  if (sent === null) return { sent, ...counts, rates: null };
  const rateOf = (name: RateName): Rate => {
    const rate = counts[name] / sent;
    return {
      rate,
      grade: isGraded(name) ? gradeOf(name, rate) : null,
      band: isBanded(name) ? bandOf(rate, bands[name]) : null,
      few: sent < (isGraded(name) ? fewMessages[name] : fewMessages.bounces),
    };
  };
  const rates: Record<RateName, Rate> = {
    hard: rateOf('hard'),
    soft: rateOf('soft'),
    policy: rateOf('policy'),
    bounces: rateOf('bounces'),
    complaint: rateOf('complaint'),
    unsubscribed: rateOf('unsubscribed'),
  };
  return { sent, ...counts, rates };
}

// What a list will bounce: the expected rate of hard bounces, how sure that is, and what removing rows would do.

import type { Reason, Result } from './verdict.ts';

/** Addresses that are alike: the same reason, about the same probability, the same source. The sums are over `rows`. */
export interface Stratum {
  readonly reason: Reason;
  readonly result: Result;
  /** Whether a bounce is predicted; two kinds of one reason differ in it. */
  readonly bounces: boolean;
  /** Where the addresses came from; null where that is not known. */
  readonly source: string | null;
  rows: number;
  /** Sum of the probabilities. */
  expected: number;
  /** Sums of the ends of their 90 % intervals. */
  low: number;
  high: number;
}

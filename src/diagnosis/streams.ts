// The streams of mail that failures come from: sources, lists and campaigns, and whether each is new.

import { dayMs, startOfDay } from '../durations.ts';
import type { EventCount } from '../reports/count.ts';
import { type EventTally, sentIn } from '../reports/tally.ts';

export const streamDimensions = ['source', 'list', 'campaign'] as const;
export type StreamDimension = (typeof streamDimensions)[number];

/** Counts by day of the weeks before a moment, for each dimension. */
export type StreamCounts = Readonly<Record<StreamDimension, readonly EventCount[]>>;

/** Milliseconds before the incident from which counts are read. */
export const streamDaysMs = 42 * dayMs;

export interface Stream {
  readonly dimension: StreamDimension;
  readonly name: string;
  /**
   * Whether the stream has no mail that is older than ten days. Mail of its series counts too: `offers-2026-03-01` is in one
   * series with `offers-2026-02-22`.
   */
  readonly isNew: boolean;
  /** Number of failures since the start of the day of `from`, and their share (0 to 1) of all such failures. */
  readonly failures: number;
  readonly share: number;
  /** The failure rate of the stream in that time, and the rate of all other mail; null if the volume is unknown. */
  readonly rate: number | null;
  readonly rateOfRest: number | null;
}

/** A stream is new if its first mail is not older than this. */
const newMs = 10 * dayMs;

/** The name of the series of a stream: its numbers are replaced, because they differ from one mailing to the next. */
const seriesName = (name: string): string => name.toLowerCase().replace(/\d+/g, '#');

/** The streams with failures since `from`, those with most failures first. `at` is the time of the incident. */
export function streamsOf(
  counts: StreamCounts,
  { from, at }: { readonly from: number; readonly at: number },
  failuresIn: (tally: EventTally) => number,
): Stream[] {
  const firstDay = startOfDay(from);
  const streams = streamDimensions.flatMap((dimension) => {
    const cells = counts[dimension];
    const firstMail = new Map<string, number>();
    for (const { name, period } of cells) {
      if (name === null) continue;
      const series = seriesName(name);
      firstMail.set(series, Math.min(firstMail.get(series) ?? Number.POSITIVE_INFINITY, period));
    }
    const totals = new Map<string | null, { failures: number; mail: number }>();
    for (const { name, period, tally } of cells) {
      if (period < firstDay || period > at) continue;
      const total = totals.get(name) ?? { failures: 0, mail: 0 };
      total.failures += failuresIn(tally);
      total.mail += sentIn(tally) ?? 0;
      totals.set(name, total);
    }
    const all = [...totals.values()].reduce(
      (sum, { failures, mail }) => ({ failures: sum.failures + failures, mail: sum.mail + mail }),
      { failures: 0, mail: 0 },
    );
    return [...totals].flatMap(([name, { failures, mail }]): Stream[] =>
      name === null || failures === 0
        ? []
        : [
            {
              ...{ dimension, name, failures },
              isNew: firstMail.get(seriesName(name))! > at - newMs,
              share: failures / all.failures,
              rate: mail === 0 ? null : failures / mail,
              rateOfRest: all.mail - mail <= 0 ? null : (all.failures - failures) / (all.mail - mail),
            },
          ],
    );
  });
  return streams.sort((a, b) => b.failures - a.failures);
}

/** Whether the history is long enough to tell new streams from old ones. */
export const hasHistory = (counts: StreamCounts, at: number): boolean =>
  streamDimensions.some((dimension) => counts[dimension].some(({ period }) => period <= at - newMs));

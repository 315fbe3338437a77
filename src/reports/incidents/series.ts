// Counts as time series. Prefix sums give the sum over any window.

import { dayMs, startOfDay } from '../../durations.ts';
import type { Cause, EventCount } from '../count.ts';
import { bounces } from '../tally.ts';
import type { IncidentCounts } from './incident.ts';

/**
 * The measures in which rises are looked for. A soft bounce or deferral counts as `policy` if its cause is the sender's
 * authentication, and as `full` if it is a full mailbox. Other soft bounces are `soft`, other deferrals `delay`. Greylisting is
 * left out.
 */
export const measures = ['hard', 'policy', 'full', 'soft', 'delay', 'complaint'] as const;
export type Measure = (typeof measures)[number];

export type Totals = Readonly<Record<Measure | 'sent' | 'delivered' | 'bounces', number>>;
const columns = ['sent', 'delivered', 'bounces', ...measures] as const;

export const seriesDimensions = ['provider', 'source', 'campaign', 'list'] as const;
export type SeriesDimension = (typeof seriesDimensions)[number];

/** The counts of one provider, source and so on, in order of time. */
export interface Series {
  readonly dimension: SeriesDimension | 'all';
  readonly name: string | null;
  readonly cells: readonly EventCount[];
  readonly starts: readonly number[];
  /** For each column, the sums of all cells before each index. */
  readonly sums: Readonly<Record<keyof Totals, Float64Array>>;
  /** The totals of each UTC day that has counts. */
  readonly days: readonly (Totals & { readonly start: number })[];
}

export interface SeriesSet {
  readonly all: Series;
  readonly groups: Readonly<Record<SeriesDimension, readonly Series[]>>;
}

export function seriesOf({ providers, sources, campaigns, lists }: IncidentCounts): SeriesSet {
  return {
    all: oneSeries('all', null, providers),
    groups: {
      provider: grouped('provider', providers),
      source: grouped('source', sources),
      campaign: grouped('campaign', campaigns),
      list: grouped('list', lists),
    },
  };
}

const grouped = (dimension: SeriesDimension, counts: readonly EventCount[]): Series[] =>
  [...Map.groupBy(counts, ({ name }) => name)].map(([name, own]) => oneSeries(dimension, name, own));

function oneSeries(
  dimension: Series['dimension'],
  name: string | null,
  counts: readonly EventCount[],
): Series {
  const cells = counts.toSorted((a, b) => a.period - b.period);
  const sums = Object.fromEntries(
    columns.map((column) => [column, new Float64Array(cells.length + 1)]),
  ) as Record<keyof Totals, Float64Array>;
  for (const [index, cell] of cells.entries()) {
    const totals = totalsOf(cell);
    for (const column of columns) sums[column][index + 1] = sums[column][index]! + totals[column];
  }
  const starts = cells.map(({ period }) => period);
  const series = { dimension, name, cells, starts, sums };
  const days = [...new Set(starts.map(startOfDay))].map((start) => ({
    start,
    ...totalsBetween(series, start, start + dayMs),
  }));
  return { ...series, days };
}

function totalsOf({ tally, causes }: EventCount): Totals {
  const kept = { full: 0, policy: tally.policy };
  let soft = tally.soft;
  let delay = tally.deferred;
  for (const { failure, reason, messages } of causes) {
    if (failure !== 'soft' && failure !== 'deferred') continue;
    const own = measureOf(failure, reason);
    if (own === 'soft' || own === 'delay') continue;
    if (own !== null) kept[own] += messages;
    if (failure === 'soft') soft -= messages;
    else delay -= messages;
  }
  const { sent, delivered, hard, complaint } = tally;
  return {
    ...{ sent, delivered, hard, complaint, ...kept },
    soft: Math.max(soft, 0),
    delay: Math.max(delay, 0),
    bounces: bounces(tally),
  };
}

/** The measure that counts a soft bounce or a deferral; null if none does. */
function measureOf(failure: 'soft' | 'deferred', reason: Cause['reason']) {
  if (reason === 'mailbox_full') return 'full';
  if (reason === 'authentication_failed' || reason === 'reverse_dns') return 'policy';
  if (reason === 'greylisted') return failure === 'deferred' ? null : 'soft';
  return failure === 'deferred' ? 'delay' : 'soft';
}

/** Whether a measure counts the cause. */
export const countsCause = (measure: Measure, { failure, reason }: Cause): boolean =>
  failure === 'soft' || failure === 'deferred' ? measureOf(failure, reason) === measure : failure === measure;

/** The totals of all cells that start at or after `from` and before `to`. */
export function totalsBetween(
  { starts, sums }: Pick<Series, 'starts' | 'sums'>,
  from: number,
  to: number,
): Totals {
  const first = firstAtOrAfter(starts, from);
  const end = firstAtOrAfter(starts, to);
  return Object.fromEntries(
    columns.map((column) => [column, sums[column][end]! - sums[column][first]!]),
  ) as Record<keyof Totals, number>;
}

/** The sum of one column over the cells that start at or after `from` and before `to`. */
export const sumBetween = (series: Series, column: keyof Totals, from: number, to: number): number =>
  series.sums[column][firstAtOrAfter(series.starts, to)]! -
  series.sums[column][firstAtOrAfter(series.starts, from)]!;

/** The messages that were sent in cells that start at or after `from` and before `to`. */
export const mailBetween = (series: Series, from: number, to: number): number => {
  const first = firstAtOrAfter(series.starts, from);
  const end = firstAtOrAfter(series.starts, to);
  const sum = (column: keyof Totals) => series.sums[column][end]! - series.sums[column][first]!;
  return Math.max(sum('sent'), sum('delivered') + sum('bounces'));
};

/** The causes of all cells that start at or after `from` and before `to`. */
export const causesBetween = ({ cells, starts }: Series, from: number, to: number): Cause[] =>
  cells.slice(firstAtOrAfter(starts, from), firstAtOrAfter(starts, to)).flatMap(({ causes }) => causes);

export const firstAtOrAfter = (starts: readonly number[], time: number): number => {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
};

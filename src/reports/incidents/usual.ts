// What is usual for a sender: how much mail it sends, its rates before a time, and how much they vary.

import { dayMs, hourMs } from '../../durations.ts';
import { type IncidentFamily, incidentFamilies, type StoredIncident } from './incident.ts';
import { excessVariance } from './overdispersed.ts';
import {
  firstAtOrAfter,
  type Measure,
  mailBetween,
  type Series,
  type SeriesDimension,
  type SeriesSet,
  seriesDimensions,
  sumBetween,
  type Totals,
  totalsBetween,
} from './series.ts';

/** A source, list or campaign is new if its first mail is not older than this. */
export const newMs = 10 * dayMs;

/** The counts up to a moment, and what else a search for incidents needs. */
export interface Look {
  readonly series: SeriesSet;
  /** The end of the counted time (excluded), in epoch milliseconds. */
  readonly until: number;
  /**
   * False if neither sent nor delivered messages are reported. Rates are then divided by all bounces of the sender instead of its
   * mail (the exposure).
   */
  readonly isVolumeKnown: boolean;
  /**
   * Dimensions whose groups often have bounces without deliveries. In them, a group without deliveries does not mean that all of
   * its mail bounced.
   */
  readonly partlyReported: ReadonlySet<SeriesDimension | 'all'>;
  /** Earlier incidents. Their days are not used to compute what is usual. */
  readonly known: readonly StoredIncident[];
  /** Maximum probability of a rise that is chance. */
  readonly mostChance: number;
  readonly baselines: Map<string, Baseline>;
}

export interface Baseline {
  readonly count: number;
  readonly exposure: number;
  /** Excess variance of the daily rates. */
  readonly variance: number;
  /** A high count of a day: nine of ten days have at most this one. */
  readonly busyDay: number;
  /** A high rate of a day: 19 of 20 days have at most this one. 0 if there are too few days to tell. */
  readonly highRate: number;
}

const baselineMs = 56 * dayMs;
export const riseHours = [3, 6, 24, 72, 168] as const;
/** The rates that are assumed for a sender without history. */
const usualRates: Readonly<Record<Measure, number>> = {
  hard: 0.01,
  policy: 0.003,
  full: 0.003,
  soft: 0.01,
  delay: 0.02,
  complaint: 0.0003,
};
/**
 * How much an assumed rate counts in comparison with the measured one: as much as this number of messages. `all`: the rate in
 * `usualRates`. `group`: the rate of the whole sender, which is assumed for one group of its mail.
 */
const usualWeight = { all: 200, group: 50 } as const;
/** The excess variance that is assumed for a rate with little history. The standard deviation is then half of the rate. */
const usualVariance = 0.25;
const leastVariance = 0.06;
/** Accepted probability that one look finds a rise by chance. It is divided among the comparisons of the look. */
const chanceOfLook = 3e-4;
export const familyOf: Readonly<Record<Measure, IncidentFamily>> = {
  hard: 'hard',
  policy: 'policy',
  full: 'full',
  soft: 'temporary',
  delay: 'temporary',
  complaint: 'complaint',
};

export function lookAt(series: SeriesSet, until: number, known: readonly StoredIncident[]): Look {
  const whole = totalsBetween(series.all, until - baselineMs, until);
  const groups = seriesDimensions.reduce(
    (all, dimension) =>
      all + series.groups[dimension].filter(({ starts }) => (starts.at(-1) ?? 0) >= until - 3 * dayMs).length,
    1,
  );
  return {
    series,
    until,
    isVolumeKnown: whole.sent + whole.delivered > 0,
    partlyReported: new Set(
      seriesDimensions.filter((dimension) => isPartlyReported(series.groups[dimension], until)),
    ),
    known,
    mostChance: chanceOfLook / (groups * riseHours.length),
    baselines: new Map(),
  };
}

function isPartlyReported(groups: readonly Series[], until: number): boolean {
  let all = 0;
  let alone = 0;
  for (const { days } of groups)
    for (const day of days) {
      if (day.start < until - baselineMs || day.start >= until - 7 * dayMs) continue;
      all += day.bounces;
      if (day.sent + day.delivered === 0 && day.bounces >= 5) alone += day.bounces;
    }
  return alone > 0.2 * all;
}

export const sentOf = ({ sent, delivered, bounces }: Totals): number | null =>
  sent + delivered === 0 ? null : Math.max(sent, delivered + bounces);

/** All mail counts as blocked only if at least this part of the mail of a usual day is refused. */
const blockedPart = 0.5;

/**
 * Whether all mail since `from` may have been refused. If no message was sent or delivered, the reports of deliveries may have
 * stopped instead. In that case there are far fewer bounces than messages on a usual day.
 */
function isAllRefused({ series: { all }, until }: Look, from: number): boolean {
  const volumes = all.days.flatMap((day) => {
    const isBefore = day.start >= until - baselineMs && day.start + dayMs <= from;
    return isBefore && day.sent + day.delivered > 0 ? [sentOf(day)!] : [];
  });
  const whole = volumes.reduce((sum, volume) => sum + volume, 0);
  return whole > 0 && sumBetween(all, 'policy', from, until) * volumes.length >= blockedPart * whole;
}

/**
 * Whether all mail of a series may have bounced if none of it was delivered. Bounces that are reported without a source are not
 * separate mail, because their deliveries are reported with one.
 */
const mayAllBounce = (look: Look, { dimension, name }: Series): boolean =>
  !look.partlyReported.has(dimension) && (name !== null || dimension === 'all' || dimension === 'provider');

/** The number of messages sent since `from`; null if unknown, as after the last report of a delivery. */
export function sentSince(look: Look, series: Series, from: number): number | null {
  if (!look.isVolumeKnown) return null;
  const totals = totalsBetween(series, from, look.until);
  const sent = sentOf(totals);
  if (sent !== null || !mayAllBounce(look, series)) return sent;
  const first = series.starts[firstAtOrAfter(series.starts, from)] ?? from;
  const isReported = sentOf(totalsBetween(look.series.all, first, look.until)) !== null;
  return isReported || isAllRefused(look, from) ? totals.bounces : null;
}

/**
 * The exposure of the failures since `from`; null if it is unknown. Bounces and complaints come up to days after the
 * message, so mail of the days before counts too, in proportion to the time.
 */
export function exposureSince(look: Look, series: Series, measure: Measure, from: number): number | null {
  const { until } = look;
  if (!look.isVolumeKnown) return sumBetween(look.series.all, 'bounces', from, until);
  const sent = sentSince(look, series, from);
  if (sent === null) return null;
  if (isLate(measure)) return Math.max(sent, mostMailBefore(series, from, until));
  const lagMs = 3 * dayMs;
  const earlier = sentOf(totalsBetween(series, from - lagMs, until)) ?? 0;
  const share = measure === 'complaint' ? 0.5 : (until - from) / (until - from + lagMs);
  return Math.max(sent, earlier * share);
}

/** Hours after which mail servers usually give up. A queued message becomes a soft bounce only then. */
const queueHours = [8, 14, 24, 48, 72, 96, 120] as const;

/** The longest time for which a message is in the queue of a mail server. */
export const mostQueuedMs = 5 * dayMs;

/** Whether failures may be reported days after the message was sent, when a mail server gives up. */
export const isLate = (measure: Measure): boolean => measure === 'soft' || measure === 'full';

/**
 * Bounces are reported up to days after the message. Returns the largest amount of mail whose bounces may be reported in this
 * window: in windows of the same length that are earlier by each of `queueHours`.
 */
const mostMailBefore = (series: Series, from: number, until: number): number =>
  Math.max(...queueHours.map((hours) => mailBetween(series, from - hours * hourMs, until - hours * hourMs)));

/** What was usual before `to`. A tenth of the days, those with the highest rates, is left out. */
export function baselineOf(look: Look, series: Series, measure: Measure, to: number): Baseline {
  const key = `${series.dimension}\n${series.name ?? '\n'}\n${measure}\n${Math.floor(to / dayMs)}`;
  const kept = look.baselines.get(key);
  if (kept !== undefined) return kept;
  const excluded = look.known.filter(({ kind }) => incidentFamilies[kind] === familyOf[measure]);
  const days = daysOf(look, series, measure).filter(
    ({ start, exposure }) =>
      exposure > 0 &&
      start >= look.until - baselineMs &&
      start + dayMs <= to &&
      !excluded.some((incident) => isDuring(start, incident, series)),
  );
  days.sort((a, b) => a.count / a.most - b.count / b.most);
  const ordinary = days.slice(0, days.length - Math.floor(days.length / 10));
  const count = ordinary.reduce((sum, day) => sum + day.count, 0);
  const exposure = ordinary.reduce((sum, day) => sum + day.exposure, 0);
  const most = ordinary.reduce((sum, day) => sum + day.most, 0);
  const rate = most === 0 ? 0 : count / most;
  const counts = days.map((day) => day.count).sort((a, b) => a - b);
  const baseline = {
    count,
    exposure,
    // The days that were left out had the highest rates, so the variance of the other days is too small: it is multiplied by 1.5.
    variance: Math.max(
      leastVariance,
      1.5 *
        excessVariance(
          ordinary.map((day) => ({ count: day.count, expected: day.most * rate })),
          usualVariance,
        ),
    ),
    busyDay: counts[Math.floor(counts.length * 0.9)] ?? 0,
    highRate: highRateOf(days, rate),
  };
  look.baselines.set(key, baseline);
  return baseline;
}

interface UsualDay {
  readonly start: number;
  readonly count: number;
  /** The mail of the day; all bounces of the sender if the volume is unknown. */
  readonly exposure: number;
  /** The largest amount of mail of one day whose failures may be reported on this day (see `mostMailBefore`). */
  readonly most: number;
}

function daysOf(look: Look, series: Series, measure: Measure): UsualDay[] {
  const { all } = look.series;
  if (!look.isVolumeKnown) {
    const own = new Map(series.days.map((day) => [day.start, day[measure]]));
    return all.days.map(({ start, bounces }) => ({
      ...{ start, count: own.get(start) ?? 0, exposure: bounces, most: bounces },
    }));
  }
  const days = series.days.flatMap((day) => {
    const exposure = sentOf(day) ?? bouncesAlone(look, series, day);
    return exposure === null ? [] : [{ start: day.start, count: day[measure], exposure, most: exposure }];
  });
  if (!isLate(measure)) return days;
  const firstComplete = (all.days[0]?.start ?? 0) + mostQueuedMs;
  return days
    .map((day, index) => {
      const before = days
        .slice(Math.max(0, index - 5), index)
        .filter(({ start }) => start >= day.start - mostQueuedMs);
      return { ...day, most: Math.max(day.exposure, ...before.map(({ exposure }) => exposure)) };
    })
    .filter(({ start }) => start >= firstComplete);
}

/**
 * The mail of a day for a series without known deliveries: its bounces. Null if no deliveries at all were reported in these days,
 * such as before the operator connected their webhook: the day then says nothing about rates.
 */
function bouncesAlone(look: Look, series: Series, { start, bounces }: Totals & { start: number }) {
  if (!mayAllBounce(look, series)) return null;
  const { sent, delivered } = totalsBetween(look.series.all, start - mostQueuedMs, start + dayMs);
  return sent + delivered === 0 ? null : bounces;
}

/** The high rate of the days. Days on which only few failures are expected are left out, because their rates say little. */
function highRateOf(days: readonly UsualDay[], usual: number): number {
  const rates = days.filter(({ most }) => most * usual >= 3).map(({ count, most }) => count / most);
  return rates.length < 10 ? 0 : rates[Math.floor(rates.length * 0.95)]!;
}

/** A bad import begins with the first mail of its source, list or campaign, which may be days before the incident opens. */
function isDuring(day: number, incident: StoredIncident, { dimension, name }: Series): boolean {
  const { kind, scope, openedAt, closedAt, evidence, seenAt } = incident;
  const isOwnImport = kind === 'bad_import' && dimension !== 'all' && scope[dimension] === name;
  const from = Math.min(openedAt - (isOwnImport ? newMs : 0), evidence.from);
  return day + dayMs > from && day < (closedAt === null ? seenAt : Math.min(closedAt, seenAt));
}

/**
 * The usual rate of a series before `to`, and how much counts of the time since then vary: the size of a negative
 * binomial. The time begins `gapMs` after `to`.
 */
export function usualRate(
  look: Look,
  series: Series,
  measure: Measure,
  to: number,
  gapMs = 0,
): { readonly rate: number; readonly size: number; readonly busyDay: number; readonly isKnown: boolean } {
  const { count, exposure, variance, busyDay } = baselineOf(look, series, measure, to);
  // Over several days a part of the variance averages out, but not all of it, because neighboring days are alike.
  const days = Math.max(1, (look.until - to - gapMs) / dayMs);
  const size = 1 / (variance / Math.sqrt(days) + 1 / (count + 3));
  if (!look.isVolumeKnown)
    return { rate: (count + 1) / (exposure + 10), size, busyDay, isKnown: exposure >= 30 };
  if (series.dimension === 'all') {
    const rate = (count + usualRates[measure] * usualWeight.all) / (exposure + usualWeight.all);
    return { rate, size, busyDay, isKnown: exposure >= usualWeight.all };
  }
  const whole = usualRate(look, look.series.all, measure, to);
  const rate = (count + whole.rate * usualWeight.group) / (exposure + usualWeight.group);
  return { rate, size, busyDay, isKnown: whole.isKnown };
}

// Finds rates that rose. A rise needs an effect (a rate and a ratio that matter) and a probability of chance so small
// that all comparisons of a look together rarely find one in ordinary mail.

import { dayMs, hourMs } from '../../durations.ts';
import { type IncidentFamily, incidentFamilies, type StoredIncident } from './incident.ts';
import { chanceOfCount, excessVariance, trendScore } from './overdispersed.ts';
import {
  type Measure,
  type Series,
  type SeriesDimension,
  type SeriesSet,
  seriesDimensions,
  sumBetween,
  type Totals,
  totalsBetween,
} from './series.ts';

/** One look at the counts up to a moment. */
export interface Look {
  readonly series: SeriesSet;
  /** The end of the counted time (excluded), in epoch milliseconds. */
  readonly until: number;
  /**
   * False if neither sent nor delivered messages are reported. Then the exposure of a rate is not the mail but all
   * bounces of the sender.
   */
  readonly isVolumeKnown: boolean;
  /** Dimensions whose groups often have bounces without deliveries, so such a group does not mean that all bounced. */
  readonly partlyReported: ReadonlySet<SeriesDimension | 'all'>;
  /** Earlier incidents. Their days are left out of what is usual. */
  readonly known: readonly StoredIncident[];
  /** Maximum probability of a rise that is chance. */
  readonly mostChance: number;
  readonly baselines: Map<string, Baseline>;
}

interface Baseline {
  readonly count: number;
  readonly exposure: number;
  /** Excess variance of the daily rates. */
  readonly variance: number;
  /** A high count of a day: nine of ten days have at most this one. */
  readonly busyDay: number;
}

export interface FoundRise {
  readonly series: Series;
  readonly measure: Measure;
  readonly from: number;
  readonly messages: number;
  /** Number of messages sent, or of all bounces if the volume is unknown. */
  readonly exposure: number;
  readonly rate: number;
  readonly rateBefore: number;
  /** `rate` divided by `rateBefore`. */
  readonly ratio: number;
  /** Number of failures beyond the usual ones. */
  readonly excess: number;
  readonly chance: number;
}

export interface RiseLimits {
  readonly rate: number;
  readonly ratio: number;
  /** Minimum share of all bounces. It replaces `rate` if the volume is unknown. */
  readonly share: number;
}

export interface RiseOptions {
  readonly hours?: readonly number[];
  /** Milliseconds between the usual days and the window. A slow rise would otherwise be part of what is usual. */
  readonly gapMs?: number;
  /**
   * Returns the failures of the rest of the mail since a time. A rise must stand out from the rest too.
   */
  readonly elsewhere?: (from: number) => Elsewhere;
}

export interface Elsewhere {
  readonly rate: number;
  /** How many times as many failures as usual. */
  readonly ratio: number;
}

const baselineMs = 56 * dayMs;
export const riseHours = [3, 6, 24, 72, 168] as const;
/** The rates of a sender about whom nothing is known. */
const usualRates: Readonly<Record<Measure, number>> = {
  hard: 0.01,
  policy: 0.003,
  full: 0.003,
  limited: 0.005,
  soft: 0.01,
  expired: 0.003,
  delay: 0.02,
  complaint: 0.0003,
};
/** The weights of `usualRates`, and of the whole sender's rate for one group of its mail, in messages. */
const usualWeight = { all: 200, group: 50 } as const;
/** The excess variance of a rate about which little is known: its standard deviation is half of it. */
const usualVariance = 0.25;
const leastVariance = 0.06;
/** Accepted probability that one look finds a rise by chance. It is divided among the comparisons of the look. */
const chanceOfLook = 3e-4;
const familyOf: Readonly<Record<Measure, IncidentFamily>> = {
  hard: 'hard',
  policy: 'policy',
  full: 'full',
  limited: 'temporary',
  soft: 'temporary',
  expired: 'temporary',
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

const sentOf = ({ sent, delivered, bounces }: Totals): number | null =>
  sent + delivered === 0 ? null : Math.max(sent, delivered + bounces);

/** The number of messages sent since `from`; null if unknown. */
export function sentSince(look: Look, series: Series, from: number): number | null {
  if (!look.isVolumeKnown) return null;
  const totals = totalsBetween(series, from, look.until);
  return sentOf(totals) ?? (look.partlyReported.has(series.dimension) ? null : totals.bounces);
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
  const lagMs = 3 * dayMs;
  const earlier = sentOf(totalsBetween(series, from - lagMs, until)) ?? 0;
  const share = measure === 'complaint' ? 0.5 : (until - from) / (until - from + lagMs);
  return Math.max(sent, earlier * share);
}

/** What was usual before `to`. A tenth of the days, those with the highest rates, is left out. */
function baselineOf(look: Look, series: Series, measure: Measure, to: number): Baseline {
  const key = `${series.dimension}\n${series.name ?? '\n'}\n${measure}\n${to}`;
  const kept = look.baselines.get(key);
  if (kept !== undefined) return kept;
  const bouncesOf = look.isVolumeKnown
    ? null
    : new Map(look.series.all.days.map(({ start, bounces }) => [start, bounces]));
  const excluded = look.known.filter(({ kind }) => incidentFamilies[kind] === familyOf[measure]);
  const days: { count: number; exposure: number }[] = [];
  for (const day of series.days) {
    if (day.start < look.until - baselineMs || day.start + dayMs > to) continue;
    if (excluded.some((incident) => isDuring(day.start, incident))) continue;
    const exposure = bouncesOf === null ? (sentOf(day) ?? day.bounces) : (bouncesOf.get(day.start) ?? 0);
    if (exposure > 0) days.push({ count: day[measure], exposure });
  }
  days.sort((a, b) => a.count / a.exposure - b.count / b.exposure);
  const ordinary = days.slice(0, days.length - Math.floor(days.length / 10));
  const count = ordinary.reduce((sum, day) => sum + day.count, 0);
  const exposure = ordinary.reduce((sum, day) => sum + day.exposure, 0);
  const rate = exposure === 0 ? 0 : count / exposure;
  const counts = days.map((day) => day.count).sort((a, b) => a - b);
  const baseline = {
    count,
    exposure,
    // The days that were left out varied most, so what remains is too small by about half.
    variance: Math.max(
      leastVariance,
      1.5 *
        excessVariance(
          ordinary.map((day) => ({ count: day.count, expected: day.exposure * rate })),
          usualVariance,
        ),
    ),
    busyDay: counts[Math.floor(counts.length * 0.9)] ?? 0,
  };
  look.baselines.set(key, baseline);
  return baseline;
}

const isDuring = (day: number, { openedAt, closedAt, evidence, seenAt }: StoredIncident): boolean =>
  day + dayMs > Math.min(openedAt, evidence.from) &&
  day < (closedAt === null ? seenAt : Math.min(closedAt, seenAt));

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
  // Over several days, part of the variance averages out; part does not, because neighboring days are alike.
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

/** Minimum number of failures: the higher the rate, the fewer are needed. */
const leastCount = (rate: number, isVolumeKnown: boolean): number =>
  !isVolumeKnown ? 20 : rate >= 0.5 ? 5 : rate >= 0.1 ? 8 : rate >= 0.02 ? 12 : 8;

/** The limits of a rate are lowered to this part while an incident about it is open. */
const stillOpen = { ease: 0.6, mostChance: 1e-3 } as const;
/** With fewer messages, the rate of the rest of the mail says nothing. */
const fewElsewhere = 50;

/** How much higher a rate must be if nothing is known about the sender. */
const unknownSender = 1.6;

/** Returns the most significant rise of a rate that lasts until now; null if there is none. */
export function riseOf(
  look: Look,
  series: Series,
  measure: Measure,
  limits: RiseLimits,
  { hours = riseHours, gapMs = 0, elsewhere = () => ({ rate: 0, ratio: 1 }) }: RiseOptions = {},
): FoundRise | null {
  let best: FoundRise | null = null;
  // An open incident lasts while the rate is high, even if it would not be enough to open one.
  const isOpen = hasOpen(look, series, measure);
  const ease = isOpen ? stillOpen.ease : 1;
  const mostChance = isOpen ? stillOpen.mostChance : look.mostChance;
  for (const length of look.isVolumeKnown ? hours : hours.filter((one) => one === 24 || one === 72)) {
    const from = look.until - length * hourMs;
    const messages = sumBetween(series, measure, from, look.until);
    if (messages < 5) continue;
    const exposure = exposureSince(look, series, measure, from);
    if (exposure === null) continue;
    const rate = messages / exposure;
    const least = ease * (look.isVolumeKnown ? limits.rate : limits.share);
    if (rate < least || messages < leastCount(rate, look.isVolumeKnown)) continue;
    if (!isCurrent(look, series, measure, { from, rate })) continue;
    const usual = usualRate(look, series, measure, from - gapMs, gapMs);
    if (look.isVolumeKnown ? !usual.isKnown && rate < least * unknownSender : !usual.isKnown) continue;
    if (!look.isVolumeKnown && messages < 3 * ease * usual.busyDay) continue;
    const rest = elsewhere(from);
    const expected = exposure * Math.max(usual.rate * Math.max(1, rest.ratio), rest.rate);
    if (messages < Math.max(1, ease * limits.ratio) * expected) continue;
    if (length >= 24 && isAftermath(look, series, measure, { from, usualRate: usual.rate })) continue;
    const chance = chanceOfCount(messages, expected, usual.size);
    if (chance > mostChance || (best !== null && chance >= best.chance)) continue;
    best = riseWith({ series, measure, from, messages, exposure, chance }, usual.rate);
  }
  return best === null ? null : shortened(look, best, hours);
}

/** The same rise over the shortest time that has nine of ten of its failures. */
function shortened(look: Look, rise: FoundRise, hours: readonly number[]): FoundRise {
  const { series, measure, chance } = rise;
  for (const length of hours) {
    const from = look.until - length * hourMs;
    if (from <= rise.from) break;
    const messages = sumBetween(series, measure, from, look.until);
    const exposure = exposureSince(look, series, measure, from);
    if (exposure === null || messages < 0.9 * rise.messages) continue;
    return riseWith({ series, measure, from, messages, exposure, chance }, rise.rateBefore);
  }
  return rise;
}

/** The failures of a series since the start of a rise, as a rise of its own. */
export function partOf(look: Look, { measure, from, chance }: FoundRise, series: Series): FoundRise {
  const messages = sumBetween(series, measure, from, look.until);
  const exposure = exposureSince(look, series, measure, from) ?? messages;
  return riseWith(
    { series, measure, from, messages, exposure, chance },
    usualRate(look, series, measure, from).rate,
  );
}

const riseWith = (
  rise: Pick<FoundRise, 'series' | 'measure' | 'from' | 'messages' | 'exposure' | 'chance'>,
  rateBefore: number,
): FoundRise => {
  const rate = rise.messages / rise.exposure;
  return {
    ...rise,
    rate,
    rateBefore,
    ratio: rate / rateBefore,
    excess: rise.messages - rise.exposure * rateBefore,
  };
};

/** Whether the latest mail of the window still fails at a third of its rate or more. */
function isCurrent(
  look: Look,
  series: Series,
  measure: Measure,
  { from, rate }: { readonly from: number; readonly rate: number },
): boolean {
  const length = look.until - from;
  const recentMs = length > dayMs ? dayMs : 6 * hourMs;
  if (length <= recentMs) return true;
  const recent = sumBetween(series, measure, look.until - recentMs, look.until);
  const expected = rate * (sentSince(look, series, look.until - recentMs) ?? 0);
  if (expected >= 5) return recent >= expected / 3;
  if (length <= dayMs) return true;
  // Little mail was sent in the last day, so three days tell.
  const since = look.until - Math.min(length, 3 * dayMs);
  const lately = sumBetween(series, measure, since, look.until);
  return recent > 0 && lately >= (rate * (sentSince(look, series, since) ?? 0)) / 3;
}

/** The kinds that other measures of their family do not show. */
const measuresOfKind: Readonly<Partial<Record<StoredIncident['kind'], readonly Measure[]>>> = {
  soft_rise: ['soft', 'delay'],
  provider_outage: ['soft', 'delay'],
  rate_limited: ['limited'],
  sending_bursts: [],
};

const hasOpen = (look: Look, series: Series, measure: Measure): boolean =>
  look.known.some(
    (one) =>
      one.closedAt === null &&
      isAbout(one, series, measure) &&
      (measuresOfKind[one.kind]?.includes(measure) ?? true),
  );

/** Whether an incident is about the failures of a series: the same family and scope. */
function isAbout({ kind, scope }: StoredIncident, { dimension, name }: Series, measure: Measure): boolean {
  if (incidentFamilies[kind] !== familyOf[measure]) return false;
  return dimension === 'all' ? Object.keys(scope).length === 0 : scope[dimension] === name;
}

/**
 * Whether most failures beyond the usual ones since `from` belong to another incident.
 */
function isAftermath(
  look: Look,
  series: Series,
  measure: Measure,
  { from, usualRate: usual }: { readonly from: number; readonly usualRate: number },
): boolean {
  const excessIn = (start: number, end: number): number =>
    sumBetween(series, measure, start, end) - usual * (sentOf(totalsBetween(series, start, end)) ?? 0);
  const whole = excessIn(from, look.until);
  return look.known.some(
    (one) =>
      incidentFamilies[one.kind] === familyOf[measure] &&
      one.seenAt > from &&
      !(one.closedAt === null && isAbout(one, series, measure)) &&
      excessIn(Math.max(from, Math.min(one.openedAt, one.evidence.from) - dayMs), one.seenAt) >= 0.5 * whole,
  );
}

/** The failures since `from` of all mail but that of `series`. */
export function elsewhereOf(look: Look, series: Series, measure: Measure): (from: number) => Elsewhere {
  return (from) => {
    const { all } = look.series;
    const count = sumBetween(all, measure, from, look.until) - sumBetween(series, measure, from, look.until);
    const whole = exposureSince(look, all, measure, from) ?? 0;
    const exposure = look.isVolumeKnown
      ? Math.max(0, whole - (exposureSince(look, series, measure, from) ?? 0))
      : whole;
    const usual = usualRate(look, all, measure, from);
    return {
      rate: exposure < fewElsewhere || !look.isVolumeKnown ? 0 : count / exposure,
      ratio: (count + 0.5) / (exposure * usual.rate + 0.5),
    };
  };
}

/** Returns a rise that took many days: a steady trend of the daily rates. Null if there is none. */
export function trendOf(look: Look, series: Series, measure: Measure, limits: RiseLimits): FoundRise | null {
  if (!look.isVolumeKnown) return null;
  const days = series.days
    .filter(({ start }) => start < look.until && start >= look.until - 28 * dayMs)
    .map((day) => ({ start: day.start, count: day[measure], exposure: sentOf(day) ?? 0 }))
    .filter(({ exposure }) => exposure >= 30)
    .slice(-14);
  if (days.length < 10 || days.at(-1)!.start < look.until - 2 * dayMs) return null;
  const isOpen = hasOpen(look, series, measure);
  const ease = isOpen ? stillOpen.ease : 1;
  if (trendScore(days.map(({ count, exposure }) => count / exposure)) < 3.4 * ease) return null;
  const third = Math.floor(days.length / 3);
  const before = pooled(days.slice(0, third));
  const { count: messages, exposure, rate } = pooled(days.slice(-3));
  const rateBefore = Math.max(before.rate, 0.5 / before.exposure);
  if (messages < 20 || rate < ease * limits.rate || rate < Math.max(1, ease * limits.ratio) * rateBefore)
    return null;
  const chance = chanceOfCount(messages, exposure * rateBefore, 1 / (leastVariance + 1 / (before.count + 3)));
  if (chance > (isOpen ? stillOpen.mostChance : look.mostChance)) return null;
  const from = days.at(-3)!.start;
  return riseWith({ series, measure, from, messages, exposure, chance }, rateBefore);
}

function pooled(days: readonly { readonly count: number; readonly exposure: number }[]) {
  const count = days.reduce((sum, day) => sum + day.count, 0);
  const exposure = days.reduce((sum, day) => sum + day.exposure, 0);
  return { count, exposure, rate: count / exposure };
}

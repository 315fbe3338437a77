// The bounce report: counts, rates and their grades, days with an unusual rate, and what to do about them.

import { dayName } from '../calendar.ts';
import { dayMs, hourMs, startOfDay } from '../durations.ts';
import { findWithCauses, spansOfCells } from './causes-on-demand.ts';
import type { CountQuery, EventCount, EventCounter, EventHistory } from './count.ts';
import { countByDay } from './days.ts';
import { type PolicyBurst, policyBursts } from './policy-burst.ts';
import { type ReportLine, reportLine } from './report-line.ts';
import { findSpikes, type Spike } from './spikes.ts';
import { bounces, type EventTally, nothing, sentIn, sum } from './tally.ts';
import { type BandProfile, type RateBands, rateBandsOf } from './thresholds.ts';
import { type ReportTimeZone, utc } from './time-zone.ts';
import { hasAnyVolume, hasNamedVolume, sentOrBounced } from './volume.ts';

export const dimensions = [
  'day',
  'hour',
  'campaign',
  'source',
  'list',
  'provider',
  'gateway',
  'mail_host',
  'reason',
  'status',
] as const;
export type Dimension = (typeof dimensions)[number];

/** Maximum number of days of a report by hour. */
export const mostDaysByHour = 31;

export interface Group extends ReportLine {
  /**
   * What the messages of this group have in common: a day such as 2026-11-20, an hour such as 2026-11-20T13:00:00Z, the reason or
   * the status of the failure, or the name of the campaign, source, list, provider, gateway or mail host (such as google.com).
   * Null if it is unknown, and for domains that are their own mail host.
   */
  readonly name: string | null;
  /** The share of the group in the bounces of the report, from 0 to 1. Null if there are no bounces. */
  readonly share: number | null;
}

export interface PolicyAlert extends PolicyBurst {
  /** Start of the hour of the burst, in epoch milliseconds. */
  readonly hour: number;
}

export interface BounceRateReport {
  /** The first and the last day of the report, as `ReportTimeZone` represents days. */
  readonly from: number;
  readonly to: number;
  /** The IANA name of the time zone of the days and hours. */
  readonly timeZone: string;
  /** The kind of mail that sets the bands; null if it is not set. */
  readonly profile: BandProfile | null;
  readonly bands: RateBands;
  readonly by: Dimension;
  readonly total: ReportLine;
  /** Days and hours are in order of time. Other groups are ordered by sent messages and then by bounces, largest first. */
  readonly groups: readonly Group[];
  /** Number of groups that were left out because of `mostGroups`. `total` includes their messages. */
  readonly leftOut: number;
  readonly spikes: readonly Spike[];
  /**
   * The latest burst of policy bounces at each provider in the 24 hours before now. Does not depend on the days of the
   * report.
   */
  readonly alerts: readonly PolicyAlert[];
  /**
   * Number of recipients of bounce messages without proof that they are about the operator's mail. No other number
   * includes them.
   */
  readonly unproven: number;
  /** Sentences for the reader that explain the numbers, such as why there are no rates. */
  readonly notes: readonly string[];
}

export interface Reports {
  readonly timeZone: ReportTimeZone;
  /**
   * Returns the report on the days from `from` to `to`, both included. Each is a day as `ReportTimeZone` represents it:
   * 2026-11-20 is its midnight in UTC, whatever the time zone. A report by hour has at most `mostDaysByHour` days.
   */
  bounces(request: {
    readonly from: number;
    readonly to: number;
    readonly by: Dimension;
    /** Maximum number of groups in the report; a thousand by default. */
    readonly mostGroups?: number;
  }): Promise<BounceRateReport>;
  /**
   * Returns one report for each dimension, all about the same days. The report by hour has no groups if there are more than
   * `mostDaysByHour` days.
   */
  allBounces(request: {
    readonly from: number;
    readonly to: number;
  }): Promise<Readonly<Record<Dimension, BounceRateReport>>>;
}

const groupsByDefault = 1000;
/**
 * The count begins at least this many milliseconds before the last day, even if the report is shorter, because a spike
 * is found by comparing a day with the days before it.
 */
const comparedMs = 14 * dayMs;
const alertsOverMs = 24 * hourMs;

export function createReports({
  counter,
  history,
  now,
  timeZone = utc,
  profile = null,
}: {
  readonly counter: EventCounter;
  /** If present, reports say which days are not counted completely yet. */
  readonly history?: Pick<EventHistory, 'newestUncounted'>;
  /** Returns the current time in epoch milliseconds. */
  readonly now: () => number;
  readonly timeZone?: ReportTimeZone;
  /** The kind of mail, which sets the bands of the rates. */
  readonly profile?: BandProfile | null;
}): Reports {
  const bands = rateBandsOf(profile);

  async function count(given: { readonly from: number; readonly to: number }) {
    const from = startOfDay(given.from);
    const to = startOfDay(given.to);
    const days = await countByDay(counter, timeZone, Math.min(from, to - comparedMs), to, false);
    const period = { from: timeZone.startOf(from), to: timeZone.startOf(to + dayMs) };
    const countBy = (by: CountQuery['by'], every: 'hour' | 'all' = 'all') =>
      counter.count({ ...period, by, every, causes: false });
    const sources = await countBy('source');
    const found = await findWithCauses(
      [
        { cells: days, explain: explainDays },
        { cells: sources, explain: (cells) => explainSources(period, cells) },
      ],
      (days, sources) => findSpikes({ days: days!, sources: sources! }),
    );
    const spikes = found.filter((spike) => spike.to === null || spike.to >= from);
    const alerts = await recentAlerts();
    const inWindow = days.filter(({ period }) => period >= from);
    const total = sum(inWindow.map(({ tally }) => tally));
    const unproven = await counter.countUnproven(period);
    const uncounted = (await history?.newestUncounted()) ?? null;
    return { from, to, period, days, inWindow, sources, countBy, spikes, alerts, total, unproven, uncounted };
  }

  type Counted = Awaited<ReturnType<typeof count>>;

  async function reportBy(
    by: Dimension,
    counted: Counted,
    mostGroups = groupsByDefault,
  ): Promise<BounceRateReport> {
    const { from, to, total, spikes, alerts, unproven, uncounted } = counted;
    const groups = await groupsBy(by, counted);
    return {
      from,
      to,
      timeZone: timeZone.name,
      profile,
      bands,
      by,
      total: reportLine(total, sentIn(total), bands),
      groups: groups.slice(0, mostGroups),
      leftOut: Math.max(groups.length - mostGroups, 0),
      spikes,
      alerts,
      unproven,
      notes: [
        ...notesOn(total, unproven),
        ...(uncounted === null || uncounted < from ? [] : [historyNote(uncounted)]),
      ],
    };
  }

  async function groupsBy(by: Dimension, counted: Counted): Promise<Group[]> {
    const { from, to, period, inWindow, sources, countBy, total } = counted;
    const allBounces = bounces(total);
    const group = (name: string | null, tally: EventTally, sent: number | null): Group => ({
      name,
      share: allBounces === 0 ? null : bounces(tally) / allBounces,
      ...reportLine(tally, sent, bands),
    });
    if (by === 'day') {
      const tallies = joined(inWindow, (cell) => cell.period);
      return stepsOf(from, to + dayMs, dayMs).map((day) => {
        const tally = tallies.get(day) ?? nothing;
        return group(dayName(day), tally, sentIn(tally));
      });
    }
    if (by === 'hour') {
      const tallies = joined(await countBy('provider', 'hour'), (cell) => cell.period);
      return stepsOf(period.from, period.to, hourMs).map((hour) => {
        const tally = tallies.get(hour) ?? nothing;
        return group(timeZone.hourName(hour), tally, sentIn(tally));
      });
    }
    const cells = by === 'provider' ? inWindow : by === 'source' ? sources : await countBy(by);
    const isComplete = isVolumeComplete(by, cells);
    const groups = [...joined(cells, ({ name }) => name)].map(([name, tally]) =>
      group(name, tally, sentOrBounced(tally, isComplete && mayAllBounce(by, name))),
    );
    return groups.sort(
      (a, b) => (b.sent ?? 0) - (a.sent ?? 0) || b.bounces - a.bounces || b.deferred - a.deferred,
    );
  }

  async function explainDays(cells: readonly EventCount[]): Promise<EventCount[]> {
    const explained: EventCount[] = [];
    for (const { first, last } of spansOfCells(cells))
      explained.push(...(await countByDay(counter, timeZone, first, last)));
    return explained;
  }

  const explainSources = (period: Pick<CountQuery, 'from' | 'to'>, cells: readonly EventCount[]) =>
    counter.count({ ...period, by: 'source', every: 'all', names: cells.map(({ name }) => name) });

  async function recentAlerts(): Promise<PolicyAlert[]> {
    const to = now() + 1;
    const hourly = { by: 'provider', every: 'hour' } as const;
    const cells = await counter.count({ from: to - alertsOverMs, to, ...hourly, causes: false });
    return findWithCauses([{ cells, explain: explainHours }], (hours) => alertsIn(hours!));

    async function explainHours(asked: readonly EventCount[]): Promise<EventCount[]> {
      const explained: EventCount[] = [];
      for (const { first, last } of spansOfCells(asked, hourMs))
        explained.push(...(await counter.count({ from: first, to: last + hourMs, ...hourly })));
      return explained;
    }
  }

  return {
    timeZone,

    bounces: async ({ by, mostGroups, ...days }) => reportBy(by, await count(days), mostGroups),

    async allBounces(days) {
      const counted = await count(days);
      const hasHours = counted.to - counted.from < mostDaysByHour * dayMs;
      const reports: Partial<Record<Dimension, BounceRateReport>> = {};
      for (const by of dimensions)
        reports[by] =
          by === 'hour' && !hasHours
            ? { ...(await reportBy('day', counted)), by, groups: [] }
            : await reportBy(by, counted);
      return reports as Record<Dimension, BounceRateReport>;
    },
  };
}

/** Returns the latest burst at each provider. */
function alertsIn(cells: readonly EventCount[]): PolicyAlert[] {
  const alerts = new Map<string | null, PolicyAlert>();
  const hours = [...Map.groupBy(cells, ({ period }) => period)].sort(([a], [b]) => a - b);
  for (const [hour, ofHour] of hours)
    for (const burst of policyBursts(ofHour)) alerts.set(burst.provider, { hour, ...burst });
  return [...alerts.values()].sort((a, b) => b.hour - a.hour);
}

/** Returns `from` and every `step` after it, before `to`. */
const stepsOf = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) }, (_, index) => from + index * step);

/**
 * Whether a group without reported sent or delivered messages really has none: if false, they may only be unreported. Mail host,
 * reason and status are known for failures only, so groups by these never have a number of sent messages.
 */
function isVolumeComplete(by: Exclude<Dimension, 'day' | 'hour'>, cells: readonly EventCount[]): boolean {
  if (by === 'provider' || by === 'gateway') return hasAnyVolume(cells);
  return (by === 'source' || by === 'campaign' || by === 'list') && hasNamedVolume(cells);
}

/**
 * Whether all mail of a group may have bounced. Not true for the group without a name, such as bounces that are posted without a
 * source: the deliveries of the same mail may be reported with a source, so they are in another group.
 */
const mayAllBounce = (by: Dimension, name: string | null): boolean =>
  name !== null || by === 'provider' || by === 'gateway';

function joined<Key>(cells: readonly EventCount[], keyOf: (cell: EventCount) => Key): Map<Key, EventTally> {
  const groups = Map.groupBy(cells, keyOf);
  return new Map([...groups].map(([key, members]) => [key, sum(members.map(({ tally }) => tally))]));
}

const historyNote = (uncounted: number): string =>
  `Stored events up to ${dayName(uncounted)} are still being counted, so the figures for these days are too low.`;

function notesOn(total: EventTally, unproven: number): string[] {
  const failed = bounces(total) + total.complaint + total.unsubscribed;
  const untrusted =
    unproven === 0
      ? []
      : [
          `Bounce messages about ${unproven} ${unproven === 1 ? 'recipient' : 'recipients'} are not counted, because nothing proves that they are about your mail (see BOUNCE_TRUST in docs/bounces.md).`,
        ];
  if (sentIn(total) !== null) return untrusted;
  return [
    ...untrusted,
    failed === 0
      ? 'There are no events to count for these days. Connect the webhook of your email service provider to POST /v1/hooks/esp/…, or send returned messages to POST /v1/bounces.'
      : 'The number of sent messages is unknown, so there are no rates. At your email service provider, enable the events for sent or delivered messages.',
  ];
}

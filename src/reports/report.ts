// The bounce report: counts, rates and their grades, days with an unusual rate, and what to do about them.

import { dayName } from '../calendar.ts';
import { dayMs, hourMs } from '../durations.ts';
import type { EventCount, EventCounter, EventHistory } from './count.ts';
import { type PolicyBurst, policyBursts } from './policy-burst.ts';
import { findSpikes, type Spike } from './spikes.ts';
import { bounces, type EventTally, nothing, sentIn, sum } from './tally.ts';
import { fewMessages, type Grade, type GradedRate, gradeOf } from './thresholds.ts';

export const dimensions = ['day', 'campaign', 'source', 'provider', 'gateway', 'mail_host'] as const;
export type Dimension = (typeof dimensions)[number];

export interface Rate {
  /** Share of the sent messages, from 0 to 1. */
  readonly rate: number;
  /** The grade of the rate, such as `poor`. Null if no grades are defined for this rate. */
  readonly grade: Grade | null;
  /** True if too few messages were sent to judge the rate. */
  readonly few: boolean;
}

export type RateName = 'hard' | 'soft' | 'policy' | 'bounces' | 'complaint' | 'unsubscribed';

export interface ReportLine extends Omit<EventTally, 'sent'> {
  /**
   * Number of sent messages: those that the provider reported as sent, or the delivered and bounced ones if these are
   * more. Null if the provider reports neither sent nor delivered messages.
   */
  readonly sent: number | null;
  /** Sum of `hard`, `soft` and `policy`. */
  readonly bounces: number;
  /** Each count divided by the sent messages. Null if the number of sent messages is unknown. */
  readonly rates: Readonly<Record<RateName, Rate>> | null;
}

export interface Group extends ReportLine {
  /**
   * What the messages of this group have in common: a day such as 2026-11-20, or the name of the campaign, source, provider,
   * gateway or mail host (such as google.com). Null if it is unknown, and for domains that are their own mail host.
   */
  readonly name: string | null;
}

export interface Alert extends PolicyBurst {
  /** Start of the hour of the burst, in epoch milliseconds. */
  readonly hour: number;
}

export interface BounceRateReport {
  /** Start of the first and of the last day of the report, UTC, in epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly by: Dimension;
  readonly total: ReportLine;
  /** Days are in order of time. Other groups are ordered by sent messages and then by bounces, largest first. */
  readonly groups: readonly Group[];
  /** Number of groups that were left out because of `mostGroups`. `total` includes their messages. */
  readonly leftOut: number;
  readonly spikes: readonly Spike[];
  /**
   * The latest burst of policy bounces at each provider in the 24 hours before now. Does not depend on the days of the
   * report.
   */
  readonly alerts: readonly Alert[];
  /**
   * Number of recipients of bounce messages without proof that they are about the operator's mail. No other number
   * includes them.
   */
  readonly unproven: number;
  /** Sentences for the reader that explain the numbers, such as why there are no rates. */
  readonly notes: readonly string[];
}

export interface Reports {
  /**
   * Returns the report on the days from `from` to `to`, both included. Each is a time in epoch milliseconds and stands
   * for its UTC day.
   */
  bounces(request: {
    readonly from: number;
    readonly to: number;
    readonly by: Dimension;
    /** Maximum number of groups in the report; a thousand by default. */
    readonly mostGroups?: number;
  }): Promise<BounceRateReport>;
  /** Returns one report for each dimension, all about the same days, at about twice the cost of one report. */
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
}: {
  readonly counter: EventCounter;
  /** If present, reports say which days are not counted completely yet. */
  readonly history?: Pick<EventHistory, 'newestUncounted'>;
  /** Returns the current time in epoch milliseconds. */
  readonly now: () => number;
}): Reports {
  async function count(given: { readonly from: number; readonly to: number }) {
    const from = startOfDay(given.from);
    const to = startOfDay(given.to);
    const end = to + dayMs;
    const days = await counter.count({
      from: Math.min(from, to - comparedMs),
      to: end,
      by: 'provider',
      every: 'day',
    });
    const sources = await counter.count({ from, to: end, by: 'source', every: 'all' });
    const spikes = findSpikes({ days, sources }).filter((spike) => spike.to === null || spike.to >= from);
    const alerts = await recentAlerts();
    const inWindow = days.filter(({ period }) => period >= from);
    const total = sum(inWindow.map(({ tally }) => tally));
    const countBy = (by: 'campaign' | 'gateway' | 'mail_host') =>
      counter.count({ from, to: end, by, every: 'all', causes: false });
    const unproven = await counter.countUnproven({ from, to: end });
    const uncounted = (await history?.newestUncounted()) ?? null;
    return { from, to, inWindow, sources, countBy, spikes, alerts, total, unproven, uncounted };
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
      by,
      total: line(total),
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

  async function groupsBy(by: Dimension, { from, to, inWindow, sources, countBy }: Counted) {
    if (by === 'day') {
      const tallies = joined(inWindow, ({ period }) => period);
      const days: Group[] = [];
      for (let day = from; day <= to; day += dayMs)
        days.push({ name: dayName(day), ...line(tallies.get(day) ?? nothing) });
      return days;
    }
    const cells = by === 'provider' ? inWindow : by === 'source' ? sources : await countBy(by);
    const groups = [...joined(cells, ({ name }) => name)].map(([name, tally]) => ({ name, ...line(tally) }));
    return groups.sort((a, b) => (b.sent ?? 0) - (a.sent ?? 0) || b.bounces - a.bounces);
  }

  async function recentAlerts(): Promise<Alert[]> {
    const to = now() + 1;
    const cells = await counter.count({ from: to - alertsOverMs, to, by: 'provider', every: 'hour' });
    const alerts = new Map<string | null, Alert>();
    const hours = [...Map.groupBy(cells, ({ period }) => period)].sort(([a], [b]) => a - b);
    for (const [hour, ofHour] of hours)
      for (const burst of policyBursts(ofHour)) alerts.set(burst.provider, { hour, ...burst });
    return [...alerts.values()].sort((a, b) => b.hour - a.hour);
  }

  return {
    bounces: async ({ by, mostGroups, ...days }) => reportBy(by, await count(days), mostGroups),

    async allBounces(days) {
      const counted = await count(days);
      return {
        day: await reportBy('day', counted),
        campaign: await reportBy('campaign', counted),
        source: await reportBy('source', counted),
        provider: await reportBy('provider', counted),
        mail_host: await reportBy('mail_host', counted),
        gateway: await reportBy('gateway', counted),
      };
    },
  };
}

const startOfDay = (epoch: number): number => Math.floor(epoch / dayMs) * dayMs;

function joined<Key>(cells: readonly EventCount[], keyOf: (cell: EventCount) => Key): Map<Key, EventTally> {
  const groups = Map.groupBy(cells, keyOf);
  return new Map([...groups].map(([key, members]) => [key, sum(members.map(({ tally }) => tally))]));
}

const graded: readonly RateName[] = ['hard', 'bounces', 'complaint'] satisfies GradedRate[];
const isGraded = (name: RateName): name is GradedRate => graded.includes(name);

function line(tally: EventTally): ReportLine {
  const sent = sentIn(tally);
  const { sent: _, ...rest } = tally;
  const counts = { ...rest, bounces: bounces(tally) };
  if (sent === null) return { sent, ...counts, rates: null };
  const rateOf = (name: RateName): Rate => {
    const rate = counts[name] / sent;
    return isGraded(name)
      ? { rate, grade: gradeOf(name, rate), few: sent < fewMessages[name] }
      : { rate, grade: null, few: sent < fewMessages.bounces };
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

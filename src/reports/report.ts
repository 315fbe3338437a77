// The bounce report: counts, rates and their grades, unusual days, and what to do.

import { dayMs, type EventCount, type EventCounter, hourMs } from './count.ts';
import { type PolicyBurst, policyBursts } from './policy-burst.ts';
import { dayName, findSpikes, type Spike } from './spikes.ts';
import { bounces, type EventTally, nothing, sentIn, sum } from './tally.ts';
import { fewMessages, type Grade, type GradedRate, gradeOf } from './thresholds.ts';

export const dimensions = ['day', 'campaign', 'source', 'provider'] as const;
export type Dimension = (typeof dimensions)[number];

export interface Rate {
  /** Share of the messages sent, 0 to 1. */
  readonly rate: number;
  /** Null if there is no common threshold. */
  readonly grade: Grade | null;
  /** Based on too few messages to judge. */
  readonly few: boolean;
}

export type RateName = 'hard' | 'soft' | 'policy' | 'bounces' | 'complaint' | 'unsubscribed';

export interface ReportLine extends Omit<EventTally, 'sent'> {
  /** Messages reported as sent, or delivered plus bounced if that is larger. Null if the provider reports neither. */
  readonly sent: number | null;
  /** Sum of hard, soft and policy. */
  readonly bounces: number;
  /** Null if the number of sent messages is unknown. */
  readonly rates: Readonly<Record<RateName, Rate>> | null;
}

export interface Group extends ReportLine {
  /** A day such as 2026-11-20, or the name of the campaign, source or provider; null if the events do not say. */
  readonly name: string | null;
}

export interface Alert extends PolicyBurst {
  /** Epoch milliseconds of the hour in which it was seen. */
  readonly hour: number;
}

export interface BounceRateReport {
  /** Epoch milliseconds of the first and the last day, UTC. */
  readonly from: number;
  readonly to: number;
  readonly by: Dimension;
  readonly total: ReportLine;
  /** Days in order; other groups by sent messages, then by bounces. */
  readonly groups: readonly Group[];
  /** Groups beyond the first thousand; `total` includes them. */
  readonly leftOut: number;
  readonly spikes: readonly Spike[];
  /** Bursts of policy bounces in the last 24 hours, regardless of the report's days. */
  readonly alerts: readonly Alert[];
  /** Recipients of returned messages that lacked proof, which no other figure includes. */
  readonly unproven: number;
  /** Remarks on the figures for the reader. */
  readonly notes: readonly string[];
}

export interface Reports {
  /** The report from `from` to `to`, inclusive; each is in epoch milliseconds and selects its UTC day. */
  bounces(request: {
    readonly from: number;
    readonly to: number;
    readonly by: Dimension;
  }): Promise<BounceRateReport>;
  /** The same report by each dimension, at about twice the cost of one. */
  allBounces(request: {
    readonly from: number;
    readonly to: number;
  }): Promise<Readonly<Record<Dimension, BounceRateReport>>>;
}

const mostGroups = 1000;
/** The last day is compared with at least this many days, even in a shorter report. */
const comparedMs = 14 * dayMs;
const alertsOverMs = 24 * hourMs;

export function createReports({
  counter,
  now,
}: {
  readonly counter: EventCounter;
  /** Epoch milliseconds. */
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
    const campaigns = () => counter.count({ from, to: end, by: 'campaign', every: 'all' });
    const unproven = await counter.countUnproven({ from, to: end });
    return { from, to, inWindow, sources, campaigns, spikes, alerts, total, unproven };
  }

  type Counted = Awaited<ReturnType<typeof count>>;

  async function reportBy(by: Dimension, counted: Counted): Promise<BounceRateReport> {
    const { from, to, total, spikes, alerts, unproven } = counted;
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
      notes: notesOn(total, unproven),
    };
  }

  async function groupsBy(by: Dimension, { from, to, inWindow, sources, campaigns }: Counted) {
    if (by === 'day') {
      const tallies = joined(inWindow, ({ period }) => period);
      const days: Group[] = [];
      for (let day = from; day <= to; day += dayMs)
        days.push({ name: dayName(day), ...line(tallies.get(day) ?? nothing) });
      return days;
    }
    const cells = by === 'provider' ? inWindow : by === 'source' ? sources : await campaigns();
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
    bounces: async ({ by, ...days }) => reportBy(by, await count(days)),

    async allBounces(days) {
      const counted = await count(days);
      return {
        day: await reportBy('day', counted),
        campaign: await reportBy('campaign', counted),
        source: await reportBy('source', counted),
        provider: await reportBy('provider', counted),
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

function notesOn(total: EventTally, unproven: number): string[] {
  const failed = bounces(total) + total.complaint + total.unsubscribed;
  const untrusted =
    unproven === 0
      ? []
      : [`Not counted: ${unproven} recipients of returned messages that lacked proof (see BOUNCE_TRUST).`];
  if (sentIn(total) !== null) return untrusted;
  return [
    ...untrusted,
    failed === 0
      ? 'No events were recorded for these days. Connect your provider’s webhook to POST /v1/hooks/esp/…, or send returned messages to POST /v1/bounces.'
      : 'The number of sent messages is unknown, so there are no rates. Enable your provider’s events for sent or delivered messages.',
  ];
}

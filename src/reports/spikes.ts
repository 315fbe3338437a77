// Finds days with unusually many failures in several weeks of counts, and explains them. Pure functions.

import type { BounceReason } from '../bounce/bounce.ts';
import { dayName } from '../calendar.ts';
import { dayMs } from '../durations.ts';
import { commonCause } from './advice.ts';
import type { Cause, EventCount } from './count.ts';
import { chanceOfRise, leastRate } from './rate-test.ts';
import { bounces, type EventTally, type Failure, sentIn, sum } from './tally.ts';
import { hasNamedVolume, sentOrBounced } from './volume.ts';

export type SpikeKind =
  /** A mailbox provider refuses the sender. The recipients are not the cause. */
  | 'provider_block'
  /** Mail hosts of many domains refuse the sender. */
  | 'sender_block'
  /** A mailbox provider reports temporary failures (soft bounces). */
  | 'provider_delay'
  /** At one provider, many addresses hard-bounced at once. That suggests a fault of the provider. */
  | 'provider_incident'
  /** Hard bounces rose, and not at one provider alone. So the mailed addresses are worse than before. */
  | 'list_quality'
  /** Many addresses that were acquired from one source hard-bounced. */
  | 'source_quality'
  | 'complaints';

export interface Spike {
  readonly kind: SpikeKind;
  /**
   * Start of the first and of the last day, in epoch milliseconds. Null for `source_quality`, which is about the whole
   * time.
   */
  readonly from: number | null;
  readonly to: number | null;
  readonly provider: string | null;
  readonly source: string | null;
  readonly messages: number;
  /**
   * Share of the mail that failed on these days, from 0 to 1. If `provider` or `source` is set, only mail to that
   * provider or from that source counts. Null if the number of sent messages is unknown.
   */
  readonly rate: number | null;
  /** The same share on the earlier days that had no such rise; null if unknown. */
  readonly rateBefore: number | null;
  /**
   * Share of these failures in all bounces of these days. For `provider_incident` it is the share in all hard bounces;
   * for `complaints` and `source_quality` it is null.
   */
  readonly share: number | null;
  readonly reason: BounceReason | null;
  readonly status: string | null;
  /** One English sentence that says what happened and what it means. */
  readonly explanation: string;
  readonly advice: string;
}

export interface Counts {
  /** One count for each provider and day. */
  readonly days: readonly EventCount[];
  /** One count for each source, over the whole time. */
  readonly sources: readonly EventCount[];
}

/** Minimum number of failed messages (or complaints) on a day. With fewer, a high rate may be chance. */
const leastMessages = 10;
const leastComplaints = 5;
/** A day is compared with this many days before it. */
const baselineDays = 28;
/** Minimum ratio of the rate on an unusual day to the rate on the days before. */
const leastRise = 3;
/**
 * Maximum probability that a rise is chance. It is tiny, because a month of mail to 60 providers makes thousands of
 * comparisons. With a larger limit, some rates would seem to rise by chance.
 */
const mostChance = 1e-6;
/** Minimum rate of a spike, by class of failure. A lower rate needs no action, even if it rose from almost nothing. */
const leastRateThatMatters = { hard: 0.02, soft: 0.02, policy: 0.02, complaint: 0.001 } as const;
/** Like `leastRateThatMatters`, but used if there are no earlier days to compare with. */
const leastRateAlone = { hard: 0.05, soft: 0.05, policy: 0.05, complaint: 0.003 } as const;
/**
 * Minimum share that soft or policy bounces have in all bounces of the day, if there are no earlier days to compare
 * with. Also the minimum share of one provider in all hard bounces for a `provider_incident`.
 */
const leastShareAlone = 0.5;
/**
 * Limits for `source_quality`. The hard bounce rate of the source must be at least `least`, and the lower confidence
 * bound of that rate at least `surelyAbove`.
 */
const sourceRate = { least: 0.05, surelyAbove: 0.02 } as const;

type Watched = keyof typeof leastRateThatMatters;

/** Returns the spikes of days, latest first, and then the sources with too many hard bounces, worst first. */
export function findSpikes({ days, sources }: Counts): Spike[] {
  const wholeDays = byDay(days);
  const whole = new Map(wholeDays.map(({ period, tally }) => [period, tally]));
  const providers = [...new Set(days.map(({ name }) => name))].filter((name) => name !== null);
  const ofProvider = Map.groupBy(days, ({ name }) => name);
  const atProviders = providers.flatMap((provider) => {
    const series = ofProvider.get(provider)!;
    return [
      ...risesOf('policy', series, whole).map((rise) => providerSpike('provider_block', provider, rise)),
      ...risesOf('soft', series, whole).map((rise) => providerSpike('provider_delay', provider, rise)),
      ...risesOf('hard', series, whole)
        .filter(({ messages, failures }) => messages >= leastShareAlone * failures)
        .map((rise) => providerSpike('provider_incident', provider, rise)),
    ];
  });
  const incidents = atProviders.filter(({ kind }) => kind === 'provider_incident');
  const quality = risesOf('hard', wholeDays, whole)
    .filter((rise) => !incidents.some((incident) => overlap(incident, rise)))
    .map(qualitySpike);
  const blocks = atProviders.filter(({ kind }) => kind === 'provider_block');
  const refusals = risesOf('policy', wholeDays, whole)
    .filter((rise) => !blocks.some((block) => overlap(block, rise)))
    .map(senderSpike);
  const complaints = risesOf('complaint', wholeDays, whole).map(complaintSpike);
  return [
    ...[...atProviders, ...refusals, ...quality, ...complaints].sort(
      (a, b) => b.to! - a.to! || b.messages - a.messages,
    ),
    ...badSources(sources).sort((a, b) => b.rate! - a.rate!),
  ];
}

interface Day {
  readonly period: number;
  readonly tally: EventTally;
  readonly causes: readonly Cause[];
}

function byDay(cells: readonly EventCount[]): Day[] {
  return [...Map.groupBy(cells, ({ period }) => period)].map(([period, ofDay]) => ({
    period,
    tally: sum(ofDay.map(({ tally }) => tally)),
    // Only the causes of unusual days are read, because reading them takes long (see `EventCount`).
    get causes() {
      return ofDay.flatMap(({ causes }) => causes);
    },
  }));
}

/** One or more consecutive days on which a rate is far above the usual one. */
interface Rise {
  readonly from: number;
  readonly to: number;
  readonly messages: number;
  /** Number of messages sent on these days; null if unknown. */
  readonly sent: number | null;
  /** The rate on the earlier days that had no rise; null if unknown. */
  readonly rateBefore: number | null;
  /** Number of all bounces on these days, at all providers together. */
  readonly bounces: number;
  /** Number of failures of the same class on these days, at all providers together. */
  readonly failures: number;
  readonly causes: readonly Cause[];
}

function risesOf(failure: Watched, series: readonly Day[], whole: ReadonlyMap<number, EventTally>): Rise[] {
  const rises: Rise[] = [];
  // The days without a rise. Only these are compared with later days, so one unusual day does not hide the next.
  const ordinary: Day[] = [];
  for (const day of series.toSorted((a, b) => a.period - b.period)) {
    const rise = riseOn(day, ordinary, failure, whole);
    if (rise === null) {
      ordinary.push(day);
      continue;
    }
    const last = rises.at(-1);
    if (last !== undefined && last.to === rise.from - dayMs) rises[rises.length - 1] = joined(last, rise);
    else rises.push(rise);
  }
  return rises;
}

/** Returns the days from `since` on. `days` are in order of time. */
function baselineOf(days: readonly Day[], since: number): Day[] {
  let first = days.length;
  while (first > 0 && days[first - 1]!.period >= since) first--;
  return days.slice(first);
}

function riseOn(
  day: Day,
  ordinary: readonly Day[],
  failure: Watched,
  whole: ReadonlyMap<number, EventTally>,
): Rise | null {
  const { period, tally } = day;
  const messages = tally[failure];
  if (messages < (failure === 'complaint' ? leastComplaints : leastMessages)) return null;
  const ofDay = whole.get(period)!;
  const isComplete = (day: number) => sentIn(whole.get(day)!) !== null;
  const sent = sentOrBounced(tally, isComplete(period));
  const since = period - baselineDays * dayMs;
  // This return is for speed: on nearly all days the rate is low, and the volume of this day and of the days before is known.
  if (sent !== null && messages / sent < leastRateThatMatters[failure]) {
    const latest = ordinary.at(-1);
    if (latest === undefined || latest.period < since || sentIn(latest.tally) !== null) return null;
  }
  const baseline = baselineOf(ordinary, since);
  const before = sum(baseline.map((earlier) => earlier.tally));
  const sentBefore = sentOrBounced(
    before,
    baseline.every((earlier) => isComplete(earlier.period)),
  );

  // If the number of sent messages is unknown, a share in all bounces of the same day is compared instead of a rate.
  const volumeKnown = sent !== null && (sentBefore !== null || baseline.length === 0);
  const exposure = volumeKnown ? sent : bounces(ofDay);
  const exposureBefore = volumeKnown
    ? (sentBefore ?? 0)
    : baseline.reduce((total, earlier) => total + bounces(whole.get(earlier.period)!), 0);
  const rate = messages / exposure;
  if (volumeKnown && rate < leastRateThatMatters[failure]) return null;

  if (exposureBefore > 0) {
    const rateBefore = before[failure] / exposureBefore;
    if (rate < leastRise * rateBefore) return null;
    if (chanceOfRise(messages, exposure, before[failure], exposureBefore) > mostChance) return null;
  } else if (failure === 'complaint' || failure === 'hard') {
    if (!volumeKnown || rate < leastRateAlone[failure]) return null;
  } else {
    if (messages < leastShareAlone * bounces(ofDay)) return null;
    if (volumeKnown && rate < leastRateAlone[failure]) return null;
  }
  return {
    from: period,
    to: period,
    messages,
    sent: volumeKnown ? sent : null,
    rateBefore: volumeKnown && exposureBefore > 0 ? before[failure] / exposureBefore : null,
    bounces: bounces(ofDay),
    failures: ofDay[failure],
    causes: day.causes,
  };
}

const joined = (first: Rise, next: Rise): Rise => ({
  ...first,
  to: next.to,
  messages: first.messages + next.messages,
  sent: first.sent === null || next.sent === null ? null : first.sent + next.sent,
  bounces: first.bounces + next.bounces,
  failures: first.failures + next.failures,
  causes: [...first.causes, ...next.causes],
});

const overlap = (spike: Spike, rise: Rise): boolean => spike.from! <= rise.to && rise.from <= spike.to!;

const spikeOf = (rise: Rise, failure: Failure, outOf: number | null) => {
  const { reason, status, advice } = commonCause(rise.causes, failure);
  return {
    from: rise.from,
    to: rise.to,
    provider: null,
    source: null,
    messages: rise.messages,
    rate: rise.sent === null ? null : rise.messages / rise.sent,
    rateBefore: rise.rateBefore,
    share: outOf === null ? null : rise.messages / outOf,
    reason,
    status,
    advice,
  };
};

function providerSpike(
  kind: 'provider_block' | 'provider_delay' | 'provider_incident',
  provider: string,
  rise: Rise,
): Spike {
  const failure = { provider_block: 'policy', provider_delay: 'soft', provider_incident: 'hard' } as const;
  const isIncident = kind === 'provider_incident';
  const spike = spikeOf(rise, failure[kind], isIncident ? rise.failures : rise.bounces);
  const share = percent(spike.share!);
  const codes = spike.status === null ? '' : ` with the status ${spike.status}`;
  const explanation = {
    provider_block: `${share} of the bounces ${daysOf(rise)} are refusals by one provider, ${provider},${codes || ' for policy reasons'}. It blocks your mail. The addresses are not the cause.`,
    provider_delay: `${share} of the bounces ${daysOf(rise)} are temporary failures at one provider, ${provider}${codes && `,${codes}`}. They do not mean that the addresses are invalid.`,
    provider_incident: `${share} of the hard bounces ${daysOf(rise)} are at one provider, ${provider}${codes && `,${codes}`}${spike.rate === null ? '' : `: ${percent(spike.rate)} of the mail to it bounced hard`}${comparedWith(spike)}. So many mailboxes rarely disappear at once: the provider may have had an incident.`,
  }[kind];
  return {
    ...spike,
    kind,
    provider,
    explanation,
    ...(isIncident && {
      advice:
        'Check the provider’s status page before you trust these bounces. If the provider had an incident, remove its bounces from the suppression list with POST /v1/suppressions/lift.',
    }),
  };
}

function senderSpike(rise: Rise): Spike {
  const spike = spikeOf(rise, 'policy', rise.bounces);
  const codes = spike.status === null ? '' : ` with the status ${spike.status}`;
  return {
    ...spike,
    kind: 'sender_block',
    explanation: `${percent(spike.share!)} of the bounces ${daysOf(rise)} are refusals${codes} by many mail hosts. They block your mail. The addresses are not the cause.`,
  };
}

function qualitySpike(rise: Rise): Spike {
  const spike = spikeOf(rise, 'hard', rise.bounces);
  return {
    ...spike,
    kind: 'list_quality',
    explanation: `${onDays(rise)}, ${spike.rate === null ? `${percent(spike.share!)} of the bounces were hard` : `${percent(spike.rate)} of your mail bounced hard`}${comparedWith(spike)}, at more than one provider. You sent mail to addresses that do not exist.`,
    advice:
      'Find where these addresses came from. If it is a list, validate it before you mail it again; if it is a form, validate addresses when people enter them.',
  };
}

function complaintSpike(rise: Rise): Spike {
  const spike = spikeOf(rise, 'complaint', null);
  return {
    ...spike,
    kind: 'complaints',
    reason: null,
    status: null,
    explanation: `${onDays(rise)}, ${spike.rate === null ? `${spike.messages} messages` : `${percent(spike.rate)} of your mail`} led to spam complaints${comparedWith(spike)}. People did not expect this mail.`,
    advice:
      'Mail only people who opted in, and add one-click unsubscribe (RFC 8058): then people unsubscribe instead of complaining. Google and Yahoo ask for a complaint rate below 0.1%, and may block senders at 0.3% or more.',
  };
}

function badSources(sources: readonly EventCount[]): Spike[] {
  const isComplete = hasNamedVolume(sources);
  return sources.flatMap((source) => badSource(source, isComplete));
}

function badSource(source: EventCount, isComplete: boolean): Spike[] {
  const { name, tally } = source;
  const sent = sentOrBounced(tally, isComplete);
  if (name === null || sent === null || tally.hard < leastMessages) return [];
  const rate = tally.hard / sent;
  if (rate < sourceRate.least || leastRate(tally.hard, sent) < sourceRate.surelyAbove) return [];
  const { reason, status } = commonCause(source.causes, 'hard');
  return [
    {
      kind: 'source_quality',
      from: null,
      to: null,
      provider: null,
      source: name,
      messages: tally.hard,
      rate,
      rateBefore: null,
      share: null,
      reason,
      status,
      explanation: `${percent(rate)} of the mail to addresses from the source ${name} bounced hard. Stop sending to addresses from that source.`,
      advice:
        'Validate the addresses of this source before you mail any of them again, and ask people to confirm their address where you collect it (double opt-in).',
    },
  ];
}

export const percent = (rate: number): string => {
  const value = rate * 100;
  return `${value.toFixed(value >= 10 ? 0 : value >= 1 ? 1 : value >= 0.1 || value === 0 ? 2 : 3)}%`;
};

const daysOf = ({ from, to }: Rise): string =>
  from === to ? `on ${dayName(from)}` : `from ${dayName(from)} to ${dayName(to)}`;

const onDays = ({ from, to }: Rise): string =>
  from === to ? `On ${dayName(from)}` : `From ${dayName(from)} to ${dayName(to)}`;

function comparedWith({ rate, rateBefore }: Pick<Spike, 'rate' | 'rateBefore'>): string {
  if (rate === null) return ', far more than usual';
  if (rateBefore === null) return ' (there are no earlier days to compare with)';
  return ` (on the days before: ${rateBefore === 0 ? 'none' : percent(rateBefore)})`;
}

// Mail of invented senders, hour by hour, with what goes wrong in it, and the life of the incidents that are found.

import type { Cause, EventCount } from '../../../src/reports/count.ts';
import { incidentFinder } from '../../../src/reports/incidents/find.ts';
import type { IncidentCounts, StoredIncident } from '../../../src/reports/incidents/incident.ts';
import { reconcile } from '../../../src/reports/incidents/reconcile.ts';
import { type EventTally, type Failure, nothing } from '../../../src/reports/tally.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A Monday. */
export const start = Date.UTC(2026, 5, 1);

/** Random numbers from 0 to 1 that depend on the seed alone. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function poisson(random: () => number, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let product = random();
  let count = 0;
  for (const limit = Math.exp(-mean); product > limit; count++) product *= random();
  return count;
}

/** A factor around 1 whose standard deviation is about `spread`. */
const factor = (random: () => number, spread: number): number =>
  Math.exp(spread * normal(random) - (spread * spread) / 2);

/** The mail of one source and list, sent as one campaign or as a campaign a day. */
export interface Stream {
  readonly source: string | null;
  readonly list: string | null;
  readonly campaign: (day: number) => string | null;
  /** Messages in an hour; `day` and `hour` are counted from the start. */
  readonly volume: (day: number, hour: number) => number;
  /** Rates of hard bounces compared with other streams. */
  readonly hard?: number;
}

export interface Place {
  readonly day: number;
  readonly hour: number;
  readonly provider: string | null;
  readonly source: string | null;
  readonly campaign: string | null;
}

/** A rate of failures with its cause, at a place in the mail; null if the place is as usual. */
export interface Trouble {
  readonly failure: Failure;
  readonly reason: Cause['reason'];
  readonly status: string | null;
  readonly rate: (place: Place) => number;
}

export interface Sender {
  readonly seed: number;
  readonly days: number;
  readonly providers: Readonly<Record<string, number>>;
  readonly streams: readonly Stream[];
  readonly troubles?: readonly Trouble[];
  /** The spread of the daily rates. */
  readonly spread?: number;
  /** Whether deliveries are reported. */
  readonly volumeKnown?: boolean;
  readonly base?: Readonly<Record<'hard' | 'soft' | 'policy' | 'full' | 'delay' | 'complaint', number>>;
}

const usual = { hard: 0.006, soft: 0.006, policy: 0.002, full: 0.002, delay: 0.02, complaint: 0.0002 };
const usualCauses = {
  hard: ['hard', 'mailbox_unknown', '5.1.1'],
  soft: ['soft', 'system_error', '4.3.0'],
  policy: ['policy', 'spam_content', '5.7.1'],
  full: ['soft', 'mailbox_full', '4.2.2'],
  delay: ['deferred', 'network_error', '4.4.1'],
  complaint: ['complaint', 'feedback', null],
} as const;

export const otherDomains = 'other';
export const bigProviders = {
  ...{ gmail: 0.4, outlook: 0.18, yahoo: 0.1, microsoft365: 0.1, icloud: 0.05, zoho: 0.01 },
  [otherDomains]: 0.16,
};

/** Office hours on five days and less at the weekend: `daily` messages on a working day. */
export const steady =
  (daily: number) =>
  (day: number, hour: number): number =>
    ((day % 7 < 5 ? daily : daily / 3) * (hour >= 7 && hour < 19 ? 1.8 : 0.2)) / 24;

/** All mail of a day in one hour. */
export const atHour =
  (at: number, volume: (day: number) => number) =>
  (day: number, hour: number): number =>
    hour === at ? volume(day) : 0;

class Counter {
  readonly cells = new Map<
    string,
    {
      period: number;
      name: string | null;
      tally: Record<keyof EventTally, number>;
      causes: Map<string, { -readonly [field in keyof Cause]: Cause[field] }>;
    }
  >();

  cell(period: number, name: string | null) {
    const key = `${period} ${name ?? '\n'}`;
    let cell = this.cells.get(key);
    if (cell === undefined) {
      cell = { period, name, tally: { ...nothing }, causes: new Map() };
      this.cells.set(key, cell);
    }
    return cell;
  }

  counts(): EventCount[] {
    return [...this.cells.values()].map(({ causes, ...cell }) => ({ ...cell, causes: [...causes.values()] }));
  }
}

export function mailOf(sender: Sender): IncidentCounts {
  const { seed, days, providers, streams, troubles = [], spread = 0.35, base = usual } = sender;
  const random = randomOf(seed);
  const counters = {
    providers: new Counter(),
    sources: new Counter(),
    campaigns: new Counter(),
    lists: new Counter(),
  };
  const add = (
    period: number,
    names: readonly (string | null)[],
    field: keyof EventTally,
    messages: number,
    cause: Omit<Cause, 'messages'> | null,
  ): void => {
    if (messages === 0) return;
    for (const [index, counter] of Object.values(counters).entries()) {
      const cell = counter.cell(period, names[index]!);
      cell.tally[field] += messages;
      if (cause === null) continue;
      const key = `${cause.failure} ${cause.reason} ${cause.status}`;
      const own = cell.causes.get(key);
      if (own === undefined) cell.causes.set(key, { ...cause, messages });
      else own.messages += messages;
    }
  };
  for (let day = 0; day < days; day++) {
    const ofProvider = Object.fromEntries(
      Object.keys(providers).map((name) => [name, factor(random, spread)]),
    );
    for (const stream of streams) {
      const campaign = stream.campaign(day);
      const ofStream = factor(random, spread);
      for (let hour = 0; hour < 24; hour++) {
        const volume = stream.volume(day, hour);
        if (volume === 0) continue;
        for (const [provider, share] of Object.entries(providers)) {
          const sent = poisson(random, volume * share);
          if (sent === 0) continue;
          const period = start + day * dayMs + hour * hourMs;
          const name = provider === otherDomains ? null : provider;
          const names = [name, stream.source, campaign, stream.list];
          const place = { day, hour, provider: name, source: stream.source, campaign };
          let left = sent;
          const fail = (
            rate: number,
            [failure, reason, status]: readonly [Failure, Cause['reason'], string | null],
          ) => {
            const isBounce = failure === 'hard' || failure === 'soft' || failure === 'policy';
            const messages = Math.min(
              rate >= 1 ? sent : poisson(random, sent * rate),
              isBounce ? left : sent,
            );
            if (isBounce) left -= messages;
            add(period, names, failure, messages, { failure, reason, status });
          };
          for (const { rate, failure, reason, status } of troubles) {
            const own = rate(place);
            if (own > 0) fail(own, [failure, reason, status]);
          }
          for (const [kind, rate] of Object.entries(base)) {
            const varied =
              rate * ofStream * ofProvider[provider]! * (kind === 'hard' ? (stream.hard ?? 1) : 1);
            fail(varied, usualCauses[kind as keyof typeof usualCauses]);
          }
          if (sender.volumeKnown !== false) add(period, names, 'delivered', left, null);
        }
      }
    }
  }
  return {
    providers: counters.providers.counts(),
    sources: counters.sources.counts(),
    campaigns: counters.campaigns.counts(),
    lists: counters.lists.counts(),
  };
}

/** What a list owner with a form, a webinar and a newsletter sends: `daily` messages on a working day. */
export const ordinaryStreams = (daily: number): Stream[] => [
  { source: 'form', list: 'product', campaign: () => 'welcome', volume: steady(daily * 0.5) },
  {
    source: 'webinar',
    list: 'news',
    campaign: (day) => `news-${Math.floor(day / 7)}`,
    volume: steady(daily * 0.3),
    hard: 1.5,
  },
  { source: 'shop', list: 'orders', campaign: () => null, volume: steady(daily * 0.2), hard: 0.5 },
];

/** Looks every `stepHours` from one day to another, and returns all incidents as they are at the end. */
export function lifeOf(
  counts: IncidentCounts,
  { from, to, stepHours = 6 }: { readonly from: number; readonly to: number; readonly stepHours?: number },
): StoredIncident[] {
  const finder = incidentFinder(counts);
  const incidents = new Map<string, StoredIncident>();
  let id = 0;
  for (let now = start + from * dayMs; now <= start + to * dayMs; now += stepHours * hourMs) {
    const stored = [...incidents.values()];
    const steps = reconcile({
      found: finder.at(now, stored),
      stored,
      now,
      newId: () => `inc_${++id}`,
      hasMail: (incident) => finder.hasMail(now, incident),
    });
    for (const { incident } of steps) incidents.set(incident.id, incident);
  }
  return [...incidents.values()];
}

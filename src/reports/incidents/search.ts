// Looks for incidents in the counters. On Node another process does it, so what goes in and out can be sent between processes.

import { dayMs, startOfDay } from '../../durations.ts';
import type { CountQuery, EventCount, EventCounter } from '../count.ts';
import { incidentFinder } from './find.ts';
import { dailyMs, type FoundIncident, type IncidentCounts, type StoredIncident } from './incident.ts';

export interface IncidentQuestion {
  /** Epoch milliseconds. */
  readonly moment: number;
  /** The open incidents, and those that closed lately. */
  readonly stored: readonly StoredIncident[];
}

export interface IncidentAnswer {
  readonly found: readonly FoundIncident[];
  /** The ids of the stored incidents of which enough mail was sent lately to show that they are over. */
  readonly withMail: readonly string[];
}

/** Rejects if storage fails. */
export type IncidentSearch = (question: IncidentQuestion) => Promise<IncidentAnswer>;

/** The days that are counted by hour. */
const hourlyMs = 7 * dayMs;
/** Sources, campaigns and lists with fewer hard bounces and complaints than this in the last days are not loaded. */
const leastFailures = 5;

/** The dimensions with a name for each piece of the operator's mail, so there can be very many. */
type ManyNames = 'source' | 'campaign' | 'list';

/** The counts of the earlier days by name. They hardly change, so each name is read once a day. */
interface EarlierCounts {
  readonly day: number;
  readonly providers: readonly EventCount[];
  readonly named: Readonly<Record<ManyNames, Map<string | null, readonly EventCount[]>>>;
}

export function createIncidentSearch(counter: Pick<EventCounter, 'count'>): IncidentSearch {
  let earlier: EarlierCounts | null = null;

  async function countsAt(moment: number): Promise<IncidentCounts> {
    const day = startOfDay(moment);
    const hourlyFrom = day - hourlyMs;
    const before = { from: hourlyFrom - dailyMs, to: hourlyFrom, every: 'day' } as const;
    const last = { from: hourlyFrom, to: moment + 1, every: 'hour' } as const;
    if (earlier?.day !== day) {
      const providers = await counter.count({ ...before, by: 'provider' });
      earlier = { day, providers, named: { source: new Map(), campaign: new Map(), list: new Map() } };
    }
    const { providers, named } = earlier;
    const countBy = async (by: ManyNames) => {
      const names = await failingNames(by, last);
      return [
        ...(await namesOnce(counter, { ...before, by, names }, named[by])),
        ...(names.length === 0 ? [] : await counter.count({ ...last, by, names })),
      ];
    };
    return {
      providers: [...providers, ...(await counter.count({ ...last, by: 'provider' }))],
      sources: await countBy('source'),
      campaigns: await countBy('campaign'),
      lists: await countBy('list'),
    };
  }

  async function failingNames(by: ManyNames, { from, to }: { from: number; to: number }) {
    const counts = await counter.count({ from, to, by, every: 'all', causes: false });
    return counts
      .filter(({ tally }) => tally.hard + tally.complaint >= leastFailures)
      .map(({ name }) => name);
  }

  return async ({ moment, stored }) => {
    const finder = incidentFinder(await countsAt(moment));
    return {
      found: finder.at(moment, stored),
      withMail: stored.filter((incident) => finder.hasMail(moment, incident)).map(({ id }) => id),
    };
  };
}

/** Returns the counts of the names, and reads only those that `known` does not have yet. */
async function namesOnce(
  counter: Pick<EventCounter, 'count'>,
  query: CountQuery & { readonly names: readonly (string | null)[] },
  known: Map<string | null, readonly EventCount[]>,
): Promise<EventCount[]> {
  const names = query.names.filter((name) => !known.has(name));
  if (names.length > 0) {
    const counts = Map.groupBy(await counter.count({ ...query, names }), ({ name }) => name);
    for (const name of names) known.set(name, counts.get(name) ?? []);
  }
  return query.names.flatMap((name) => known.get(name)!);
}
